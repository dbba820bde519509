"""Readers of text formats with a grammar of their own: JSON lines, ARFF, UCR .ts."""
import csv
import itertools
import json
import re

import numpy as np

from table_content import Content, ragged, to_number
from table_csv import collect_columns
from table_open import bad, name_error, open_text


def read_jsonl(path, name, notes):
    columns, n = {}, 0
    with open_text(path, name, notes) as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                entry = json.loads(line)
            except (ValueError, RecursionError):
                entry = None
            if not isinstance(entry, dict):
                raise bad(f"{name}: line {number}", repr(line.strip()[:40]), "one JSON object per line")
            for key in entry.keys() - columns.keys():
                columns[key] = [None] * n
            for key, values in columns.items():
                values.append(entry.get(key))
            n += 1
    if not n:
        raise bad(name, "no lines", "JSON objects")
    first = [key for key in columns]
    return Content(name, {key: _field(columns[key], f"{name}: field {key!r}") for key in sorted(first)})


def _field(values, what):
    """Numbers as an array, lists as arrays, anything else as text."""
    try:
        if all(v is None or isinstance(v, (bool, int, float)) for v in values):
            return np.array([np.nan if v is None else float(v) for v in values])
        if all(isinstance(v, list) for v in values):
            return ragged([np.array([_gaps(x) for x in v], dtype=float) for v in values])
    except (ValueError, TypeError, OverflowError) as error:
        raise bad(what, f"lists that are no arrays ({error})", "numbers, or lists of numbers of equal depth") from None
    return ["" if v is None else v if isinstance(v, str) else json.dumps(v) for v in values]


def _gaps(value):
    return [_gaps(v) for v in value] if isinstance(value, list) else np.nan if value is None else value


_ATTRIBUTE = re.compile(r"@attribute\s+('(?:[^'\\]|\\.)*'|\"[^\"]*\"|\S+)\s+(\{.*\}|\S+)", re.I)


def read_arff(path, name, notes):
    names, start, quote = [], None, '"'
    with open_text(path, name, notes) as file:
        for number, line in enumerate(file):
            line = line.strip()
            if line.lower().startswith("@attribute"):
                found = _ATTRIBUTE.match(line)
                if not found:
                    raise bad(f"{name}: line {number + 1}", repr(line[:60]), "@attribute NAME TYPE")
                names.append(found.group(1).strip("'\""))
            elif line.lower().startswith("@data"):
                start = number + 1
            elif start is not None and "'" in line:
                quote = "'"
            elif start is not None and line.startswith("{"):
                raise bad(f"{name}: line {number + 1}", "a sparse row", "all values of the row")
    if start is None or not names:
        raise bad(name, "no @attribute and @data", "an ARFF file")

    def make_rows():
        with open_text(path, name, []) as file:
            lines = (line for line in itertools.islice(file, start, None) if line.strip() and line[0] != "%")
            yield from csv.reader(lines, quotechar=quote, skipinitialspace=True)

    fields = collect_columns(make_rows, names, False, name)
    if not len(next(iter(fields.values()))):
        raise bad(name, "no rows after @data", "a table")
    return Content(name, fields)


def read_ts_header(file, name):
    """{"classlabel": "true a b", ...} up to @data; the file stands at the first item after."""
    header = {}
    for line in iter(file.readline, ""):
        if line.startswith("@"):
            key, _, value = line[1:].strip().partition(" ")
            if key.lower() == "data":
                return header
            header[key.lower()] = value.strip()
    raise bad(name, "no @data line", "a UCR .ts file")


def read_ts(path, name, notes):
    series, labels = [], []
    with open_text(path, name, notes) as file:
        header = read_ts_header(file, name)
        if header.get("timestamps", "false").lower() == "true":
            raise bad(name, "@timestamps true", "series without time stamps")
        labelled = header.get("classlabel", header.get("targetlabel", "false")).lower().startswith("true")
        for number, line in enumerate(filter(str.strip, file), 1):
            parts = line.strip().split(":")
            if labelled:
                labels.append(parts.pop().strip())
            try:
                dimensions = [np.array([to_number(c) for c in part.split(",")]) for part in parts]
                series.append(np.stack(dimensions, axis=1) if len(dimensions) > 1 else dimensions[0])
            except (ValueError, IndexError):
                raise bad(f"{name}: item {number}", repr(line.strip()[:40]), "numbers, equally many in each "
                          "dimension, and the label" if labelled else "numbers") from None
    if not series:
        raise bad(name, "no items after @data", "series")
    _check_ts(header, series, name)
    fields = {"series": ragged(series)}
    if labelled:
        fields["label"] = _ts_labels(header, labels, name)
    return Content(name, fields, default="series")


def _check_ts(header, series, name):
    widths = {s.shape[1:] for s in series}
    if len(widths) > 1:
        raise bad(name, "items with different numbers of dimensions", "the same in all")
    dimensions = header.get("dimensions", header.get("dimension", ""))
    width = (*widths.pop(), 1)[0]
    if dimensions.isdigit() and int(dimensions) != width:
        raise bad(f"{name}: item 1", f"{width} dimensions", dimensions)


def _ts_labels(header, labels, name):
    known = header.get("classlabel", "").split()[1:]
    if known:
        for label in labels:
            if label not in known:
                raise name_error(f"{name}: label", label, known)
        return labels
    return np.array([to_number(label) for label in labels])
