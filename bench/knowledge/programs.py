#!/usr/bin/env python3
"""What becomes of raw samples that were made with and without quoted references: programs?

    bench/knowledge/programs.py DIR --gpiot BINARY --work DIR [--knowledge KB] [--only NAME,...]

DIR holds pairs of projects NAME-off and NAME-on of the same specifications, whose samples are there (raw_names.py says how
they are made). Of each a copy is taken as far as samples alone carry it: chains are chosen, calibrated and measured, one
plan, no repair, and where no sample of a sub-task passes its checks the run ends, since it may ask no model. What is done is
kept in --work. JSON on stdout: how many end with a program that keeps its contract on the final part, how many reach their
threshold there, with 95 % intervals (Wilson), and McNemar's exact test of the pairs."""
import argparse
import glob
import json
import os
import random
import shutil
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "requirements")]

from raw_names import mcnemar  # noqa: E402
from run import interval  # noqa: E402

NOWHERE = "http://127.0.0.1:9/v1"  # the discard port: nothing answers there


def final_report(project):
    for path in sorted(glob.glob(os.path.join(project, "runs", "*", "report.json")), reverse=True):
        with open(path, encoding="utf-8") as file:
            report = json.load(file)
        if report["part"] == "final":
            return report
    return None


def outcome(project, log, status):
    report = final_report(project)
    contract = bool(report) and bool(report["measured"]) and report["measured"]["contract"]["kept"]
    with open(log, encoding="utf-8", errors="replace") as file:
        last = [line for line in file.read().splitlines() if line.strip()][-1:]
    return {"contract": contract, "accepted": bool(report) and report["accepted"], "status": status,
            "summary": report["summary"] if report else "".join(last)[:200]}


def run(arguments, name, mode):
    project = os.path.join(arguments.work, f"{name}-{mode}")
    kept = project + ".json"
    if not os.path.exists(kept):
        shutil.rmtree(project, ignore_errors=True)
        shutil.copytree(os.path.join(arguments.folder, f"{name}-{mode}"), project, ignore=shutil.ignore_patterns("lock"))
        command = [arguments.gpiot, "synthesize", project, "--seed", "1", "--plans", "1", "--repair", "0", "--no-own-functions",
                   "--retrieval", mode, "--endpoint", NOWHERE] + (["--knowledge", arguments.knowledge] if arguments.knowledge else [])
        with open(project + ".log", "w", encoding="utf-8") as log:
            status = subprocess.run(command, stdout=log, stderr=subprocess.STDOUT, check=False).returncode
        if status in (1, 2, 4, 6, 130):  # 3 and 5 are what may become of samples
            raise SystemExit(f"[bench.programs] {name}-{mode} was not tried: got exit status {status}, see {project}.log")
        with open(kept, "w", encoding="utf-8") as file:
            json.dump(outcome(project, project + ".log", status), file)
    with open(kept, encoding="utf-8") as file:
        return json.load(file)


def compared(rows, key):
    both = [(row["off"][key], row["on"][key]) for row in rows.values()]
    result = {mode: {"share": round(sum(pair[i] for pair in both) / max(1, len(both)), 3), "of": len(both),
                     "count": sum(pair[i] for pair in both), "interval_95": interval(sum(pair[i] for pair in both), len(both))}
              for i, mode in enumerate(("off", "on"))}
    result["only_off"], result["only_on"] = both.count((True, False)), both.count((False, True))
    return {**result, "mcnemar_p": mcnemar(result["only_off"], result["only_on"])}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--gpiot", required=True)
    parser.add_argument("--work", required=True)
    parser.add_argument("--knowledge")
    parser.add_argument("--only", help="names, with commas")
    arguments = parser.parse_args()
    names = sorted(os.path.basename(path)[:-4] for path in glob.glob(os.path.join(arguments.folder, "*-off")))
    names = [name for name in names if not arguments.only or name in arguments.only.split(",")]
    random.Random(1).shuffle(names)  # what is done when it is stopped is a fair part
    os.makedirs(arguments.work, exist_ok=True)
    rows, took = {}, []
    for name in names:
        began = time.time()
        rows[name] = {mode: run(arguments, name, mode) for mode in ("off", "on")}
        if time.time() - began > 1:  # what was kept says nothing of the rest
            took.append(time.time() - began)
        left = sum(took) / max(1, len(took)) * (len(names) - len(rows))
        print(f"{len(rows)} of {len(names)}, {left / 60:.0f} min left: {name}", file=sys.stderr, flush=True)
    print(json.dumps({"bench": "knowledge-programs", "contract_kept": compared(rows, "contract"), "accepted": compared(rows, "accepted"),
                      "rows": rows}, indent=1))


if __name__ == "__main__":
    main()
