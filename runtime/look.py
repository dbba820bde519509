"""Looks at a folder it knows nothing of, in the sandbox.   Usage: look.py --data DIR --out DIR; writes /out/look.json.

{"format": "gpiot-look-1", "files": number of files below the folder,
 "groups": [one per kind of like files, the largest first:
   {"format": "wfdb|csv|npy|npz|wav|mat|jsonl|arff|ts", "glob": pattern of exactly these files or "", "files": count,
    "examples": [up to 3 paths], "read": how many were read whole,
    "rows": rows (csv, arff), items (ts, jsonl) or null where they vary,
    "fields": [{"name", "dtype", "shape": [size, or null where it varies] or null where the number of axes varies,
                "min", "max", "nan_share", "unit": text or null, "values": [the different ones, where they are few]}],
    "rate_hz": {"value", "sure", "why"} or null; value null where the files differ,
    "labels": [{"place": "key|column|ts|folder|name|atr|json|file", "name": of the key, column, file or the pattern,
                "values": [...] or null, "sure", "why", "names": class names of whole numbers, if found}], likeliest first,
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
import sys
import warnings

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from look_files import group_files, glob_of, walk, claimed_by_headers  # noqa: E402
from look_labels import by_fields, by_folder, by_json, by_name, label  # noqa: E402
from look_time import is_rate_name, is_time_name, rate_of_numbers, times_of_columns  # noqa: E402
from look_values import Values  # noqa: E402
from table_open import DataError, MAX_FILES, bad, one_line  # noqa: E402

MAX_READ = 200
MAX_READ_BYTES = 64 << 20
MAX_TOTAL_BYTES = 512 << 20


def spread(files, n):
    """At most n of the files, evenly over all."""
    if len(files) <= n:
        return list(files)
    return [files[i * len(files) // n] for i in range(n)]


class Group:
    """A kind of like files, and what was seen in those that were read."""

    def __init__(self, form, files):
        self.format, self.files = form, files
        self.values, self.rates, self.times, self.read, self.annotated = {}, [], [], 0, 0
        self.rows, self.header_only, self.stated = set(), 0, None

    def field(self, name):
        return self.values.setdefault(name, Values(name))


def look_at(root, group, name):
    """Reads one file whole."""
    from table import open_content

    content = open_content(root, name, group.format, [])
    for key in content.fields:
        if group.format == "wfdb" and not key:
            continue
        values = content.fields[key]
        field = group.field(key)
        field.add(values)
        field.unit = field.unit or content.units.get(key)
    tables = ("csv", "arff", "ts", "jsonl")
    if group.format in tables:
        group.rows.add(len(next(iter(content.fields.values()))))
    if content.rate_hz:
        group.rates.append(stated_rate(content.rate_hz))
    elif group.format in ("csv", "arff"):
        found = times_of_columns(content)
        group.times = group.times or [columns for columns, _ in found]
        group.rates += [rate for _, rate in found if rate][:1]
    elif group.format in ("npz", "mat"):
        look_for_rate(group, content)
    if group.format == "ts" and "label" in content.fields:
        group.stated = "ts"
    group.read += 1


def look_for_rate(group, content):
    """A number named as a rate, or an even time axis, among the arrays."""
    import numpy as np

    for key in content.names():
        values = content.fields[key]
        if isinstance(values, list):
            continue
        if values.size == 1 and values.dtype.kind in "iuf" and is_rate_name(key) and float(values.ravel()[0]) > 0:
            why = f"the number {key!r} of the file, by its name"
            group.rates.append({"value": float(values.ravel()[0]), "sure": False, "why": why})
        elif is_time_name(key) and values.dtype.kind in "iuf" and values.ndim <= 2 and max(values.shape, default=0) == values.size:
            group.times = group.times or [[key]]
            rate = rate_of_numbers(key, np.ravel(values), None)
            group.rates += [rate] if rate else []


def look_at_header(root, group, name):
    """Shapes of a file that is too big to be read, or one too many."""
    import numpy as np

    from table_arrays import NpzFields, npy_header

    path = os.path.join(root, name)
    if group.format == "npy":
        with open(path, "rb") as file:
            group.field("").add_header(*npy_header(file, name))
    elif group.format == "npz":
        for key, header in NpzFields(path, name).headers.items():
            group.field(key).add_header(*header)
    elif group.format == "wav":
        from scipy.io import wavfile

        rate_hz, samples = wavfile.read(path, mmap=True)
        group.field("").add_header(samples.shape, samples.dtype)
        group.rates.append(stated_rate(rate_hz))
    elif group.format == "wfdb":
        import wfdb

        header = wfdb.rdheader(path.removesuffix(".hea"))
        for signal in header.sig_name:
            group.field(signal).add_header((header.sig_len,), np.dtype("float64"))
        group.rates.append(stated_rate(header.fs))
    else:
        group.header_only += 1


def stated_rate(rate_hz):
    return {"value": float(rate_hz), "sure": True, "why": "the header of the file states it"}


def look_at_groups(root, groups, notes):
    left, left_bytes = MAX_READ, MAX_TOTAL_BYTES
    for i, group in enumerate(sorted(groups, key=lambda g: len(g.files))):
        chosen = set(spread(group.files, max(1, left // (len(groups) - i))))
        for name in group.files:
            size = os.path.getsize(os.path.join(root, name))
            whole = name in chosen and size <= min(MAX_READ_BYTES, left_bytes) and left > 0
            try:
                if whole:
                    left, left_bytes = left - 1, left_bytes - size
                    look_at(root, group, name)
                else:
                    look_at_header(root, group, name)
            except (DataError, OSError, ValueError, MemoryError, RecursionError) as error:
                notes.append(f"left out: {error}")


def common_rate(rates, n_files):
    """One rate for the group: sure only where every file says the same surely."""
    if not rates:
        return None
    values = [r["value"] for r in rates]
    if max(values) - min(values) > 0.01 * max(values):
        found = ", ".join(f"{v:.6g}" for v in sorted(set(values))[:6])
        return {"value": None, "sure": False, "why": f"the files differ: {found} Hz"}
    weakest = min(rates, key=lambda r: r["sure"])
    if len(rates) < n_files:
        why = f"{weakest['why']}, in {len(rates)} of {n_files} files"
        weakest = {"sure": False, "why": why}
    return {**weakest, "value": float(f"{sorted(values)[len(values) // 2]:.6g}")}


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
        labels.append(label("atr", "*.atr", None, f"{group.annotated} of {len(group.files)} records have an annotation file",
                            True, 0))
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
                found.append(label("file", other.files[0], values.distinct, "as many values as the array has entries, few different",
                                   rank=1))
    return found


def add_names(candidate, group, lists):
    """Class names: a text array or a JSON list as long as the numbers need."""
    values = candidate["values"]
    if not values or isinstance(values[0], str):
        return
    need = int(max(values)) + 1
    for name, field in group.values.items():
        if field.dtypes == {"str"} and field.shape() == [need] and name != candidate["name"]:
            candidate["names"] = {"key": name}
    for name, names in lists:
        if len(names) == need:
            candidate["names"] = {"file": name, "values": names}


def find_channels(group):
    """A text array as long as the last axis of another array."""
    for name, field in group.values.items():
        for other, big in group.values.items():
            shape = big.shape() or []
            if field.dtypes == {"str"} and len(shape) >= 2 and field.shape() == shape[-1:] and "label" not in name.lower():
                return {"key": name, "of": other}
    return None


def tell(group, answer):
    """The same in words: facts, and guesses with their reasons."""
    facts, guesses = [], []
    facts.append(f"{len(group.files)} files of format {group.format}, {group.read} of them read whole")
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
    answer = {"format": group.format, "glob": glob_of(root, group.files), "files": len(group.files),
              "examples": group.files[:3], "read": group.read, "rows": rows,
              "fields": [v.describe() for v in group.values.values()], "rate_hz": common_rate(group.rates, len(group.files)),
              "labels": labels, "subjects": subjects,
              "times": [{"columns": c, "why": "their names, or their values read as times"} for c in group.times],
              "channels": find_channels(group)}
    if group.header_only:
        notes.append(f"{answer['glob'] or group.files[0]}: {group.header_only} files not read, their sizes are unknown")
        for field in answer["fields"]:
            field["shape"] = [None, *field["shape"][1:]] if field["shape"] else None
    answer["facts"], answer["guesses"] = tell(group, answer)
    return answer


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
    return {"format": "gpiot-look-1", "files": len(names),
            "groups": [describe(root, g, groups, others, notes) for g in groups], "others": others[:50],
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
