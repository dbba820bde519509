#!/usr/bin/env python3
"""Are the losses of two trainings the same at every step, within 1e-4 of each?

    bench/tune/same_losses.py ONE/log.jsonl TWO/log.jsonl

JSON on stdout; exit status 1 where they are not, or the steps are not the same."""
import json
import sys

LIMIT = 1e-4


def losses(path):
    with open(path, encoding="utf-8") as file:
        return {row["step"]: row["loss"] for row in map(json.loads, file) if row["kind"] == "step"}


def main():
    one, two = (losses(path) for path in sys.argv[1:3])
    same = bool(one) and one.keys() == two.keys()
    worst = max((abs(one[step] - two[step]) / one[step] for step in one.keys() & two.keys()), default=None)
    holds = same and worst <= LIMIT
    print(json.dumps({"bench": "same losses", "steps": [len(one), len(two)], "largest_relative_difference": worst,
                      "holds": holds}))
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
