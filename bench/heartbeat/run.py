#!/usr/bin/env python3
"""Heartbeat detection over many seeds: what share of whole syntheses ends with precision and recall >= .95?

    bench/heartbeat/run.py --seeds 1-20 --work /tmp/heartbeat [--model NAME] [--plain] [-- extra gpiot options]

Each seed has a project of its own under --work; a seed that is done is not run again, so the bench can be stopped and
started at will. `--plain` instead asks the same model once per seed, in plain words, for the whole program (gpiot-ask)
and measures that program the same way. The summary goes to stdout as JSON.
"""
import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "bench", "common"))

from reports import last_report  # noqa: E402

EXAMPLE = os.path.join(ROOT, "examples", "heartbeat-detection")
GPIOT = os.path.join(ROOT, "gpiot")
ASK = os.path.join(ROOT, "build", "release", "apps", "gpiot-ask")


def parse_seeds(text):
    seeds = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        seeds += range(int(first), int(last or first) + 1)
    return seeds


def make_project(folder):
    """A project with the example's requirement; the data stays where it is."""
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(EXAMPLE, "requirement.md"), encoding="utf-8") as file:
        text = file.read()
    data = os.path.join(EXAMPLE, "data")
    if 'path = "data"' not in text:
        raise SystemExit('the example\'s requirement.md no longer says path = "data"')
    with open(os.path.join(folder, "requirement.md"), "w", encoding="utf-8") as file:
        file.write(text.replace('path = "data"', f'path = "{data}"'))


def plain_prompt():
    with open(os.path.join(EXAMPLE, "requirement.md"), encoding="utf-8") as file:
        statement = file.read().split("+++", 2)[2].strip()
    return (f"{statement}\n\nWrite one complete Python program. It is called as `python main.py --data DIR --out FILE`. "
            "DIR/records.json holds {\"records\": [ids], \"channel\": name}; each record is the WFDB record "
            "DIR/test/<id>. Write one JSON line per record to FILE: "
            "{\"record\": id, \"r_peaks\": [sample indices]}. You may use numpy, scipy and wfdb.")


def run_plain(folder, seed, model):
    answer = subprocess.run([ASK, "--seed", str(seed)] + (["--model", model] if model else []),
                            input=plain_prompt(), text=True, capture_output=True, check=True).stdout
    code = answer.split("```python", 1)[-1].split("```", 1)[0] if "```" in answer else answer
    os.makedirs(os.path.join(folder, "app"), exist_ok=True)
    with open(os.path.join(folder, "app", "main.py"), "w", encoding="utf-8") as file:
        file.write(code)
    return subprocess.run([GPIOT, "run", folder, "--final"], capture_output=True, text=True)


def run_seed(folder, seed, arguments):
    start = time.monotonic()
    if arguments.plain:
        done = run_plain(folder, seed, arguments.model)
    else:
        command = [GPIOT, "synthesize", folder, "--seed", str(seed), "--no-own-functions"]
        command += ["--model", arguments.model] if arguments.model else []
        done = subprocess.run(command + arguments.extra, capture_output=True, text=True)
    wall_s = time.monotonic() - start
    with open(os.path.join(folder, "log.txt"), "w", encoding="utf-8") as file:
        file.write(done.stderr + done.stdout)
    report = last_report(folder, "final") or {}
    pooled = (report.get("measured") or {}).get("pooled") or {}
    return {"seed": seed, "wall_s": round(wall_s, 1), "exit": done.returncode,
            "accepted": bool(report.get("accepted")), "precision": pooled.get("precision"),
            "recall": pooled.get("recall"), "error": "" if report else done.stderr[-400:]}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", default="1-20")
    parser.add_argument("--work", required=True)
    parser.add_argument("--model", default="")
    parser.add_argument("--plain", action="store_true")
    parser.add_argument("--limit-s", type=float, default=1e9, help="start no seed after this many seconds")
    parser.add_argument("extra", nargs="*")
    arguments = parser.parse_args()
    results, start = [], time.monotonic()
    for seed in parse_seeds(arguments.seeds):
        folder = os.path.join(arguments.work, f"{'plain' if arguments.plain else 'seed'}-{seed:03}")
        kept = os.path.join(folder, "bench.json")
        if not os.path.exists(kept):
            if time.monotonic() - start > arguments.limit_s:
                break
            shutil.rmtree(folder, ignore_errors=True)
            make_project(folder)
            result = run_seed(folder, seed, arguments)
            with open(kept, "w", encoding="utf-8") as file:
                json.dump(result, file)
        with open(kept, encoding="utf-8") as file:
            results.append(json.load(file))
        print(json.dumps(results[-1]), file=sys.stderr, flush=True)
    commit = subprocess.run(["git", "-C", ROOT, "rev-parse", "--short", "HEAD"], capture_output=True, text=True).stdout
    good = [r for r in results if (r["precision"] or 0) >= 0.95 and (r["recall"] or 0) >= 0.95]
    print(json.dumps({
        "bench": "heartbeat", "mode": "asked once in plain words" if arguments.plain else "synthesize",
        "commit": commit.strip(), "machine": f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores",
        "model": arguments.model or "default", "runs": len(results), "reached_095": len(good),
        "share_095": round(len(good) / len(results), 3) if results else None,
        "median_wall_s": statistics.median(r["wall_s"] for r in results) if results else None,
        "results": results}, indent=1))


if __name__ == "__main__":
    main()
