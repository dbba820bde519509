"""Passages of about 300 tokens from the docstrings of numpy and scipy, as JSON lines; always the same ones for the same
versions.

    ~/.cache/gpiot/python/bin/python3 embed_passages.py COUNT > passages.jsonl
"""

import importlib
import inspect
import json
import random
import re
import sys

MODULES = ("numpy", "numpy.linalg", "numpy.fft", "numpy.random", "numpy.ma", "numpy.lib.stride_tricks", "scipy.signal",
           "scipy.stats", "scipy.optimize", "scipy.interpolate", "scipy.ndimage", "scipy.fft", "scipy.linalg",
           "scipy.sparse", "scipy.spatial", "scipy.integrate", "scipy.special")
PASSAGE_CHARACTERS = 1150  # about 300 tokens of such text


def docstrings():
    seen = set()
    for name in MODULES:
        module = importlib.import_module(name)
        for member in sorted(dir(module)):
            text = inspect.getdoc(getattr(module, member)) or ""
            if not member.startswith("_") and len(text) >= 400 and text not in seen:
                seen.add(text)
                yield f"{name}.{member}", text


def passages():
    result = []
    for name, text in docstrings():
        passage = name + "\n"
        for word in re.findall(r"\S+\s*", text):
            passage += word
            if len(passage) > PASSAGE_CHARACTERS:
                result.append(passage)
                passage = name + "\n"
    random.Random(7).shuffle(result)
    return result


def main():
    for text in passages()[:int(sys.argv[1])]:
        print(json.dumps({"text": text}))


if __name__ == "__main__":
    main()
