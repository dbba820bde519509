"""Reads packages, or documents and cuts those into passages, in one go.

Usage: knowledge_read.py [--data DIR] --out DIR.   Input on stdin: {"packages": [name]} or {"files": [paths below DIR]}, and
optional "characters" of a passage and "patience", which makes limits on the time of day so many times as long. Output:
objects.jsonl and packages.json, or passages.jsonl and documents.json; their form is in docs/knowledge.md. Exit status 3
where something was refused; the rest is in the output all the same.
"""
import argparse
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import knowledge_chunks  # noqa: E402
import knowledge_package  # noqa: E402
import knowledge_text  # noqa: E402
from knowledge_errors import keep_nearest  # noqa: E402
from knowledge_mentions import count_mentions  # noqa: E402
from knowledge_lines import Refusal, refuse, write_line  # noqa: E402


def read(job, data, out):
    packages = "packages" in job
    if packages == ("files" in job):
        raise Refusal("the job", "neither packages nor files, or both", "one of them")
    patience = job.get("patience", 1)
    if isinstance(patience, bool) or not isinstance(patience, (int, float)) or not 1 <= patience <= 100:
        raise Refusal("patience", repr(patience)[:200], "a number from 1 to 100")
    reader = knowledge_package if packages else knowledge_text
    seconds = {"seconds": round(reader.LIMITS["seconds"] * patience)}
    if packages:
        status = reader.read_all({"packages": job["packages"], "limits": seconds}, out)
        compare_objects(os.path.join(out, "objects.jsonl"))
        return status
    status = reader.read_all({"files": job["files"], "limits": seconds}, data, out)
    limits = {"characters": job["characters"]} if "characters" in job else {}
    return max(status, knowledge_chunks.cut_all({"limits": limits}, out, out))


def compare_objects(path):
    """Writes into each object of the file what only all objects together tell: "mentions" and "messages"."""
    with open(path, encoding="utf-8") as file:
        objects = [json.loads(line) for line in file]
    counts = count_mentions(objects)
    keep_nearest(objects)
    with open(path + ".partial", "w", encoding="utf-8") as file:
        for i, thing in enumerate(objects):
            write_line(file, {**thing, "mentions": counts.get(i, 0)})
    os.replace(path + ".partial", path)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", default="/data")
    parser.add_argument("--out", required=True)
    options = parser.parse_args()
    try:
        return read(json.load(sys.stdin), options.data, options.out)
    except (Refusal, ValueError, RecursionError) as error:
        return 3 * refuse(error if isinstance(error, Refusal) else Refusal("the job", str(error), "a JSON object"))


if __name__ == "__main__":
    sys.exit(main())
