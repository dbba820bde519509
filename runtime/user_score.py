"""Runs a user's own evaluator in a sandbox of its own.

score.py, in the folder above this one's, defines `score(truth, predicted)`: two dicts by record id; it returns {name: number}.
Input on stdin: {"truth": {id: value}, "predicted": {id: value}}.   Output in --out: {"metrics": {name: number}}
"""
import argparse
import importlib.util
import json
import math
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", required=True)
    arguments = parser.parse_args()
    job = json.load(sys.stdin)
    spec = importlib.util.spec_from_file_location("score", os.path.join(os.path.dirname(HERE), "score.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    metrics = module.score(job["truth"], job["predicted"])
    plain = {str(name): float(value) for name, value in dict(metrics).items()}
    for name, value in plain.items():
        if not math.isfinite(value):
            raise ValueError(f"score: {name} is {value}, expected a finite number")
    with open(arguments.out, "w", encoding="utf-8") as file:
        json.dump({"metrics": plain}, file)


if __name__ == "__main__":
    main()
