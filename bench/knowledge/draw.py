#!/usr/bin/env python3
"""Draws which queries are final and writes it into queries.jsonl. The same list and seed give the same parts.

    bench/knowledge/draw.py [--seed N]

Queries that share an answer go to the same part, so that nothing learned on the tuning part is asked again. A group's
part hangs on the seed and the group alone: a query added later moves no other, unless it joins two groups.
"""
import argparse
import collections
import hashlib
import json
import os

HERE = os.path.dirname(os.path.abspath(__file__))
QUERIES = os.path.join(HERE, "queries.jsonl")
# The first seed from 1 on whose draw is in balance (check.py: the whole, every style and every topic).
SEED = 29


def read_queries(path=QUERIES):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def groups(queries):
    """Lists of ids; two queries are in one list if a chain of shared answers joins them."""
    leader = {}

    def find(name):
        while leader.setdefault(name, name) != name:
            name = leader[name]
        return name

    for query in queries:
        first, *others = map(find, query["relevant"])
        for other in others:
            leader[find(other)] = find(first)
    found = collections.defaultdict(list)
    for query in queries:
        found[find(query["relevant"][0])].append(query)
    return list(found.values())


def draw(queries, seed=SEED):
    """Part of each id."""
    parts = {}
    for group in groups(queries):
        key = min(name for query in group for name in query["relevant"])
        final = hashlib.sha256(f"{seed}:{key}".encode()).digest()[0] % 2
        parts |= {query["id"]: "final" if final else "tuning" for query in group}
    return parts


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=SEED)
    queries = read_queries()
    parts = draw(queries, parser.parse_args().seed)
    with open(QUERIES, "w", encoding="utf-8") as file:
        for query in queries:
            file.write(json.dumps(query | {"part": parts[query["id"]]}, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
