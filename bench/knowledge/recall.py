#!/usr/bin/env python3
"""Does the search find the right function? recall@5 and MRR of the real binary on queries.jsonl, or on fresh ones.

    bench/knowledge/recall.py --gpiot BINARY --knowledge DIR [--part tuning|final|fresh|fresh2|all]
        [--by both,words,vectors]

Run it with the Python of gpiot, whose packages the knowledge base was made from (gpiot knowledge add): a name counts under
any public name of the same object. JSON on stdout; every share with its 95 % interval (Wilson)."""
import argparse
import collections
import json
import math
import os
import platform
import subprocess
import sys

from names import resolve

HERE = os.path.dirname(os.path.abspath(__file__))
COUNT = 10


def same(one, other, objects):
    def thing(name):
        if name not in objects:
            try:
                objects[name] = resolve(name)
            except (AttributeError, ImportError):
                objects[name] = None
        return objects[name]
    return one == other or (thing(one) is not None and thing(one) is thing(other))


def search(arguments, query, by):
    done = subprocess.run([arguments.gpiot, "knowledge", "search", query, "-n", str(COUNT), "--by", by, "--json",
                           "--kind", "function", "class", "method", "object", "module"],
                          capture_output=True, text=True, env={**os.environ, "GPIOT_KNOWLEDGE": arguments.knowledge})
    if done.returncode:
        raise SystemExit(f"search failed: {done.stderr}")
    return [json.loads(line)["name"] for line in done.stdout.splitlines()]


def rank_of(names, relevant, objects):
    """From 1; 0 where none is among them."""
    return next((k for k, name in enumerate(names, 1) if any(same(name, r, objects) for r in relevant)), 0)


def interval(share, n):
    z = 1.96
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return [round(middle - half, 3), round(middle + half, 3)]


def figures(ranks):
    n = len(ranks)
    recall = {k: sum(1 <= r <= k for r in ranks) / n for k in (1, 5, 10)}
    return {"queries": n, **{f"recall_{k}": round(share, 3) for k, share in recall.items()},
            "recall_5_interval_95": interval(recall[5], n), "mrr_10": round(sum(1 / r for r in ranks if r) / n, 3)}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gpiot", required=True)
    parser.add_argument("--knowledge", required=True)
    parser.add_argument("--part", default="tuning", choices=("tuning", "final", "fresh", "fresh2", "all"))
    parser.add_argument("--by", default="both,words,vectors")
    parser.add_argument("--missed", action="store_true", help="name the queries that found nothing; not for final")
    arguments = parser.parse_args()
    if arguments.missed and arguments.part not in ("tuning", "fresh", "fresh2"):
        raise SystemExit("the final queries are not read")
    name = arguments.part if arguments.part.startswith("fresh") else "queries"
    with open(os.path.join(HERE, name + ".jsonl"), encoding="utf-8") as file:
        queries = [q for q in map(json.loads, file) if arguments.part in ("all", q["part"])]
    objects, out = {}, {}
    for by in arguments.by.split(","):
        ranks, styles = [], collections.defaultdict(list)
        for query in queries:
            names = search(arguments, query["query"], by)
            ranks.append(rank_of(names, query["relevant"], objects))
            styles[query["style"]].append(ranks[-1])
            if arguments.missed and not 1 <= ranks[-1] <= 5:
                print(by, ranks[-1], query["query"][:100], query["relevant"][:2], names[:5], file=sys.stderr)
        out[by] = {**figures(ranks), "by_style": {style: figures(some)["recall_5"] for style, some in sorted(styles.items())}}
    commit = subprocess.run(["git", "-C", HERE, "rev-parse", "--short", "HEAD"], capture_output=True, text=True).stdout.strip()
    stats = subprocess.run([arguments.gpiot, "knowledge", "stats", "--json"], capture_output=True, text=True,
                           env={**os.environ, "GPIOT_KNOWLEDGE": arguments.knowledge}).stdout
    print(json.dumps({"bench": "knowledge-recall", "commit": commit, "part": arguments.part, "seed": None,
                      "machine": f"{platform.machine()}, {os.cpu_count()} cores",
                      "knowledge": {k: v for k, v in json.loads(stats).items() if k not in ("folder", "kind", "schema")},
                      **out}, indent=1))


if __name__ == "__main__":
    main()
