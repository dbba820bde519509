#!/usr/bin/env python3
"""The fifty requirements: what share ends in a program that measurably works?

    bench/requirements/run.py --data-root DIR --made DIR --work DIR [--part tuning|final|all] [--only ID,ID] [--seed 1]
                              [--mode synthesize|own|plain|loop] [--model NAME] [--endpoint URL] [--limit-s S] [--shuffled] [--loop-tokens N]
                              [--gpiot PROGRAM] [-- extra gpiot options]

DIR of --data-root holds the real data sets (see README.md), that of --made what make_data.py wrote. Each requirement has
a project of its own under --work; one that is done is not run again, so the bench can be stopped and started at will
(with --shuffled what is done so far is a fair sample of the list).
`--mode own` asks no model: gpiot's own plan and functions alone (`--no-model`; where it has none, the row says so).
`--mode plain` asks the same model once, in plain words; `--mode loop` is a plain agent loop with as many tokens as the
synthesis of the same seed under the same --work took (plain.py), or with --loop-tokens: most syntheses ask no model, and
then the first question alone takes more. `--mode check` asks no model: it only looks whether
data, labels, split and evaluator of each fit each other (exit status 5, no model, where they do). The summary goes to stdout as JSON: the share whose chain of specifications holds before any mending, whose program ends
with contracted output on the final part, and that reaches its threshold there, each with its 95 % interval (Wilson), and
where the others failed.
"""
import argparse
import collections
import json
import math
import os
import platform
import random
import re
import shutil
import statistics
import subprocess
import sys
import time

import plain

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "bench", "common"))

from reports import last_report  # noqa: E402

ORDER_SEED = 20261126
NOWHERE = "http://127.0.0.1:9"  # all checks come before the first question to a model


def wanted(arguments):
    with open(os.path.join(HERE, "list.json"), encoding="utf-8") as file:
        rows = json.load(file)["requirements"]
    only = arguments.only.split(",") if arguments.only else None
    if only:
        unknown = set(only) - {row["id"] for row in rows}
        if unknown:
            raise SystemExit(f"not in list.json: {', '.join(sorted(unknown))}")
        return [row for row in rows if row["id"] in only]
    rows = [row for row in rows if arguments.part in ("all", row["part"])]
    if arguments.shuffled:
        random.Random(ORDER_SEED).shuffle(rows)
    return rows


def make_project(folder, row, arguments):
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(HERE, row["id"], "requirement.md"), encoding="utf-8") as file:
        text = file.read()
    text = text.replace("{{data}}", os.path.abspath(arguments.data_root)).replace("{{made}}", os.path.abspath(arguments.made))
    with open(os.path.join(folder, "requirement.md"), "w", encoding="utf-8") as file:
        file.write(text)
    return text


def project_of(row, mode, arguments):
    return os.path.join(arguments.work, f"{row['id']}-{arguments.seed}" + ("" if mode == "synthesize" else f"-{mode}"))


def tokens_of(row, arguments):
    """Tokens that the synthesis took: prompts and answers of all it asked (none, where it asked no model)."""
    folder = project_of(row, "synthesize", arguments)
    if not os.path.exists(os.path.join(folder, "bench.json")):
        raise SystemExit(f"{row['id']}: run --mode synthesize first: the loop gets as many tokens")
    path = os.path.join(folder, ".gpiot", "answers.jsonl")
    if not os.path.exists(path):
        return 0
    with open(path, encoding="utf-8") as file:
        answers = [json.loads(line) for line in file]
    return sum(answer.get("prompt_tokens", 0) + answer.get("completion_tokens", 0) for answer in answers)


def why(log, final):
    """(stage, reason) of a run that is not accepted: what to mend first."""
    error = re.search(r"^error \((\w+)\): \[([\w.]+)\] (.*)$", log, re.MULTILINE)
    if not final:
        return (error.group(2), error.group(1)) if error else ("unknown", "no report")
    measured = final.get("measured") or {}
    if not final["budget"]["within"]:
        return "final", "budget"
    if not measured:
        ending = final["program"]["ending"]
        trace = re.findall(r"^(\w+(?:Error|Exception))", final["program"]["stderr"], re.MULTILINE)
        return "final", trace[-1] if trace else f"did not finish: {ending}"
    if not measured["contract"]["kept"]:
        return "final", "contract: " + measured["contract"]["breaches"][0]["kind"]
    return "final", "threshold missed"


def figures_of(final):
    measured = final.get("measured") or {}
    for kind, names in (("pooled", ("precision", "recall")), ("classes", ("accuracy", "macro_f1")),
                        ("values", ("mae", "rmse", "r2"))):
        if measured.get(kind):
            return {name: measured[kind][name] for name in names}
    return {}


def commit_now():
    """Each row has its own: a list of fifty takes several days of starts and stops."""
    done = subprocess.run(["git", "-C", ROOT, "rev-parse", "--short", "HEAD"], capture_output=True, text=True)
    return done.stdout.strip()


def own_functions_of(folder):
    """The functions of the chosen chain that are gpiot's own and not the model's."""
    try:
        with open(os.path.join(folder, ".gpiot", "chosen.json"), encoding="utf-8") as file:
            steps = json.load(file)["steps"]
    except (OSError, ValueError):
        return []
    return [re.findall(r"^def (\w+)", step["code"], re.M)[-1] for step in steps if step["origin"].startswith("gpiot's own")]


def run_one(folder, row, arguments):
    requirement = make_project(folder, row, arguments)
    command = [arguments.gpiot, "synthesize", folder, "--seed", str(arguments.seed)]
    command += ["--model", arguments.model] if arguments.model else []
    endpoint = NOWHERE if arguments.mode == "check" else arguments.endpoint
    command += ["--endpoint", endpoint] if endpoint else []
    commit, start = commit_now(), time.monotonic()
    if arguments.mode == "check":
        done = subprocess.run(command + ["--no-own-functions"], capture_output=True, text=True, errors="replace")
    elif arguments.mode == "plain":
        done = plain.ask_once(arguments, folder, requirement)
    elif arguments.mode == "loop":
        done = plain.loop(arguments, folder, requirement, arguments.loop_tokens or tokens_of(row, arguments))
    else:
        command += ["--no-model"] if arguments.mode == "own" else []
        done = subprocess.run(command + arguments.extra, capture_output=True, text=True, errors="replace")
    wall_s = time.monotonic() - start
    log = done.stderr + done.stdout
    with open(os.path.join(folder, "log.txt"), "w", encoding="utf-8") as file:
        file.write(log)
    if done.returncode == 2 and "error (unsupported)" not in log:  # no result: mostly data that is not there
        raise SystemExit(f"{row['id']}: gpiot refuses what it was given:\n{log.strip()[-600:]}")
    final = last_report(folder, "final") or {}
    measured = final.get("measured") or {}
    stage, reason = ("", "") if final.get("accepted") else why(log, final)
    return {"id": row["id"], "commit": commit, "part": row["part"], "kind": row["kind"], "learned": row["learned"],
            "modality": row["modality"], "wall_s": round(wall_s, 1), "exit": done.returncode,
            "chain_unmended": "the chain of inputs and outputs holds" in log and "mended: " not in log,
            "contract_kept": bool(measured) and measured["contract"]["kept"], "accepted": bool(final.get("accepted")),
            "measured": figures_of(final), "threshold": row["threshold"], "own_functions": own_functions_of(folder),
            "stage": stage, "reason": reason}


def interval(good, n):
    """95 % interval of a share. Source: Wilson 1927."""
    if n == 0:
        return None
    z, p = 1.96, good / n
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return [round(max(0.0, middle - half), 3), round(min(1.0, middle + half), 3)]


def share(rows, key):
    good = sum(bool(row[key]) for row in rows)
    return {"good": good, "of": len(rows), "share": round(good / len(rows), 3) if rows else None,
            "interval_95": interval(good, len(rows))}


def summary(rows):
    kinds = {}
    for row in rows:
        kinds.setdefault(row["kind"] + (", learned" if row["learned"] else ""), []).append(row)
    return {"chain_unmended": share(rows, "chain_unmended"), "contract_kept": share(rows, "contract_kept"),
            "accepted": share(rows, "accepted"),
            "by_kind": {kind: share(some, "accepted") for kind, some in kinds.items()},
            "failures": collections.Counter(f"{r['stage']}: {r['reason']}" for r in rows if not r["accepted"]),
            "median_wall_s": statistics.median(row["wall_s"] for row in rows) if rows else None}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-root", required=True)
    parser.add_argument("--made", required=True)
    parser.add_argument("--work", required=True)
    parser.add_argument("--part", default="tuning", choices=("tuning", "final", "all"))
    parser.add_argument("--only", default="")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--mode", default="synthesize", choices=("synthesize", "own", "plain", "loop", "check"))
    parser.add_argument("--model", default="")
    parser.add_argument("--endpoint", default="", help="OpenAI-compatible base URL in place of a local model, in all modes")
    parser.add_argument("--limit-s", type=float, default=1e9, help="start no requirement after this many seconds")
    parser.add_argument("--shuffled", action="store_true", help="in an order drawn once, the same in each run")
    parser.add_argument("--loop-tokens", type=int, default=0, help="tokens of the plain agent loop (default: the synthesis's)")
    parser.add_argument("--gpiot", default=os.path.join(ROOT, "gpiot"), help="the program to measure (default: ./gpiot)")
    parser.add_argument("extra", nargs="*")
    arguments = parser.parse_args()
    results, start = [], time.monotonic()
    for row in wanted(arguments):
        folder = project_of(row, arguments.mode, arguments)
        kept = os.path.join(folder, "bench.json")
        if not os.path.exists(kept):
            if time.monotonic() - start > arguments.limit_s:
                break
            shutil.rmtree(folder, ignore_errors=True)
            result = run_one(folder, row, arguments)
            with open(kept, "w", encoding="utf-8") as file:
                json.dump(result, file)
        with open(kept, encoding="utf-8") as file:
            results.append(json.load(file))
        print(json.dumps(results[-1]), file=sys.stderr, flush=True)
    parts = {part: [row for row in results if row["part"] == part] for part in ("tuning", "final")}
    print(json.dumps({
        "bench": "requirements", "mode": arguments.mode, "commit": commit_now(), "seed": arguments.seed,
        "machine": f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores",
        "model": arguments.model or "default", "extra": arguments.extra,
        **{part: summary(rows) for part, rows in parts.items() if rows}, "results": results}, indent=1))


if __name__ == "__main__":
    main()
