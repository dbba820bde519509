"""The lowest and highest values of a stretch of each record named, for a picture.

Input on stdin: {"stretches": [{"record", "start": sample, "length": samples}...], "columns": n}
Output in --out: {"record": [[low, high]...]...}; columns without a finite value are left out.
"""
import argparse
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import numpy as np  # noqa: E402

from records import Table, load_facts, read_record  # noqa: E402


def columns_of(signal, count):
    pairs = []
    for part in np.array_split(np.asarray(signal, dtype=float), max(1, min(count, len(signal)))):
        part = part[np.isfinite(part)]
        if part.size:
            pairs.append([float(part.min()), float(part.max())])
    return pairs


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", required=True)
    parser.add_argument("--out", required=True)
    arguments = parser.parse_args()
    job = json.load(sys.stdin)
    facts = load_facts(arguments.data)
    table = Table(arguments.data, facts) if facts["format"] == "table" else None
    pictures = {}
    for stretch in job["stretches"]:
        record = stretch["record"]
        values = (table.record(facts["records"].index(record)) if table
                  else read_record(arguments.data, facts, record))
        signal = values[facts["inputs"][0]["name"]]
        if getattr(signal, "ndim", 0) == 1:
            pictures[record] = columns_of(signal[stretch["start"]:stretch["start"] + stretch["length"]], job["columns"])
    with open(arguments.out, "w", encoding="utf-8") as file:
        json.dump(pictures, file)


if __name__ == "__main__":
    main()
