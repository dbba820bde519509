"""`gpiot model derive --widen` through the real binary: the copy, its record, and what is refused."""
import hashlib
import json
import os
import struct

from bad_model_test import a_model_without_weights, gguf, text
from support import Scratch, check, expect, expect_error, gpiot, shown, write

WIDTH, FFN = 32, 64


def model(family="llama"):
    """One block of floats; no program could run it."""
    names = {"blk.0.ffn_gate.weight": (WIDTH, FFN), "blk.0.ffn_up.weight": (WIDTH, FFN), "blk.0.ffn_down.weight": (FFN, WIDTH)}
    numbers = {f"{family}.embedding_length": WIDTH, f"{family}.feed_forward_length": FFN, f"{family}.block_count": 1}
    head = gguf({"general.architecture": family}, tensors=len(names))
    head = head[:16] + struct.pack("<Q", 1 + len(numbers)) + head[24:]
    head += b"".join(text(key) + struct.pack("<II", 4, value) for key, value in numbers.items())
    size = WIDTH * FFN * 4
    for place, (name, (columns, rows)) in enumerate(names.items()):
        head += text(name) + struct.pack("<IQQIQ", 2, columns, rows, 0, place * size)
    return head + bytes(-len(head) % 32) + b"w" * (size * len(names))


def widened(scratch):
    home = os.path.join(scratch, "home")
    path = write(scratch, "tiny.gguf", model())
    done = gpiot("--json", "model", "derive", path, "--widen", GPIOT_HOME=home)
    expect(done.returncode == 0, "a copy with a wider FFN is written", shown(done))
    made = json.loads(done.stdout.splitlines()[-1])
    with open(made["path"], "rb") as file:
        content = file.read()
    check(made["name"] == "tiny-wide64" and made["recipe"] == "widen ffn by 64" and
          made["parent"] == hashlib.sha256(model()).hexdigest() and made["sha256"] == hashlib.sha256(content).hexdigest(),
          "its record names hash, parent and recipe", made)
    check(len(content) == len(model()) + 3 * 64 * WIDTH * 4 and struct.pack("<II", 4, FFN + 64) in content, "it is wider by 64")
    done = gpiot("model", "list", GPIOT_HOME=home)
    check("tiny-wide64" in done.stdout and "derived" in done.stdout, "it is in the list", shown(done))
    check(gpiot("model", "verify", "tiny-wide64", GPIOT_HOME=home).returncode == 0, "it is what its record says")
    done = gpiot("model", "derive", path, "--widen", GPIOT_HOME=home)
    expect_error(done, "invalid_argument", "a copy over a copy", "is there already", expected=False)
    done = gpiot("model", "derive", "tiny-wide64", "--widen=100", "--name", "wider", GPIOT_HOME=home)
    check(done.returncode == 0 and done.stdout.strip().endswith("tiny.wide64.wide128.gguf"), "a copy of the copy, by another width",
          shown(done))
    os.remove(made["path"])
    listed = gpiot("model", "list", GPIOT_HOME=home).stdout.splitlines()
    check(["missing" in line for line in listed if line.startswith("tiny-wide64 ")] == [True],
          "the list says that its file is gone", listed)


def refused(scratch):
    home = os.path.join(scratch, "other")

    def says(what, code, content, *parts, arguments=("--widen",), **form):
        done = gpiot("model", "derive", write(scratch, "bad.gguf", content), *arguments, GPIOT_HOME=home)
        expect_error(done, code, what, *parts, **form)
        left = [name for _, _, names in os.walk(home) for name in names if ".gguf" in name]
        expect(left == [], f"{what}: something was written", left)

    says("another family", "unsupported", model("gemma"), "its architecture is 'gemma'", expected=False)
    says("a header without weights", "unsupported", a_model_without_weights(), "no single number", expected=False)
    says("a model that is cut", "format", model()[:-9], "cut short")
    done = gpiot("model", "derive", write(scratch, "tiny.gguf", model()), "--widen=0", GPIOT_HOME=home)
    expect(done.returncode == 2, "a width of 0 is taken", shown(done))
    done = gpiot("model", "derive", os.path.join(scratch, "tiny.gguf"), "--widen", "--format", "q8_0", GPIOT_HOME=home)
    check(done.returncode == 2 and "--format" in done.stderr, "one derivation at a time", shown(done))


if __name__ == "__main__":
    with Scratch() as folder:
        widened(folder)
        refused(folder)
