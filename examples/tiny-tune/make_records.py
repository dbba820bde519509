#!/usr/bin/env python3
"""Turns the hand-written seeds into records.jsonl, the training records of this example.

    examples/tiny-tune/make_records.py            (Python's standard library; run it again after a seed has changed)

A TDD seed becomes problem -> sub-tasks, a CGD seed specification -> function and documentation. Every ninth seed of a
kind, by the hash of its id, is for validation.
"""
import hashlib
import json
import os
import re
import tomllib

FOLDER = os.path.dirname(os.path.abspath(__file__))
SYSTEM = {
    "tdd": "You divide a problem of sensing and the Internet of Things into sub-tasks with implementation steps.",
    "cgd": "You write one Python function for a specification, and its documentation.",
}


def parts_of(path):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    _, head, body = text.split("+++", 2)
    return tomllib.loads(head), body.strip()


def tdd(path):
    head, body = parts_of(path)
    problem, subtasks = re.fullmatch(r"## Problem\n(.*?)\n+## Sub-tasks\n(.*)", body, re.DOTALL).groups()
    return head, problem.strip(), subtasks.strip()


def cgd(path):
    head, body = parts_of(path)
    specification, answer = re.fullmatch(r"(.*?)\n+## Answer\n(.*)", body, re.DOTALL).groups()
    return head, specification.strip(), answer.strip()


def record(kind, head, question, answer):
    body = {
        "schema": 1,
        "id": head["id"],
        "kind": head["kind"],
        "messages": [{"role": "system", "content": SYSTEM[kind]}, {"role": "user", "content": question},
                     {"role": "assistant", "content": answer}],
        "source": {"text": head["source"], "licence": head.get("licence", "CC0-1.0")},
    }
    body["hash"] = hashlib.sha256(json.dumps(body["messages"], sort_keys=True).encode()).hexdigest()
    return body


def main():
    seeds = os.path.join(FOLDER, "seeds")
    records = []
    for name in sorted(os.listdir(seeds)):
        path = os.path.join(seeds, name)
        if name.startswith("tdd-") and name.endswith(".md"):
            records.append(record("tdd", *tdd(path)))
        elif name.startswith("cgd-") and os.path.isdir(path):
            records.append(record("cgd", *cgd(os.path.join(path, "seed.md"))))
    for kind in ("tdd", "cgd"):
        own = sorted((r for r in records if r["kind"].startswith(kind)),
                     key=lambda r: hashlib.sha256(r["id"].encode()).hexdigest())
        for i, one in enumerate(own):
            one["split"] = "validation" if i % 9 == 4 else "train"
    with open(os.path.join(FOLDER, "records.jsonl"), "w", encoding="utf-8") as file:
        for one in records:
            file.write(json.dumps(one, ensure_ascii=False) + "\n")
    count = {kind: sum(r["kind"].startswith(kind) for r in records) for kind in ("tdd", "cgd")}
    print(f"{count['tdd']} TDD and {count['cgd']} CGD records")


if __name__ == "__main__":
    main()
