"""Reads the files of each group, within limits: whole where it can, else the header alone."""
import os

import numpy as np

from look_time import is_rate_name, is_time_name, rate_of_numbers, times_of_columns
from look_values import Values

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
    for key in content.names():
        values = content.fields[key]
        if isinstance(values, list):
            continue
        if values.size == 1 and values.dtype.kind in "iuf" and is_rate_name(key) and float(values.ravel()[0]) > 0:
            why = f"the number {key!r} of the file, by its name"
            group.rates.append({"value": float(values.ravel()[0]), "sure": False, "why": why})
        elif is_time_name(key) and values.dtype.kind in "iuf" and max(values.shape, default=0) == values.size:
            group.times = group.times or [[key]]
            rate = rate_of_numbers(key, np.ravel(values), None)
            group.rates += [rate] if rate else []


def look_at_header(root, group, name):
    """Shapes of a file that is too big to be read, or one too many."""
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
            except Exception as error:  # one broken file must not hide the others; the libraries fail in many ways
                notes.append(f"left out: {error}" if name in str(error) else f"left out: {name}: {error}")


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
