#!/usr/bin/env python3
"""self_test.py GPIOT_REPLAY ROOT: plays the sample trace with the model GPIOT_TEST_MODEL (status 77 where there is
none), then runs the whole bench with a stand-in for llama-server, or with GPIOT_LLAMA_SERVER where that is set."""
import json
import os
import subprocess
import sys
import tempfile

REPLAY, ROOT = sys.argv[1:3]
HERE = os.path.join(ROOT, "bench", "serving")
TRACE = os.path.join(HERE, "sample_trace.jsonl")
MODEL = os.environ.get("GPIOT_TEST_MODEL")
SERVER = os.environ.get("GPIOT_LLAMA_SERVER") or os.path.join(HERE, "fake_server.py")
RECORDED = [[9], [12, 7, 5, 11]]


def check(condition, what, shown=""):
    if not condition:
        sys.exit(f"FAILED: {what}\n{shown}")
    print(f"ok: {what}")


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True, timeout=500, env={**os.environ, "GPIOT_ROOT": ROOT})
    return done.returncode, done.stdout, done.stderr


def replay(*options):
    status, out, error = run(REPLAY, TRACE, "--model", MODEL, "--context", "512", *options)
    check(status == 0, f"gpiot-replay {' '.join(options)}", error)
    return json.loads(out)


def test_replay():
    natural = replay("--parallel", "2", "--threads", "1")
    check(natural["mode"] == "natural" and natural["parallel"] == 2 and natural["threads"] == 1, "the options hold")
    check([len(call["answers"]) for call in natural["calls"]] == [1, 4], "all requests are answered")
    fixed = replay("--fixed")
    check([call["answers"] for call in fixed["calls"]] == RECORDED, "fixed work is the recorded work", str(fixed))
    even = replay("--even")
    check([call["answers"] for call in even["calls"]] == [[9], [9, 9, 8, 8]], "even lengths are the means", str(even))
    check(fixed["completion_tokens"] == sum(map(sum, RECORDED)), "the tokens are counted")
    check(fixed["evaluated_prompt_tokens"] < fixed["prompt_tokens"], "shared prompts are evaluated once")
    check(fixed["wall_s"] > 0 and fixed["tok_s"] > 0, "the time is counted")
    status, _, error = run(REPLAY, os.path.join(HERE, "README.md"), "--model", MODEL)
    check(status != 0 and "agents.trace" in error, "what is no trace is refused", error)


def test_bench(folder):
    command = [os.path.join(HERE, "run.py"), "--trace", TRACE, "--model", MODEL, "--server", SERVER, "--work", folder,
               "--replay", REPLAY, "--repeats", "2", "--parallel", "4", "--context", "512", "--server-threads", "1,2",
               "--server-extra", ""]
    status, out, error = run(sys.executable, *command)
    check(status == 0, "the bench runs", error)
    result = json.loads(out)
    check(len(result["tuning"]["tried"]["parallel"]) == 6, "threads and layouts are tried", out)
    for mode in ("fixed", "even", "natural"):
        arms = result["results"][mode]
        walls = [arms[arm]["wall_s"]["all"] for arm in ("ours", "sequential", "parallel")]
        check(all(len(wall_s) == 2 for wall_s in walls), f"{mode}: repeats")
        check(set(arms["ratios"]) == {"ours / sequential", "ours / parallel"}, f"{mode}: ratios")
    check(result["trace"]["completion_tokens"] == sum(map(sum, RECORDED)), "the trace is described", out)

    kept = os.path.join(folder, "plays.jsonl")
    with open(kept, "ab") as file:
        file.write(b'{"key": "half')
    status, again, error = run(sys.executable, *command)
    check(status == 0 and json.loads(again)["results"] == result["results"], "what is done is not done again", error)
    with open(kept, "rb") as file:
        check(file.read().endswith(b"}\n"), "a half written line is cut off")


def main():
    if not MODEL:
        print("GPIOT_TEST_MODEL names no model")
        sys.exit(77)
    test_replay()
    with tempfile.TemporaryDirectory(prefix="gpiot-serving-") as folder:
        test_bench(folder)


if __name__ == "__main__":
    main()
