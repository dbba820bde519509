#!/usr/bin/env python3
"""Can a training learn 32 records by heart, and does the served model then say them?

    bench/tune/overfit.py --gpiot ./gpiot --reproduce build/release/bench/tune/gpiot-bench-reproduce --model MODEL.gguf
                          --work DIR [--records examples/tiny-tune/records.jsonl] [--epochs 40] [--set KEY=VALUE ...]

Takes the 16 records of each task with the shortest answers, trains both roles on them without dropout (stopped, it goes
on), then lets libllama answer their prompts greedily with the exported adapters. JSON on stdout: the loss of the last
epoch of each task, and how many answers are the records' letter for letter. Exit status 1 where the loss is not below
.05 or fewer than 90 % are.
"""
import argparse
import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
EACH = 16
MOST_LOSS, LEAST_EQUAL = 0.05, 0.9


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gpiot", required=True)
    parser.add_argument("--reproduce", required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--work", required=True)
    parser.add_argument("--records", default=os.path.join(ROOT, "examples", "tiny-tune", "records.jsonl"))
    parser.add_argument("--epochs", type=int, default=40)
    parser.add_argument("--set", dest="settings", action="append", default=[])
    return parser.parse_args()


def shortest(path):
    with open(path, encoding="utf-8") as file:
        records = [json.loads(line) for line in file]
    chosen = []
    for task in ("tdd", "cgd"):
        of_task = [r for r in records if r["kind"].startswith(task)]
        chosen += sorted(of_task, key=lambda r: len(r["messages"][-1]["content"]))[:EACH]
    return [dict(record, split="train") for record in chosen]


def make(arguments):
    """The folder of the training; one that is there is gone on with."""
    folder = os.path.join(os.path.abspath(arguments.work), "overfit")
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "records.jsonl"), "w", encoding="utf-8") as file:
        file.writelines(json.dumps(record, ensure_ascii=False) + "\n" for record in shortest(arguments.records))
    settings = {"base": os.path.abspath(arguments.model), "data": ["records.jsonl"], "epochs": arguments.epochs,
                "dropout": 0.0, "learning_rate": 2e-3, "validation_share": 0.0}
    with open(os.path.join(folder, "tune.toml"), "w", encoding="utf-8") as file:
        file.writelines(f"{key} = {json.dumps(value)}\n" for key, value in settings.items())
    return folder


def train(arguments, folder):
    command = [arguments.gpiot, "tune", folder]
    for setting in arguments.settings:
        command += ["--set", setting]
    if os.path.isdir(os.path.join(folder, "tuned", "checkpoints")):
        command.append("--resume")
    if not os.path.exists(os.path.join(folder, "tuned", "cgslm.gguf")):
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=sys.stderr)
    with open(os.path.join(folder, "tuned", "log.jsonl"), encoding="utf-8") as file:
        return [row for row in map(json.loads, file) if row["kind"] == "step"]


def last_losses(log):
    """Of the last epoch: each task's by its tokens, and the mean of both by theirs."""
    last = [row for row in log if row["epoch"] == log[-1]["epoch"]]
    tokens = {task: sum(row[f"{task}_tokens"] for row in last) for task in ("tdd", "cgd")}
    sums = {task: sum(row[task] * row[f"{task}_tokens"] for row in last if row[f"{task}_tokens"]) for task in tokens}
    return {"loss": sum(sums.values()) / sum(tokens.values()), **{task: sums[task] / tokens[task] for task in tokens}}


def reproduced(arguments, folder, role, kind):
    adapter = os.path.join(folder, "tuned", f"{role}.gguf")
    out = subprocess.run([arguments.reproduce, arguments.model, adapter, os.path.join(folder, "records.jsonl"), "--kind", kind],
                         check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(out.stdout)


def main():
    arguments = parse()
    folder = make(arguments)
    log = train(arguments, folder)
    roles = {role: reproduced(arguments, folder, role, kind) for role, kind in (("tdslm", "tdd"), ("cgslm", "cgd"))}
    equal, records = (sum(r[key] for r in roles.values()) for key in ("equal", "records"))
    losses = last_losses(log)
    holds = losses["loss"] < MOST_LOSS and equal >= LEAST_EQUAL * records
    print(json.dumps({
        "bench": "overfit", "commit": roles["tdslm"]["commit"], "machine": roles["tdslm"]["machine"],
        "model": os.path.basename(arguments.model),
        "epochs": log[-1]["epoch"], "steps": log[-1]["step"], "last_epoch": losses,
        "training_s": sum(row["step_s"] for row in log), "equal": equal, "records": records, "holds": holds,
        "roles": roles}, indent=1))
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
