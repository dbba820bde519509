"""Looks at a folder it knows nothing of, in the sandbox.   Usage: look.py --data DIR --out DIR; writes /out/look.json.

{"format": "gpiot-look-1", "files": number of files below the folder,
 "groups": [one per kind of like files, the largest first:
   {"format": "wfdb|csv|npy|npz|wav|mat|jsonl|arff|ts", "glob": pattern of exactly these files or "" (then perhaps
    "apart": {"glob": a pattern of these and of the files of another group, "but": the pattern of those}), "files": count,
    "examples": [up to 3 paths; without a pattern up to 100], "read": how many were read whole,
    "rows": rows (csv, arff), items (ts, jsonl) or null where they vary,
    "fields": [{"name", "dtype", "shape": [size, or null where it varies] or null where the number of axes varies,
                "min", "max", "nan_share", "unit": text or null, "values": [the different ones, where they are few],
                "hexadecimal": each text is that of bytes, "lines": each is one of digits and other signs,
                "counts_up": each value is the one before and 1, "likeness": correlation of a value with the next}],
    "rate_hz": {"value", "sure", "why"} or null; value null where the files differ,
    "labels": [{"place": "key|column|ts|folder|name|atr|json|file", "name": of the key, column, file or the pattern,
                "values": [...] or null, "sure", "why", "named": true where its name says it, "names": {"key"} or {"file", "values"}: the names that whole
                numbers stand for, where found}], likeliest first,
    "subjects": [the same], "times": [{"columns": [...], "why"}],
    "channels": {"key", "of"}: an array that names the last axis of another, or null,
    "facts": [text], "guesses": [{"text", "why"}]}],
 "others": [{"file", "what"}], at most 50, "notes": [text]}

`sure` and `facts` are read from the files: a header states it, or every value shows it. Names and patterns are guesses.
At most 200 files are read whole, none over 64 MB; of the others the header alone is told.
"""
import argparse
import json
import os
import re
import sys
import warnings

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from look_files import claimed_by_headers, glob_of, group_files, walk  # noqa: E402
from look_labels import by_fields, by_folder, by_json, by_name, label  # noqa: E402
from look_read import Group, common_rate, look_at_groups  # noqa: E402
from table_open import DataError, MAX_FILES, bad, one_line  # noqa: E402

_CHANNELS = re.compile(r"chan|axis|axes|columns|features|sensors|signals|electrodes", re.I)
_CLASSES = re.compile(r"label|class|^names$|target|activit|gesture", re.I)


def find_labels(root, group, groups, others, notes):
    """(labels, subjects), the likeliest first."""
    fields = list(group.values.values())
    firsts = [v.shape()[0] for v in fields if v.shape()]
    sizes = [n or 0 for n in firsts]
    big = max(fields, key=lambda v: len(v.shape() or ()), default=None)
    rows = (big.shape() or [None])[0] if big else max(sizes, default=None)
    place = "column" if group.format in ("csv", "arff") else "key"
    labels, subjects = ([], []) if group.format in ("wav", "wfdb", "npy", "ts") else by_fields(fields, place, rows)
    if group.stated == "ts":
        labels.append(label("ts", "label", group.values["label"].distinct, "the header says @classLabel true", True, 0))
    if group.annotated:
        why = f"{group.annotated} of {len(group.files)} records have an annotation file"
        labels.append(label("atr", "*.atr", None, why, True, 0))
    from_json, lists = by_json(root, others, group.files, notes)
    from_name, who = by_name(group.files)
    labels += by_folder(group.files) + from_name + from_json + arrays_beside(group, groups, rows)
    subjects += who
    for candidate in labels:
        add_names(candidate, group, lists)
    return sorted(labels, key=lambda c: c["rank"]), sorted(subjects, key=lambda c: c["rank"])


def arrays_beside(group, groups, rows):
    """A file with one whole number or text for each entry of this group's only file: X.npy, y.npy."""
    found = []
    if group.format != "npy" or len(group.files) != 1 or len(group.values[""].shape() or ()) < 2:
        return found
    for other in groups:
        if other.format == "npy" and other is not group and len(other.files) == 1:
            values = other.values.get("")
            if values and values.shape() == [rows] and values.distinct and len(values.distinct) > 1:
                found.append(label("file", other.files[0], values.distinct,
                                   "as many values as the array has entries, few different", rank=1))
    return found


def add_names(candidate, group, lists):
    """Class names: a text array or a JSON list as long as the numbers need."""
    values = candidate["values"]
    if not values or isinstance(values[0], str):
        return
    need = int(max(values)) + 1
    keys = [name for name, field in group.values.items()
            if field.dtypes == {"str"} and field.shape() == [need] and not _CHANNELS.search(name)]
    if keys:
        candidate["names"] = {"key": min(keys, key=lambda k: not _CLASSES.search(k))}
    for name, names in lists:
        if len(names) == need:
            candidate["names"] = {"file": name, "values": names}


def find_channels(group):
    """A text array as long as the last axis of another array."""
    texts = [name for name, field in group.values.items() if field.dtypes == {"str"} and not _CLASSES.search(name)]
    for name in sorted(texts, key=lambda n: not _CHANNELS.search(n)):
        for other, big in group.values.items():
            shape = big.shape() or []
            if len(shape) >= 2 and group.values[name].shape() == shape[-1:]:
                return {"key": name, "of": other}
    return None


def tell(group, answer):
    """The same in words: facts, and guesses with their reasons."""
    facts, guesses = [], []
    facts.append(f"{len(group.files)} file{'s' * (len(group.files) != 1)} of format {group.format}, {group.read} of them read whole")
    for field in answer["fields"]:
        if field["nan_share"]:
            facts.append(f"{field['name'] or 'the array'}: {field['nan_share']:.2%} of the values are missing")
    rate = answer["rate_hz"]
    if rate:
        text = f"sampling rate {rate['value']:.6g} Hz" if rate["value"] else "sampling rates differ"
        facts.append(f"{text}: {rate['why']}") if rate["sure"] else guesses.append({"text": text, "why": rate["why"]})
    for what in ("labels", "subjects"):
        for c in answer[what]:
            text = f"{what} from {c['place']} {c['name'] or ''}".strip()
            facts.append(f"{text}: {c['why']}") if c["sure"] else guesses.append({"text": text, "why": c["why"]})
    for time in answer["times"]:
        guesses.append({"text": "times in " + ", ".join(time["columns"]), "why": time["why"]})
    if answer["channels"]:
        guesses.append({"text": f"{answer['channels']['key']} names the channels of {answer['channels']['of']}",
                        "why": "as many texts as the last axis has entries"})
    return facts, guesses


def describe(root, group, groups, others, notes):
    labels, subjects = find_labels(root, group, groups, others, notes)
    rows = next(iter(group.rows)) if len(group.rows) == 1 and group.read == len(group.files) else None
    for candidate in labels + subjects:
        candidate.pop("rank")
    pattern = glob_of(root, group.files)
    answer = {"format": group.format, "glob": pattern, "files": len(group.files),
              "examples": group.files[:3 if pattern else 100], "read": group.read, "rows": rows,
              "fields": [v.describe() for v in group.values.values()],
              "rate_hz": common_rate(group.rates, len(group.files)),
              "labels": labels, "subjects": subjects,
              "times": [{"columns": c, "why": "their names, or their values read as times"} for c in group.times],
              "channels": find_channels(group)}
    if group.header_only:
        notes.append(f"{answer['glob'] or group.files[0]}: {group.header_only} files not read, their sizes are unknown")
        for field in answer["fields"]:
            field["shape"] = [None, *field["shape"][1:]] if field["shape"] else None
    answer["facts"], answer["guesses"] = tell(group, answer)
    return answer


def find_apart(root, groups, answers):
    """Where records and labels have one ending: {"glob": what matches both, "but": the pattern of the others}."""
    for group, answer in zip(groups, answers):
        if answer["glob"]:
            continue
        for other, beside in zip(groups, answers):
            pattern = glob_of(root, group.files, other.files) if beside["glob"] else ""
            if pattern:
                answer["apart"] = {"glob": pattern, "but": beside["glob"]}
                break


def look(root):
    names = walk(root)
    if not names:
        raise bad("the data folder", "no files", "at least one")
    if len(names) > MAX_FILES:
        raise bad("the data folder", f"more than {MAX_FILES} files", "fewer")
    notes = []
    found, others = group_files(root, names)
    groups = [Group(g["format"], g["files"]) for g in found]
    claimed = claimed_by_headers(root, names)
    for group in groups:
        headers = set(group.files)
        group.annotated = sum(f.endswith(".atr") and h in headers for f, h in claimed.items())
    look_at_groups(root, groups, notes)
    groups = [g for g in groups if g.values]
    groups.sort(key=lambda g: -sum(os.path.getsize(os.path.join(root, f)) for f in g.files))
    answers = [describe(root, g, groups, others, notes) for g in groups]
    find_apart(root, groups, answers)
    return {"format": "gpiot-look-1", "files": len(names), "groups": answers, "others": others[:50],
            "notes": sorted(set(notes))}


def printable(value):
    """Texts without control characters and lone surrogates, numbers JSON can hold."""
    if isinstance(value, str):
        return one_line(value)
    if isinstance(value, dict):
        return {k: printable(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [printable(v) for v in value]
    return None if isinstance(value, float) and (value != value or abs(value) == float("inf")) else value


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", required=True)
    parser.add_argument("--out", required=True)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    try:
        answer = printable(look(options.data))
    except (DataError, OSError) as error:
        print(one_line(f"[look.read] {error}"), file=sys.stderr)
        return 3
    path = os.path.join(options.out, "look.json")
    with open(path + ".partial", "w", encoding="utf-8") as file:
        json.dump(answer, file, allow_nan=False, indent=1)
    os.replace(path + ".partial", path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
