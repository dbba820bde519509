"""What a device sent is read by one function, whose steps are the sentences of the requirement.

Usage: parser_test.py GPIOT_BINARY ROOT.   Exit status 0 when every check holds, 77 when there is no sandbox Python.
"""
import json
import os
import random

from scripted_model import Model
from support import Scratch, check, expect_error, gpiot, need_sandbox, read_json, shown, write

REQUIREMENT = """+++
title = "Meter telegrams"
packages = ["numpy"]
[data]
path = "data"
format = "jsonl"
files = "telegrams.jsonl"
items = "row"
[[data.inputs]]
name = "telegram"
type = "str"
description = "one telegram as hexadecimal text"
key = "telegram"
[labels]
format = "column"
column = "state"
[split]
by = "index"
final_share = 0.5
[result]
kind = "class"
[result.variable]
name = "state"
type = "str"
[evaluator]
kind = "classification"
accuracy = 0.999
+++

A telegram is 68, one byte, and their sum modulo 256. Say "damaged" where it is not so. Otherwise say "whole".
"""
HEAD = "```python\ndef read_telegram(telegram):\n    data = bytes.fromhex(telegram)\n"
TAIL = "```\n\n### Documentation\nIt compares the sum.\n"
RIGHT = HEAD + '    if len(data) != 3 or data[0] != 0x68 or sum(data[:2]) % 256 != data[2]:\n        return "damaged"\n    return "whole"\n' + TAIL
WRONG = HEAD + '    if len(data) != 3 or data[0] != 0x68:\n        return "damaged"\n    return "whole"\n' + TAIL


def make_telegrams(folder, count=60):
    chance = random.Random(7)
    rows = []
    for i in range(count):
        value = chance.randrange(256)
        data = bytes([0x68, value, (0x68 + value + (i % 3 == 0)) % 256])
        rows.append({"telegram": data.hex().upper(), "state": "damaged" if i % 3 == 0 else "whole"})
    write(folder, "requirement.md", REQUIREMENT)
    write(folder, "data/telegrams.jsonl", "\n".join(map(json.dumps, rows)) + "\n")


def a_right_answer_among_wrong_ones():
    model = Model(lambda text, body: RIGHT if body.get("seed") == 3 else WRONG)
    with Scratch() as folder:
        make_telegrams(folder)
        done = gpiot("synthesize", folder, *model.options(), "-n", "1", timeout_s=200)
        check(done.returncode == 0, "the right one of four answers is found", shown(done))
        check(len(model.asked) == 4, "the plan and its interface are by rule", str(len(model.asked)))
        steps = open(folder + "/subtasks.md", encoding="utf-8").read()
        check("[Read telegram]" in steps and "bytes.fromhex(telegram)" in steps and 'Otherwise say "whole".' in steps,
              "the sentences are the steps", steps)
        check(not read_json(folder, ".gpiot", "chosen.json")["calibrated"], "no number of a stated form is fitted")


def what_went_wrong_is_shown():
    model = Model(lambda text, body: WRONG)
    with Scratch() as folder:
        make_telegrams(folder)
        done = gpiot("synthesize", folder, *model.options(), "-n", "1", "--plans", "1", "--repair", "1", timeout_s=200)
        line = ': got "whole", expected "damaged"'
        check(done.returncode == 3, "wrong answers are not accepted", shown(done))
        check(line in done.stdout, "an item that was read wrong is shown", shown(done))
        check(line in model.asked[-1] and "Write `def read_telegram(telegram)` again" in model.asked[-1],
              "and goes back to the model", model.asked[-1])


def the_form_is_found_on_labelled_frames():
    model = Model(lambda text, body: WRONG)
    with Scratch() as folder:
        make_telegrams(folder)
        done = gpiot("synthesize", folder, *model.options(own=True), timeout_s=200)
        check(done.returncode == 0 and not model.asked, "the verdicts are told by the form of the frames", shown(done))
        code = open(folder + "/app/read_telegram.py", encoding="utf-8").read()
        check('"sum of 8 bits"' in code and "def checksum(" in code and "import checksum" not in code,
              "by a checksum that is named, in a function that stands alone", code)


def wrong_labels_are_named():
    with Scratch() as folder:
        make_telegrams(folder, 200)
        path = folder + "/data/telegrams.jsonl"
        lines = open(path, encoding="utf-8").read().splitlines()
        lines[10] = lines[10].replace("whole", "damaged")
        write(folder, "data/telegrams.jsonl", "\n".join(lines) + "\n")
        done = gpiot("synthesize", folder, "--no-model", timeout_s=200)
        check("all but 1 of 100 labelled frames" in done.stderr and "look at the labels of telegrams-10" in done.stderr,
              "a label that is not as the form tells is named", shown(done))
        check("accuracy 1.000" in done.stdout, "and the form tells the final part", shown(done))


def a_number_in_a_line_of_text():
    with Scratch() as folder:
        chance = random.Random(2)
        rows = []
        for _ in range(60):
            knots = chance.randrange(400) / 10
            course = chance.choice(["", f"{chance.random() * 360:.1f}"])
            rows.append({"line": f"$GPVTG,{course},T,,M,{knots},N*{chance.randrange(256):02X}", "speed": round(knots * 0.514444, 4)})
        write(folder, "data/lines.jsonl", "\n".join(map(json.dumps, rows)) + "\n")
        done = gpiot("init", "What speed does each line of the receiver give, in m/s?", "--data", folder + "/data", "-o", folder + "/made",
                     "--label", "speed")
        folder += "/made"
        text = open(folder + "/requirement.md", encoding="utf-8").read()
        check(done.returncode == 0 and 'key = "line"' in text and 'kind = "value"' in text, "init takes lines of text", shown(done) + text)
        done = gpiot("synthesize", folder, "--no-model", timeout_s=200)
        check(done.returncode == 0 and "R2 1.000" in done.stdout, "the number is found in its field", shown(done))
        code = "".join(open(f"{folder}/app/{name}", encoding="utf-8").read() for name in sorted(os.listdir(folder + "/app"))
                       if name.startswith("read_"))
        check('"field"' in code and '"way": "number"' in code and "def number_in(" in code, "in a function that stands alone", code)


def init_makes_the_requirement():
    with Scratch() as folder:
        make_telegrams(folder)
        done = gpiot("init", "Say whether a telegram is whole", "--data", folder + "/data", "-o", folder + "/made")
        text = open(folder + "/made/requirement.md", encoding="utf-8").read()
        check(done.returncode == 0 and 'key = "telegram"' in text and "learned" not in text, "init takes the frames for the input", text)
        done = gpiot("synthesize", folder + "/made", "--no-model", timeout_s=200)
        check(done.returncode == 0, "and what it wrote ends with a program", shown(done))


def where_they_do_not_tell_it_the_model_is_asked():
    model = Model(lambda text, body: WRONG)
    with Scratch() as folder:
        make_telegrams(folder)
        path = folder + "/data/telegrams.jsonl"
        rows = [json.loads(line) for line in open(path, encoding="utf-8")]
        chance = random.Random(1)
        write(folder, "data/telegrams.jsonl",
              "".join(json.dumps({**row, "state": chance.choice(["damaged", "whole"])}) + "\n" for row in rows))
        expect_error(gpiot("synthesize", folder, "--no-model"), "unsupported", "no form of theirs without a model",
                     "no form that tells the labelled ones")
        done = gpiot("synthesize", folder, *model.options(own=True), "-n", "1", "--plans", "1", "--repair", "0", timeout_s=200)
        check("no form was found that tells the labelled frames" in done.stderr, "it is said that there is none", shown(done))
        check(done.returncode == 3 and model.asked, "the model writes the function then", shown(done))


if __name__ == "__main__":
    need_sandbox()
    a_right_answer_among_wrong_ones()
    what_went_wrong_is_shown()
    the_form_is_found_on_labelled_frames()
    wrong_labels_are_named()
    a_number_in_a_line_of_text()
    init_makes_the_requirement()
    where_they_do_not_tell_it_the_model_is_asked()
