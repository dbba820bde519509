"""Reads the records of a data view and writes the result file; shipped with every generated application.

A view is a folder with `records.json` (format, channel, rate and the record ids) and `test/` (the record files).
Where the format is "table", `test/` holds one array per input: one entry along its first axis for each record, or, with
`<input>.lengths.npy` beside it, the records one after the other. `train/` holds the records to learn from in the same
way, and their labels. The result is JSON Lines: one object per record, {"record": id, "<variable>": value}.
"""
import fnmatch
import json
import math
import os
import re


def load_facts(data_dir):
    """The facts of a view: {"format", "channel", "rate_hz", "inputs", "records"}."""
    path = os.path.join(data_dir, "records.json")
    own = os.path.join(os.path.dirname(os.path.abspath(__file__)), "facts.json")
    is_view = os.path.isfile(path)
    if not is_view and not os.path.isfile(own):
        raise SystemExit(f"{data_dir} is no view: got no records.json, expected that and test/ (README.md)")
    with open(path if is_view else own, encoding="utf-8") as file:
        facts = json.load(file)
    return facts if is_view else _with_recordings(facts, data_dir)


def _with_recordings(facts, data_dir):
    """The facts of a folder of recordings as they are: their files lie in it, and not in test/."""
    names = sorted(fnmatch.filter(os.listdir(data_dir), facts["files"])) if os.path.isdir(data_dir) else []
    endings = dict(os.path.splitext(name) for name in names)
    if not names or len(endings) < len(names):
        found = "two files of one name" if names else "no such file"
        raise SystemExit(f"{data_dir}: got {found}, expected recordings like {facts['files']} (README.md)")
    return {**facts, "records": list(endings), "endings": endings, "folder": ""}


def _read_wfdb(path, channel, _ending):
    import wfdb

    header = wfdb.rdheader(path)
    names = list(header.sig_name)
    if channel and channel not in names:
        raise ValueError(f"record {path}: no channel {channel!r}, expected one of {names}")
    record = wfdb.rdrecord(path, channels=[names.index(channel) if channel else 0])
    return record.p_signal[:, 0], float(record.fs)


def _read_csv(path, channel, ending):
    import csv

    with open(path + (ending or ".csv"), newline="", encoding="utf-8-sig") as file:
        separator = max(",;\t", key=re.sub(r'"[^"]*"', "", file.readline()).count)
        file.seek(0)
        rows = list(csv.reader(file, delimiter=separator))
    header = [cell.strip() for cell in rows[0]]
    if channel not in header:
        raise ValueError(f"{path}: no column {channel!r}, expected one of {header}")
    column = header.index(channel)
    import numpy as np

    return np.array([float(row[column]) if row[column].strip() else math.nan for row in rows[1:] if row]), None


def _read_npy(path, channel, ending):
    import numpy as np

    return np.load(path + (ending or ".npy"), allow_pickle=False), None


_READERS = {"wfdb": _read_wfdb, "csv": _read_csv, "npy": _read_npy}


def read_record(data_dir, facts, record):
    """The inputs of one record by name: the signal, then the scalars the requirement states."""
    path = os.path.join(data_dir, facts.get("folder", "test"), record)
    ending = facts.get("endings", {}).get(record)
    signal, rate_hz = _READERS[facts["format"]](path, facts.get("channel", ""), ending)
    rate_hz = rate_hz or float(facts.get("rate_hz") or 0)
    values = {}
    for i, variable in enumerate(facts["inputs"]):
        if i == 0:
            values[variable["name"]] = signal
        elif variable.get("unit") == "Hz":
            values[variable["name"]] = rate_hz
        else:
            raise ValueError(f"input {variable['name']!r}: no value for it in the data")
    return values


class Table:
    """The records of one part ("test", "train") of a table view."""

    def __init__(self, data_dir, facts, part="test"):
        import numpy as np

        self.folder = os.path.join(data_dir, part)
        self.ids = facts["records"] if part == "test" else facts.get("train", [])
        self.inputs = facts["inputs"]
        self.rate_hz = float(facts.get("rate_hz") or 0)
        self.arrays = {}
        for variable in self.inputs:
            path = os.path.join(self.folder, variable["name"])
            if not os.path.exists(path + ".npy"):
                continue
            # Mapped, not read: what a program does not hold on to costs it no memory.
            array = np.load(path + ".npy", allow_pickle=False, mmap_mode="r")
            if os.path.exists(path + ".lengths.npy"):
                ends = np.cumsum(np.load(path + ".lengths.npy", allow_pickle=False))
                array = np.split(array, ends[:-1])
            self.arrays[variable["name"]] = array

    def __len__(self):
        return len(self.ids)

    def record(self, index):
        """The inputs of one record by name."""
        values = {}
        for variable in self.inputs:
            name = variable["name"]
            if name in self.arrays:
                values[name] = _of_kind(self.arrays[name][index], variable)
            elif variable.get("unit") == "Hz":
                values[name] = self.rate_hz
            else:
                raise ValueError(f"input {name!r}: no value for it in the data")
        return values

    def labels(self):
        """The labels of the records to learn from, as an array."""
        import numpy as np

        with open(os.path.join(self.folder, "labels.json"), encoding="utf-8") as file:
            return np.array(json.load(file))


def _of_kind(value, variable):
    """An entry of an array as the variable promises: arrays of its dtype, scalars as Python has them."""
    kind = variable["type"]
    if kind in ("float", "int", "str", "bool"):
        return {"float": float, "int": int, "str": str, "bool": bool}[kind](value)
    import numpy as np

    return np.array(value, dtype=variable.get("dtype") or None)


def to_plain(value):
    """`value` as what JSON can hold: arrays become lists, NumPy scalars Python numbers, whole floats integers."""
    if getattr(getattr(value, "dtype", None), "kind", "") == "f" and (value == value.round()).all() \
            and (abs(value) < 2**53).all():
        value = value.astype("int64")
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, tuple):
        value = list(value)
    return _without_nan(value)


def _without_nan(value):
    """JSON has no word for NaN and infinity: they become null, which no contract takes for a number."""
    if isinstance(value, list):
        return [_without_nan(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def write_result(path, variable, results):
    """Writes {record id: value} as JSON Lines; the file appears whole or not at all."""
    with open(path + ".partial", "w", encoding="utf-8") as file:
        for record, value in results.items():
            file.write(json.dumps({"record": record, variable: to_plain(value)}) + "\n")
    os.replace(path + ".partial", path)
