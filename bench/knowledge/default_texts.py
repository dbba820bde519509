#!/usr/bin/env python3
"""The texts that `gpiot knowledge add` embeds for the default set, in its own order, or a drawn sample of them: JSON lines.

    bench/knowledge/default_texts.py --gpiot BINARY --work DIR [--count 1920 --seed 7] > texts.jsonl

Starts the command on a base in DIR and stops it once all packages are read and the first texts are embedded: those that
wait still stand in the base, the few hundred embedded by then are missing. A text that several vectors have stands once.

A sample is of groups of texts of like length: an encoder that sorts by length and pads to the longest of a batch then
pads it as little as it does the whole set.
"""
import argparse
import json
import os
import random
import sqlite3
import subprocess
import time

GROUP = 64
BETWEEN_TEXTS, AFTER_WEIGHT = "\x1f", "\x1e"  # store/knowledge_writer.cpp
WAITING = """SELECT v.texts FROM vector v JOIN passage p ON p.id = (SELECT min(passage) FROM passage_vector
    WHERE vector = v.id) JOIN document d ON d.id = p.document JOIN source s ON s.id = d.source
    WHERE v.components IS NULL ORDER BY s.rank, v.id"""


def count_embedded(database):
    try:
        with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
            return connection.execute("SELECT count(components) FROM vector").fetchone()[0]
    except sqlite3.OperationalError:  # not there yet, or being made
        return 0


def read_packages(gpiot, folder):
    database = os.path.join(folder, "knowledge.sqlite3")
    if not os.path.exists(database):
        job = subprocess.Popen([gpiot, "knowledge", "add", "--knowledge", folder], stdout=subprocess.DEVNULL)
        while job.poll() is None and not count_embedded(database):
            time.sleep(1)
        job.terminate()
        job.wait()
    return database


def texts_of(database):
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        rows = connection.execute(WAITING).fetchall()
    parts = (part for (packed,) in rows for part in packed.split(BETWEEN_TEXTS))
    return list(dict.fromkeys(part.split(AFTER_WEIGHT, 1)[1] for part in parts))


def sample(texts, count, seed):
    """Every n-th group of GROUP neighbours of the texts sorted by length, about `count` texts, mixed."""
    ordered = sorted(texts, key=len, reverse=True)
    groups = [ordered[i:i + GROUP] for i in range(0, len(ordered) - GROUP + 1, GROUP)]
    step = max(1, len(groups) * GROUP // count)
    draw = random.Random(seed)
    chosen = [text for group in groups[draw.randrange(step)::step] for text in group]
    draw.shuffle(chosen)
    return chosen


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--gpiot", required=True)
    parser.add_argument("--work", required=True)
    parser.add_argument("--count", type=int, help="about as many are drawn; without it, all")
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    texts = texts_of(read_packages(arguments.gpiot, os.path.join(arguments.work, "base")))
    if arguments.count is not None:
        texts = sample(texts, arguments.count, arguments.seed)
    for text in texts:
        print(json.dumps({"text": text}, ensure_ascii=False))


if __name__ == "__main__":
    main()
