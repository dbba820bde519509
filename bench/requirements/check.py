#!/usr/bin/env python3
"""Asserts the shape of the list of fifty requirements, and that seeded data comes out the same twice.

    bench/requirements/check.py [--quick]

--quick makes only a few seeded folders. Without numpy and scipy the data is not checked, and this is said.
"""
import argparse
import collections
import hashlib
import importlib.util
import os
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

from loading import read_list, read_requirement  # noqa: E402

# The first seed from 1 on whose draw comes to 20 and gives every modality two fifths, rounded down.
SEED = 27
QUOTA = {"events": 7, "class": 7, "value": 6, "real": 7, "seeded": 13}
# The example of the repository: the program has been built on it, so it cannot be in the final part.
BUILT_ON = {"ecg-beats-holter"}
QUICK = ("frame-check", "frames-in-stream", "soil-moisture", "ecg-heart-rate", "rssi-position")
KNOWN = {
    "": "title packages data labels split result evaluator budget",
    "data": "path format files items window_s step_s channel rate_hz inputs",
    "input": "name type dtype shape unit description key columns",
    "labels": "format files symbols column key pattern names_key names",
    "split": "by subject development final final_share seed limit",
    "result": "kind learned variable",
    "variable": "name type dtype shape unit description",
    "evaluator": "kind tolerance_ms precision recall accuracy macro_f1 mae rmse r2 horizon_items file wanted",
    "budget": "memory_mb memory_counts wall_s",
}
EVALUATOR = {"events": "events", "class": "classification", "value": "regression"}
MEASURES = {"events": {"precision", "recall"}, "class": {"accuracy", "macro_f1"}, "value": {"mae", "rmse", "r2"}}
FORMATS = {"wfdb", "csv", "npy", "npz", "wav", "mat", "jsonl", "arff", "ts"}
LABELS = {"key", "column", "folder", "name", "lines", "wfdb-annotations", "csv"}


def draw(entries, seed=SEED):
    """Ids of the final part. The list is walked in the order of a hash of the seed; a requirement is taken unless its
    kind, its sort of data or its modality has its share already (of a modality two fifths, rounded up)."""
    def number(entry):
        return hashlib.sha256(f"{seed}:{entry['id']}".encode()).digest()
    counts = collections.Counter(e["modality"] for e in entries)
    left = dict(QUOTA) | {m: -(-2 * n // 5) for m, n in counts.items()}
    taken = set()
    for entry in sorted(entries, key=number):
        strata = (entry["kind"], entry["data"], entry["modality"])
        if entry["id"] not in BUILT_ON and all(left[s] for s in strata):
            for stratum in strata:
                left[stratum] -= 1
            taken.add(entry["id"])
    return taken


def expect(holds, text):
    if not holds:
        raise SystemExit(f"check.py: {text}")


def check_keys(name, table, level):
    unknown = set(table) - set(KNOWN[level].split())
    expect(not unknown, f"{name}: unknown keys in {level or 'the front matter'}: {sorted(unknown)}")


def label_fields(facts):
    """Names of columns and arrays that tell the label, or whose item it is."""
    labels, split = facts["labels"], facts["split"]
    return {labels.get("key"), labels.get("column"), labels.get("names_key"), split.get("subject")} - {None}


def check_split(name, facts):
    split = facts["split"]
    expect(split.get("by") in {"file", "subject", "index", "time"}, f"{name}: split.by is {split.get('by')}")
    expect(split["by"] != "subject" or split.get("subject"), f"{name}: no split.subject")
    if split.get("final"):
        expect(split.get("development"), f"{name}: only one part is named")
        expect(not set(split["final"]) & set(split["development"]), f"{name}: the parts of the split overlap")
    else:
        expect(0 < split["final_share"] < 1, f"{name}: final_share")
    data = facts["data"]
    if data.get("items") == "window":
        expect(data.get("step_s", data["window_s"]) >= data["window_s"], f"{name}: windows overlap")
        expect(split["by"] != "index", f"{name}: windows of one file are drawn at random")


def check_front_matter(name, facts, entry):
    check_keys(name, facts, "")
    for level in ("data", "labels", "split", "result", "evaluator", "budget"):
        check_keys(name, facts.get(level, {}), level)
    check_keys(name, facts["result"]["variable"], "variable")
    data, labels, kind = facts["data"], facts["labels"], facts["result"]["kind"]
    for variable in data["inputs"]:
        check_keys(name, variable, "input")
        fields = {variable.get("key"), *variable.get("columns", [])}
        expect(not fields & label_fields(facts), f"{name}: the label is among the inputs")
        expect(variable["name"] != facts["result"]["variable"]["name"], f"{name}: input and result share a name")
    expect(data["format"] in FORMATS and labels["format"] in LABELS, f"{name}: format of the data or of the labels")
    seeded = entry["data"] == "seeded" or entry.get("prepared", False)
    place = "{{made}}/" + name if seeded else "{{data}}/" + entry["folder"].split("/")[0]
    expect(data["path"].startswith(place), f"{name}: path is {data['path']}, expected {place}")
    expect(kind == entry["kind"], f"{name}: kind is {kind}, in the list {entry['kind']}")
    expect(facts["evaluator"]["kind"] == EVALUATOR[kind], f"{name}: evaluator")
    expect(facts["result"].get("learned", False) == entry["learned"], f"{name}: learned")
    expect(("sklearn" in facts["packages"]) == entry["learned"], f"{name}: packages")
    thresholds = {k: v for k, v in facts["evaluator"].items() if k in MEASURES[kind]}
    expect(thresholds and thresholds == entry["threshold"], f"{name}: thresholds differ from the list, or there is none")
    check_split(name, facts)


def check_list(entries):
    ids = [e["id"] for e in entries]
    expect(len(ids) == 50 and len(set(ids)) == 50, f"{len(set(ids))} different ids, expected 50")
    folders = {f for f in os.listdir(HERE) if os.path.exists(os.path.join(HERE, f, "requirement.md"))}
    expect(folders == set(ids), f"folders and list differ: {sorted(folders ^ set(ids))}")
    final = {e["id"] for e in entries if e["part"] == "final"}
    expect(sum(e["part"] == "tuning" for e in entries) == 30 and len(final) == 20, "expected 30 tuning and 20 final")
    expect(final == draw(entries), "the final part is not the one that the seed draws")
    modalities = collections.Counter(e["modality"] for e in entries)
    drawn = collections.Counter(e["modality"] for e in entries if e["id"] in final)
    expect(len(modalities) >= 10, "fewer than 10 modalities")
    expect(all(drawn[m] >= 2 * n // 5 for m, n in modalities.items()), "a modality has too few in the final part")
    for entry in entries:
        expect(entry["data"] == "seeded" or entry.get("licence"), f"{entry['id']}: no licence")
        expect(entry["why"], f"{entry['id']}: no reason for the threshold")
        facts, statement = read_requirement(os.path.join(HERE, entry["id"], "requirement.md"))
        words = len(statement.split())
        expect(60 <= words <= 200, f"{entry['id']}: the statement has {words} words, expected 60 to 200")
        check_front_matter(entry["id"], facts, entry)


def digest(folder):
    found = hashlib.sha256()
    for path, folders, files in os.walk(folder):
        folders.sort()
        for name in sorted(files):
            with open(os.path.join(path, name), "rb") as file:
                content = file.read()
            relative = os.path.relpath(os.path.join(path, name), folder)
            found.update(f"{relative}\0{len(content)}\0".encode() + content)
    return found.hexdigest()


def check_data(names):
    from make_data import make
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        for name in names:
            for out in (one, other):
                make(name, out)
            first, second = (digest(os.path.join(out, name)) for out in (one, other))
            expect(first == second, f"{name}: the same seed gives other bytes")
            size = sum(os.path.getsize(os.path.join(p, f)) for p, _, fs in os.walk(os.path.join(one, name)) for f in fs)
            expect(size < 3_000_000, f"{name}: {size} bytes, expected less than 3 MB")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    entries = read_list()["requirements"]
    check_list(entries)
    if not (importlib.util.find_spec("numpy") and importlib.util.find_spec("scipy")):
        print("the list is in order; data not checked: no numpy and scipy in this Python")
        return
    names = [e["id"] for e in entries if e["data"] == "seeded"]
    check_data([n for n in names if n in QUICK] if quick else names)
    print("the list is in order")


if __name__ == "__main__":
    main()
