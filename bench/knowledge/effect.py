#!/usr/bin/env python3
"""Do quoted references keep a model from inventing calls? Raw samples of `generate`, with and without them.

    bench/knowledge/effect.py --gpiot BINARY --projects DIR --work DIR [--samples 6] [--seed 1] [--limit-s S]
                              [-- extra gpiot options]

DIR of --projects holds projects with specifications (of bench/requirements/run.py). Each is copied and its functions are
asked for again, once with --retrieval off and once on: same specifications, seeds and prompts but for the quoted lines. What
counts is the first problem of each sample (runtime/names.py), after the rules, what they put right being none, and before any
repair: `name` = something that does not exist,
`call` = arguments that do not bind, `import`. What is done is kept, so that the bench can be stopped. JSON on stdout."""
import argparse
import collections
import json
import os
import platform
import shutil
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
INVENTED = ("name", "call", "import")


def samples_of(folder):
    with open(os.path.join(folder, ".gpiot", "candidates.json"), encoding="utf-8") as file:
        store = json.load(file)
    return [c for step in store["candidates"] for c in step if c["origin"].startswith("sample ")]


def run(arguments, name, mode):
    folder = os.path.join(arguments.work, f"{name}-{mode}")
    kept = os.path.join(folder, "effect.json")
    if not os.path.exists(kept):
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(os.path.join(arguments.projects, name), folder)
        for old in ("candidates.json", "chosen.json", "answers.jsonl"):
            if os.path.exists(os.path.join(folder, ".gpiot", old)):
                os.remove(os.path.join(folder, ".gpiot", old))
        command = [arguments.gpiot, "generate", folder, "--retrieval", mode, "-n", str(arguments.samples), "--no-calibrate",
                   "--seed", str(arguments.seed), *arguments.extra]
        done = subprocess.run(command, capture_output=True, text=True, errors="replace")
        if not os.path.exists(os.path.join(folder, ".gpiot", "candidates.json")):
            print(f"{name} {mode}: {done.stderr[-300:]}", file=sys.stderr)
            return None
        kinds = collections.Counter(c["kind"] or "none" for c in samples_of(folder))
        with open(kept, "w", encoding="utf-8") as file:
            json.dump(kinds, file)
    with open(kept, encoding="utf-8") as file:
        return collections.Counter(json.load(file))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("gpiot", "projects", "work"):
        parser.add_argument("--" + name, required=True)
    parser.add_argument("--samples", type=int, default=6)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--limit-s", type=float, default=1e9, help="start no project after this many seconds")
    parser.add_argument("extra", nargs="*")
    arguments = parser.parse_args()
    start, done = time.monotonic(), []
    sums = {"off": collections.Counter(), "on": collections.Counter()}
    for name in sorted(os.listdir(arguments.projects)):
        if not os.path.isdir(os.path.join(arguments.projects, name, "specs")) or time.monotonic() - start > arguments.limit_s:
            continue
        both = {mode: run(arguments, name, mode) for mode in sums}
        if None in both.values():
            continue
        done.append(name)
        for mode, kinds in both.items():
            sums[mode] += kinds
        print(name, {mode: dict(kinds) for mode, kinds in both.items()}, file=sys.stderr, flush=True)
    commit = subprocess.run(["git", "-C", HERE, "rev-parse", "--short", "HEAD"], capture_output=True, text=True).stdout.strip()
    print(json.dumps({"bench": "knowledge-effect", "commit": commit, "seed": arguments.seed, "samples": arguments.samples,
                      "machine": f"{platform.machine()}, {os.cpu_count()} cores", "projects": done,
                      **{mode: {"raw_samples": sum(kinds.values()), "first_problem": dict(kinds),
                                "invented": sum(kinds[k] for k in INVENTED)} for mode, kinds in sums.items()}}, indent=1))


if __name__ == "__main__":
    main()
