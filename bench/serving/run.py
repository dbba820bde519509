#!/usr/bin/env python3
"""Wall time of one requirement's generation calls: gpiot against llama-server, one by one and in parallel.

    bench/serving/run.py --trace FILE --server PATH --work DIR [--fixed] [--even] [--natural]

The calls are those of a trace (GPIOT_TRACE=FILE ./gpiot synthesize ...), both sides use the same weight file. First
llama-server's settings are tried on shortened answers and the best are kept, then the three take turns. What is done
is kept under --work: the bench can be stopped and started at will. The result goes to stdout as JSON. See README.md.
"""
import argparse
import json
import os
import platform
import signal
import subprocess
import sys

import summary
from plays import Plays

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
REPLAY = os.path.join(ROOT, "build", "release", "bench", "serving", "gpiot-replay")
MODES = ["fixed", "even", "natural"]
EXTRAS = ["", "-ctk q8_0 -ctv q8_0", "--cache-ram 0 --no-cache-idle-slots"]


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trace", required=True)
    parser.add_argument("--model", required=True, help="path of the GGUF file")
    parser.add_argument("--server", required=True, help="llama-server, built as README.md says")
    parser.add_argument("--work", required=True)
    parser.add_argument("--replay", default=REPLAY, help="gpiot-replay of the release build")
    parser.add_argument("--fixed", action="store_true", help="only: the recorded number of tokens for each answer")
    parser.add_argument("--even", action="store_true", help="only: for each answer the mean of those to its prompt")
    parser.add_argument("--natural", action="store_true", help="only: grammars and ends as they are")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--parallel", type=int, default=32, help="answers at a time, gpiot")
    parser.add_argument("--threads", type=int, default=0, help="gpiot; 0 = physical cores")
    parser.add_argument("--context", type=int, default=4096, help="tokens of a prompt and its answer, gpiot")
    parser.add_argument("--slots", type=int, default=0, help="llama-server's -np; 0 = the largest batch")
    parser.add_argument("--server-threads", default="1,2", help="to be tried")
    parser.add_argument("--server-extra", action="append",
                        help="--server-extra='OPTIONS': more to be tried; repeatable; '' = none")
    parser.add_argument("--tune-share", type=float, default=0.25, help="length of answers in the trials")
    return parser.parse_args()


def settings(plays, arm, arguments):
    """llama-server's settings to begin with, and the changes to try, step by step."""
    threads = [int(number) for number in arguments.server_threads.split(",")]
    extras = EXTRAS if arguments.server_extra is None else arguments.server_extra
    first = {"threads": threads[0], "slots": 1, "kv_unified": False, "grouped": False, "extra": extras[0]}
    steps = [[{"threads": number} for number in threads], [{"extra": extra} for extra in extras]]
    if arm == "parallel":
        first |= {"slots": arguments.slots or plays.largest_batch, "grouped": True}
        steps.insert(1, [{"grouped": grouped, "kv_unified": unified}
                         for grouped in (True, False) for unified in (False, True)])
    return first, steps


def tune(plays, arm, arguments):
    """The best settings of llama-server and what was tried: of each step the fastest is kept."""
    best, steps = settings(plays, arm, arguments)
    tried = []
    for step in steps:
        configs = [{**best, **change} for change in step]
        if len(configs) > 1:
            trials = [plays.play(arm, "fixed", config, arguments.tune_share) for config in configs]
            tried += [{**config, "wall_s": round(trial["wall_s"], 2), "others_cpu_s": trial["others_cpu_s"]}
                      for config, trial in zip(configs, trials)]
            best = min(trials, key=lambda trial: trial["wall_s"])["config"]
    return best, tried


def measure(plays, modes, configs, repeats):
    """{mode: {arm: [play, ...]}}; the arms take turns, so that a busy minute meets all of them."""
    found = {mode: {arm: [] for arm in configs} for mode in modes}
    for repeat in range(repeats):
        for mode in modes:
            for arm, config in configs.items():
                found[mode][arm].append(plays.play(arm, mode, config, repeat=repeat))
    return found


def main():
    arguments = parse()
    # So that llama-server is stopped, too.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    ours = {"parallel": arguments.parallel, "threads": arguments.threads, "context": arguments.context}
    files = {name: os.path.abspath(getattr(arguments, name)) for name in ("trace", "model", "server", "replay")}
    plays = Plays(arguments.work, files, ours)
    modes = [mode for mode in MODES if getattr(arguments, mode)] or MODES
    configs, tried = {"ours": ours}, {}
    for arm in ("sequential", "parallel"):
        configs[arm], tried[arm] = tune(plays, arm, arguments)
    found = measure(plays, modes, configs, arguments.repeats)
    describe = ["git", "-C", ROOT, "describe", "--always", "--dirty"]
    commit = subprocess.run(describe, capture_output=True, text=True).stdout
    print(json.dumps({
        "bench": "serving", "commit": commit.strip(), "machine": summary.machine(), "python": platform.python_version(),
        "omp_wait_policy": os.environ.get("OMP_WAIT_POLICY", "not set"),
        "files": {name: {"name": os.path.basename(path), "sha256": plays.hashes[name]} for name, path in files.items()},
        "llama_server": plays.version_of_server(), "trace": summary.of_trace(plays.calls), "notes": summary.NOTES,
        "tuning": {"share_of_answers": arguments.tune_share, "tried": tried},
        "configs": configs, "results": {mode: summary.of_mode(arms) for mode, arms in found.items()}}, indent=1))


if __name__ == "__main__":
    main()
