#!/usr/bin/env python3
"""What it costs to spin, and to sleep, where computing threads wait for each other: alone and beside busy programs.

    bench/serving/waiting.py BENCH_DECODE MODEL [--tokens 12] [--rounds 2] [--busy 2] > result.json

BENCH_DECODE is build/release/bench/tune/gpiot-bench-decode. Both policies take turns, first alone, then beside `--busy`
programs that never rest; a figure is the milliseconds of one step of 1 and of 8 answers.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys

TURNS = 2


def measured(arguments, policy):
    """{batch size: [ms of a step...]} with threads that wait so; None: as OpenMP does by itself, it spins."""
    environment = {k: v for k, v in os.environ.items() if k not in ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT")}
    if policy:
        environment["OMP_WAIT_POLICY"] = policy
    done = subprocess.run([arguments.bench, arguments.model, "--tokens", str(arguments.tokens), "--rounds",
                           str(arguments.rounds)], capture_output=True, text=True, check=True, env=environment)
    report = json.loads(done.stdout)
    return report, {size: batch["ms_of_a_step"] for size, batch in report["forms"][0]["batches"].items()}


def both(arguments):
    """The two policies in turn."""
    steps, report = {"spinning": {}, "sleeping": {}}, {}
    for _ in range(TURNS):
        for name, policy in (("spinning", None), ("sleeping", "passive")):
            print(f"{name} ...", file=sys.stderr, flush=True)
            report, found = measured(arguments, policy)
            for size, values in found.items():
                steps[name].setdefault(size, []).extend(round(v, 1) for v in values)
    medians = {name: {size: round(statistics.median(v), 1) for size, v in sizes.items()} for name, sizes in steps.items()}
    ratios = {size: round(medians["sleeping"][size] / ms, 2) for size, ms in medians["spinning"].items()}
    return {"ms_of_a_step": steps, "median_ms": medians, "sleeping_over_spinning": ratios}, report


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("bench")
    parser.add_argument("model")
    parser.add_argument("--tokens", type=int, default=12)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--busy", type=int, default=2)
    arguments = parser.parse_args()
    alone, report = both(arguments)
    others = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(arguments.busy)]
    try:
        beside, report = both(arguments)
    finally:
        for other in others:
            other.kill()
    json.dump({"bench": "waiting threads", "commit": report["commit"], "machine": report["machine"],
               "backend": report["backend"], "model": report["forms"][0]["name"], "tokens": arguments.tokens,
               "alone": alone, "busy_programs": arguments.busy, "beside_them": beside}, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
