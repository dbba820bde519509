#!/usr/bin/env python3
"""Does look.py see what is there? Over 30 folders of real data: shapes, rates and the place of the labels.

    bench/init/look_all.py DATA [--python PYTHON] [--only NAME]

DATA holds the folders named in expected.json. What is expected was written from the descriptions of the data sets and
from the files, not from what look.py says: for one file of each kind the number of like files, some shapes (null: the
size varies), the rate as far as the files themselves tell it (null: they do not; "varies": the files differ) and the
first label candidate (null: there should be none). Prints JSON; `wrong_sure` lists what look.py states as sure, and is not.
"""
import argparse
import glob
import json
import os
import re
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
LOOK = os.path.join(HERE, "..", "..", "runtime", "look.py")


def look(python, folder):
    with tempfile.TemporaryDirectory() as out:
        run = subprocess.run([python, "-I", "-B", LOOK, "--data", folder, "--out", out], capture_output=True, text=True)
        if run.returncode:
            return {"groups": [], "error": run.stderr[-300:]}
        with open(os.path.join(out, "look.json"), encoding="utf-8") as file:
            return json.load(file)


def group_of(answer, folder, name):
    for group in answer["groups"]:
        pattern = group["glob"]
        if name in group["examples"] or pattern and name in glob.glob(pattern, root_dir=folder, recursive=True):
            return group
    return None


def rate_is_right(expected, rate):
    if expected is None:
        return rate is None
    if rate is None:
        return False
    if expected == "varies":
        return rate["value"] is None
    return rate["value"] is not None and abs(rate["value"] - expected) <= 0.01 * expected


def label_is_right(expected, labels):
    if expected is None:
        return not labels
    if not labels:
        return False
    name = re.sub(r"\{(?!label)\w+\}", "{*}", labels[0]["name"] or "") or None
    return [labels[0]["place"], name] == expected


def compare(expected, group):
    """({"shapes", "rates", "labels": right or not}, [what is wrong and stated as sure], [what is wrong])."""
    if group is None:
        return dict.fromkeys(("shapes", "rates", "labels"), False), [], [f"{expected['file']}: not seen"]
    fields = {f["name"]: f["shape"] for f in group["fields"]}
    shapes = {k: (fields.get(k, "absent"), v) for k, v in expected["shapes"].items() if fields.get(k, "absent") != v}
    if expected["files"] and group["files"] != expected["files"]:
        shapes["files"] = (group["files"], expected["files"])
    right = {"shapes": not shapes, "rates": rate_is_right(expected["rate_hz"], group["rate_hz"]),
             "labels": label_is_right(expected["label"], group["labels"])}
    sure = [f"{k}: {got}, expected {want}" for k, (got, want) in shapes.items() if got != "absent"]
    rate = group["rate_hz"]
    if not right["rates"] and rate and rate["sure"]:
        sure.append(f"rate {rate['value']}, expected {expected['rate_hz']}")
    if not right["labels"] and group["labels"] and group["labels"][0]["sure"]:
        sure.append(f"labels {group['labels'][0]['name']}, expected {expected['label']}")
    wrong = [f"{expected['file']}: {k}" for k, ok in right.items() if not ok]
    return right, [f"{expected['file']}: {s}" for s in sure], wrong


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("data")
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    with open(os.path.join(HERE, "expected.json"), encoding="utf-8") as file:
        everything = json.load(file)
    totals, sure, wrong = dict.fromkeys(("shapes", "rates", "labels", "all"), 0), {}, {}
    start = time.monotonic()
    names = [n for n in everything if options.only in n]
    for name in names:
        folder = os.path.join(options.data, name)
        answer = look(options.python, folder)
        results = [compare(e, group_of(answer, folder, e["file"])) for e in everything[name]]
        right = {k: all(r[0][k] for r in results) for k in ("shapes", "rates", "labels")}
        for key, ok in {**right, "all": all(right.values())}.items():
            totals[key] += ok
        sure[name] = [s for r in results for s in r[1]]
        wrong[name] = [w for r in results for w in r[2]] + [answer[k] for k in ("error",) if k in answer]
    print(json.dumps({"folders": len(names), "right": totals, "wrong_sure": {k: v for k, v in sure.items() if v},
                      "wrong": {k: v for k, v in wrong.items() if v}, "wall_s": round(time.monotonic() - start, 1)},
                     indent=1))


if __name__ == "__main__":
    main()
