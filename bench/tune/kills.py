#!/usr/bin/env python3
"""Is a training that is killed again and again the training that nobody disturbed?

    bench/tune/kills.py --gpiot ./gpiot --model MODEL.gguf --work DIR [--kills 10] [--seed 1]

Trains twice on the same made records: once undisturbed, and once with kill -9 at random moments (each try lives for a
quarter of an undisturbed life at most), each time gone on with by --resume. JSON on stdout: the largest difference of a
step's loss, and whether the adapters are equal byte for byte. Exit status 1 where they are not.
"""
import argparse
import hashlib
import json
import os
import platform
import random
import shutil
import signal
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
RECORDS = 20
ADAPTERS = [f"{role}.gguf" for role in ("tdslm", "cgslm")]


def record(number):
    answer = f"- Sub-Task 1 [Level {number}]\n- Implementation step 1: take the median of {number % 7 + 3} values."
    return {"id": f"r{number}", "kind": ("tdd", "cgd-d3")[number % 2], "source": {"licence": "CC0-1.0"},
            "split": "validation" if number >= RECORDS - 4 else "train", "messages": [
                {"role": "system", "content": "You plan."},
                {"role": "user", "content": f"Sensor {number} measures the level of a tank. What is to be done?"},
                {"role": "assistant", "content": answer}]}


def make(folder, model):
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    with open(os.path.join(folder, "records.jsonl"), "w", encoding="utf-8") as file:
        file.writelines(json.dumps(record(i)) + "\n" for i in range(RECORDS))
    settings = {"base": model, "data": ["records.jsonl"], "rank": 4, "epochs": 3, "batch_tokens": 160, "step_tokens": 160,
                "validate_every": 4, "learning_rate": 1e-3, "checkpoint_minutes": 0, "type": "f32", "dropout": 0.1}
    with open(os.path.join(folder, "tune.toml"), "w", encoding="utf-8") as file:
        file.writelines(f"{key} = {json.dumps(value)}\n" for key, value in settings.items())
    return folder


def losses(folder):
    path = os.path.join(folder, "tuned", "log.jsonl")
    if not os.path.exists(path):
        return {}
    with open(path, encoding="utf-8") as file:
        lines = [json.loads(line) for line in file if line.endswith("\n")]
    return {line["step"]: line["loss"] for line in lines if line["kind"] == "step"}


def train(gpiot, folder, *more):
    return subprocess.Popen([gpiot, "tune", folder, *more], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                            stderr=subprocess.DEVNULL, start_new_session=True)


def sha256(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def disturbed(gpiot, folder, kills, life_s, engine):
    """Each try lives for a quarter of an undisturbed life at most, so that all kills strike before the end."""
    struck = []
    while len(struck) < kills:
        process = train(gpiot, folder, "--resume")
        wait_s = engine.uniform(0, life_s / 4)
        try:
            process.wait(timeout=wait_s)
            break  # it came to its end: what is left are too few steps for more
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            struck.append({"after_s": round(wait_s, 2), "steps_in_log": max(losses(folder), default=0)})
            print(f"kill {len(struck)} of {kills}: after {wait_s:.1f} s, {struck[-1]['steps_in_log']} steps in the log",
                  file=sys.stderr, flush=True)
    return struck, train(gpiot, folder, "--resume").wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gpiot", required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--work", required=True)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    engine, model = random.Random(arguments.seed), os.path.abspath(arguments.model)
    whole, part = (make(os.path.join(arguments.work, name), model) for name in ("whole", "killed"))
    begin = time.monotonic()
    if train(arguments.gpiot, whole).wait() != 0:
        raise SystemExit("the undisturbed training failed")
    life_s = time.monotonic() - begin
    struck, status = disturbed(arguments.gpiot, part, arguments.kills, life_s, engine)
    wanted, got = losses(whole), losses(part)
    same_steps = sorted(wanted) == sorted(got)
    worst = max((abs(wanted[step] - got[step]) for step in wanted), default=0.0) if same_steps else None
    equal = same_steps and status == 0 and all(
        sha256(os.path.join(whole, "tuned", name)) == sha256(os.path.join(part, "tuned", name)) for name in ADAPTERS)
    commit = subprocess.run(["git", "-C", HERE, "rev-parse", "--short", "HEAD"], capture_output=True, text=True).stdout.strip()
    print(json.dumps({"bench": "tune, killed", "commit": commit, "machine": platform.processor() or platform.machine(),
                      "cores": os.cpu_count(), "seed": arguments.seed, "model": os.path.basename(model), "steps": len(wanted),
                      "undisturbed_s": round(life_s, 1), "kills": struck, "exit_status_at_the_end": status,
                      "largest_difference_of_a_loss": worst, "adapters_equal": equal}, indent=1))
    if not equal or len(struck) < arguments.kills or worst > 1e-6:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
