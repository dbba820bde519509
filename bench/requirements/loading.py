"""A small reader of the requirements and their data, for the baseline only: it trusts the files of this list."""
import csv
import glob
import json
import os
import re
import tomllib
from dataclasses import dataclass, field

try:
    import numpy as np
except ImportError:  # the list can be read without
    np = None

HERE = os.path.dirname(os.path.abspath(__file__))


def read_requirement(path):
    """Front matter (a dict) and statement."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    _, head, statement = re.split(r"^\+\+\+$", text, maxsplit=2, flags=re.M)
    return tomllib.loads(head), statement.strip()


def read_list(folder=HERE):
    with open(os.path.join(folder, "list.json"), encoding="utf-8") as file:
        return json.load(file)


@dataclass
class Part:
    """Items of one part: inputs by name (a list of one value per item), labels, rate."""
    inputs: dict = field(default_factory=dict)
    labels: list = field(default_factory=list)
    names: list = field(default_factory=list)
    rate_hz: float = 0.0


def _csv(path):
    with open(path, newline="", encoding="utf-8-sig") as file:
        rows = [row for row in csv.reader(file) if row]
    head = rows[0]
    if len(rows[1]) == len(head) + 1:
        head = ["row"] + head
    return {name: [row[k] for row in rows[1:]] for k, name in enumerate(head)}


def _arff(path):
    names, rows = [], None
    with open(path, encoding="utf-8") as file:
        for line in file:
            if line.upper().startswith("@ATTRIBUTE"):
                names.append(line.split()[1])
            elif line.upper().startswith("@DATA"):
                rows = []
            elif rows is not None and line.strip():
                rows.append(line.strip().split(","))
    return {name: ["" if row[k] == "?" else row[k] for row in rows] for k, name in enumerate(names)}


def _ts(path):
    series, labels = [], []
    with open(path, encoding="utf-8") as file:
        body = file.read().split("@data", 1)[1]
    for line in body.split("\n"):
        if line.strip():
            *channels, label = line.strip().split(":")
            x = np.array([[float(v) for v in channel.split(",")] for channel in channels]).T
            series.append(x[:, 0] if x.shape[1] == 1 else x)
            labels.append(label)
    return {"": series, "class": labels}


def _wfdb(path, data, labels):
    import wfdb
    stem = path[:-4]
    record = wfdb.rdrecord(stem, channel_names=[data["channel"]])
    marks = wfdb.rdann(stem, "atr")
    events = [s for s, symbol in zip(marks.sample, marks.symbol) if symbol in labels["symbols"]]
    return {"": record.p_signal[:, 0]}, events


def read_columns(path, data):
    """name -> array, list of cells or list of items; the name "" is the file's only signal."""
    kind = data["format"]
    if kind == "csv":
        return _csv(path)
    if kind == "arff":
        return _arff(path)
    if kind == "ts":
        return _ts(path)
    if kind == "npy":
        return {"": np.load(path)}
    if kind == "npz":
        with np.load(path) as arrays:
            return dict(arrays)
    if kind == "mat":
        import scipy.io
        raw = scipy.io.loadmat(path)
        return {k: v[0] if v.ndim == 2 and v.shape[0] == 1 else v for k, v in raw.items() if k[0] != "_"}
    if kind == "wav":
        import scipy.io.wavfile
        return {"": scipy.io.wavfile.read(path)[1] / 32768.0}
    with open(path, encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    return {name: [row[name] for row in rows] for name in rows[0]}


def numbers(values):
    if isinstance(values, np.ndarray):
        return values.astype(float) if values.dtype.kind in "iuf" else values
    return np.array([float(v) if v != "" else np.nan for v in values])


def input_values(columns, wanted, data):
    """The values of one input in one file: an array along time (file) or along the items (row)."""
    if "columns" in wanted:
        return np.stack([numbers(columns[name]) for name in wanted["columns"]], axis=1)
    name = wanted.get("key", data.get("channel", "") if data["format"] == "csv" else "")
    values = columns[name]
    if wanted["type"] == "str":
        return values
    if isinstance(values, list) and len(values) and isinstance(values[0], (list, np.ndarray)):
        return [np.array(v, float) for v in values]
    return numbers(values)


def files_of(data, root):
    return sorted(glob.glob(os.path.join(root, data["files"]), recursive=True))


def stem_of(path):
    return os.path.splitext(os.path.basename(path))[0]


def by_pattern(pattern, stem):
    names = re.findall(r"{(\w+)}", pattern)
    expression = re.sub(r"{\w+}", "(.+?)", pattern) + "$"
    return dict(zip(names, re.match(expression, stem).groups()))


def load(facts, root):
    """The development and the final part of a requirement."""
    data, labels, split = facts["data"], facts["labels"], facts["split"]
    items, wanted = [], [v for v in data["inputs"] if v.get("unit") != "Hz"]
    for path in files_of(data, root):
        items += items_of_file(path, facts, root, wanted)
    if labels["format"] == "lines":
        with open(os.path.join(root, labels["files"]), encoding="utf-8") as file:
            for item, line in zip(items, file):
                item["label"] = line.strip()
    items = [item for item in items if str(item["label"]) not in ("", "nan")]
    parts = Part(rate_hz=data.get("rate_hz", 0)), Part(rate_hz=data.get("rate_hz", 0))
    for item, final in zip(items, final_flags(items, split)):
        if final is None:
            continue
        part = parts[final]
        part.labels.append(item["label"])
        part.names.append(item["name"])
        for variable in wanted:
            part.inputs.setdefault(variable["name"], []).append(item[variable["name"]])
    return parts


def final_flags(items, split):
    if split.get("final"):
        key = "subject" if split["by"] == "subject" else "name"
        parts = {n: 0 for n in split["development"]} | {n: 1 for n in split["final"]}
        return [parts.get(str(item[key])) for item in items]
    share = split["final_share"]
    if split["by"] == "time":
        return [int(item["place"] >= 1 - share) for item in items]
    drawn = np.random.default_rng(split.get("seed", 1)).permutation(len(items)) < share * len(items)
    return [int(d) for d in drawn]


def items_of_file(path, facts, root, wanted):
    data, labels, split = facts["data"], facts["labels"], facts["split"]
    stem, events = stem_of(path), None
    if data["format"] == "wfdb":
        columns, events = _wfdb(path, data, labels)
    else:
        columns = read_columns(path, data)
    values = {v["name"]: input_values(columns, v, data) for v in wanted}
    mode = data.get("items", "file")
    fields = by_pattern(labels["pattern"], stem) if labels["format"] == "name" else {}
    base = {"name": stem, "subject": fields.get(split.get("subject", ""), "")}
    if labels["format"] == "csv":
        events = [int(v) for v in _csv(os.path.join(root, stem + os.path.splitext(labels["files"])[1]))[labels["column"]]]
    if mode == "file":
        folder = os.path.basename(os.path.dirname(path))
        label = events if events is not None else fields.get("label", folder)
        return [base | {n: v for n, v in values.items()} | {"label": label, "place": 0}]
    along = columns.get(labels.get("key", labels.get("column"))) if labels["format"] != "lines" else None
    if mode == "row":
        total = len(next(iter(values.values())))
        names = columns.get(labels.get("names_key"), labels.get("names"))
        subject = columns.get(split.get("subject"))
        label = ["pending"] * total if along is None else list(along)
        if names is not None:
            label = [str(names[int(v)]) for v in label]
        return [base | {n: v[k] for n, v in values.items()} | {"label": label[k], "place": k / total} |
                ({"subject": str(subject[k])} if subject is not None else {}) for k in range(total)]
    size = round(data["window_s"] * data["rate_hz"])
    step = round(data.get("step_s", data["window_s"]) * data["rate_hz"])
    total, made = len(next(iter(values.values()))), []
    for start in range(0, total - size + 1, step):
        label = fields.get("label")
        if along is not None:
            cells, counts = np.unique(along[start:start + size], return_counts=True)
            label = str(cells[np.argmax(counts)])
        made.append(base | {n: v[start:start + size] for n, v in values.items()} |
                    {"label": label, "place": start / total})
    return made
