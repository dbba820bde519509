#!/usr/bin/env python3
"""Asserts the shape of queries.jsonl, and that every name in it can be imported.

    bench/knowledge/check.py

With the Python of gpiot. Where a package is missing, names are not looked up, and this is said.
"""
import collections
import importlib.util
import inspect
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

from draw import draw, read_queries  # noqa: E402
from names import holds, resolve, shared, words  # noqa: E402

KEYS = ["id", "query", "relevant", "part", "style", "package"]
STYLES = {"requirement", "step", "question", "name", "error"}
TOPICS = {"signal", "wavelet", "array", "series", "stats", "learn", "image", "geometry", "linalg", "optim", "interp",
          "files"}
PACKAGES = {"numpy", "scipy", "pandas", "sklearn", "pywt", "wfdb", "soundfile", "joblib", "matplotlib", "PIL"}
# Easy: holds the bare name, or half of its words stand in name and first paragraph. BM25 alone would find these.
EASY, EASY_SHARE = 0.5, (0.15, 0.25)
HOLD_SHARE = 0.25
SAME_ANSWER = 40
ALIKE = 0.5


def expect(holds_true, text):
    if not holds_true:
        raise SystemExit(f"check.py: {text}")


def topic(query):
    return query["id"].partition("-")[0]


def check_query(query):
    name = query.get("id", "?")
    expect(list(query) == KEYS, f"{name}: keys are {list(query)}, expected {KEYS}")
    expect(query["style"] in STYLES and topic(query) in TOPICS, f"{name}: style or topic")
    relevant = query["relevant"]
    expect(1 <= len(relevant) <= 4 and len(set(relevant)) == len(relevant), f"{name}: {len(relevant)} answers")
    expect(all(not part.startswith("_") for answer in relevant for part in answer.split(".")), f"{name}: private name")
    expect(query["package"] == relevant[0].partition(".")[0], f"{name}: package is {query['package']}")
    expect({answer.partition(".")[0] for answer in relevant} <= PACKAGES, f"{name}: unknown package")
    expect(8 <= len(query["query"]) <= 240, f"{name}: the query has {len(query['query'])} characters")


def check_balance(queries):
    parts = draw(queries)
    expect(all(q["part"] == parts[q["id"]] for q in queries), "the parts are not those that draw.py draws")
    for what, low, high, key in (("all", 0.45, 0.55, lambda q: "all"), ("style", 0.35, 0.65, lambda q: q["style"]),
                                 ("topic", 0.35, 0.65, topic)):
        counts = collections.defaultdict(list)
        for query in queries:
            counts[key(query)].append(query["part"] == "final")
        for value, final in counts.items():
            share = sum(final) / len(final)
            expect(low <= share <= high, f"{what} {value}: {share:.2f} are final, expected {low} to {high}")


def check_repeats(queries):
    """Same answer, other words: some are wanted, near copies are not."""
    seen = collections.Counter(frozenset(q["relevant"]) for q in queries)
    repeated = sum(count - 1 for count in seen.values())
    expect(repeated <= SAME_ANSWER, f"{repeated} queries have the answers of an earlier one, expected <= {SAME_ANSWER}")
    read = [(query["id"], set(query["relevant"]), set(words(query["query"]))) for query in queries]
    for at, (one, answers, mine) in enumerate(read):
        for other, others, yours in read[:at]:
            if answers & others:
                expect(len(mine & yours) <= ALIKE * len(mine | yours), f"{one} and {other} are near copies")


def check_list(queries):
    for query in queries:
        check_query(query)
    for key in ("id", "query"):
        twice = [v for v, n in collections.Counter(q[key].lower() for q in queries).items() if n > 1]
        expect(not twice, f"{key} more than once: {twice}")
    expect(len(queries) >= 220, f"{len(queries)} queries, expected 220 or more")
    holding = sum(any(holds(q["query"], name) for name in q["relevant"]) for q in queries) / len(queries)
    expect(holding <= HOLD_SHARE, f"{holding:.2f} of the queries hold the bare name, expected <= {HOLD_SHARE}")
    check_balance(queries)
    check_repeats(queries)
    return holding


def check_names(queries):
    """All names exist and are documented, no two of a query are one object; which share of the queries is easy."""
    for query in queries:
        found = {}
        for name in query["relevant"]:
            try:
                thing = resolve(name)
            except (ImportError, AttributeError) as error:
                raise SystemExit(f"check.py: {query['id']}: {name}: {error}") from None
            expect(inspect.getdoc(thing), f"{query['id']}: {name} has no documentation")
            # A method that two classes inherit is documented, and will be found, under both.
            if not inspect.isclass(resolve(name.rpartition(".")[0])):
                expect(id(thing) not in found, f"{query['id']}: {name} is {found.get(id(thing))}")
                found[id(thing)] = name
    easy = sum(any(holds(q["query"], name) or shared(q["query"], name) >= EASY for name in q["relevant"])
               for q in queries) / len(queries)
    low, high = EASY_SHARE
    expect(low <= easy <= high, f"{easy:.2f} of the queries are easy, expected {low} to {high}")
    return easy


def main():
    queries = read_queries()
    holding = check_list(queries)
    print(f"{len(queries)} queries are in order; {holding:.1%} hold the bare name of an answer")
    missing = sorted(package for package in PACKAGES if not importlib.util.find_spec(package))
    if missing:
        print(f"names not looked up: this Python has no {', '.join(missing)}")
        return
    print(f"all names exist; {check_names(queries):.1%} are easy")


if __name__ == "__main__":
    main()
