"""Writes what table.py hands over: table.json, or the arrays of the chosen items."""
import json
import os

from table_items import is_rate
from table_labels import is_missing
from table_open import bad, one_line
from table_select import limited, write_part


def varying_axes(table, name):
    """The shape of one item, None for a size that varies; only the first may."""
    shapes = sorted(table.shapes[name])
    if len({len(s) for s in shapes}) > 1:
        raise bad(f"input {name!r}", f"items of shapes {shapes[0]} and {shapes[-1]}", "the same number of axes in all")
    sizes = [n[0] if len(set(n)) == 1 else None for n in zip(*shapes)]
    if None in sizes[1:]:
        raise bad(f"input {name!r}", f"items of shapes {shapes[0]} and {shapes[-1]}",
                  "unequal lengths along the first axis alone")
    return sizes


def keep(table, positions):
    """Only these items."""
    for key in ("ids", "labels", "subjects", "files", "times", "lengths"):
        values = getattr(table, key)
        setattr(table, key, [values[i] for i in positions] if values else values)


def leave_out(table, labelled):
    """Items without a label, and windows with two subjects."""
    for there, values, why in ((labelled, table.labels, "no label"),
                               (table.subjects, table.subjects, "no subject, or more than one")):
        if there:
            out = sum(map(is_missing, values))
            if out:
                table.notes.append(f"{out} of {len(values)} items left out: {why}")
                keep(table, [i for i, v in enumerate(values) if not is_missing(v)])
    if not table.ids:
        raise bad("items", "none", "at least one" + (" with a label" if labelled else ""))


def describe(table, specs):
    """The inputs as table.json lists them; notes on gaps, lengths and single labels."""
    inputs = []
    for spec in specs:
        name = spec["name"]
        unit = spec.get("unit") or table.units.get(name) or ""
        if is_rate(spec):
            inputs.append({"name": name, "dtype": "float64", "shape": [], "unit": "Hz"})
            continue
        shape = varying_axes(table, name)
        dtype = table.dtypes.get(name)
        inputs.append({"name": name, "dtype": "str" if dtype is None or dtype.kind == "U" else str(dtype),
                       "shape": shape, "unit": one_line(unit)})
        if table.gaps[name]:
            table.notes.append(f"input {name!r}: {table.gaps[name]} values are NaN")
        if None in shape:
            lengths = [s[0] for s in table.shapes[name]]
            table.notes.append(f"input {name!r}: lengths {min(lengths)} to {max(lengths)}")
    if table.left_over[1]:
        table.notes.append(f"{table.left_over[1]} rows after the last window of {table.left_over[0]} files left out")
    for what, values in (("label", table.labels), ("subject", table.subjects)):
        if len(set(values)) == 1 and values[0] is not None:
            table.notes.append(f"all items have the same {what}: {values[0]!r}")
    return inputs


def write_table(job, table, out):
    split = job.get("split") or {}
    labelled = bool(job.get("labels"))
    inputs = describe(table, job["data"]["inputs"])
    positions = limited(table.ids, table.labels if labelled else None, int(split.get("limit") or 0),
                        split.get("seed") or 0)
    if len(positions) < len(table.ids):
        table.notes.append(f"{len(positions)} of {len(table.ids)} items taken: the limit")
        keep(table, positions)
    rates = table.rates
    answer = {"ids": table.ids, "labels": [one_line(v) if isinstance(v, str) else v for v in table.labels]
              if labelled else None,
              "subjects": list(map(one_line, table.subjects)) if split.get("subject") else None,
              "files": list(map(one_line, table.files)), "times": table.times,
              "lengths": table.lengths or None, "inputs": inputs,
              "rate_hz": next(iter(rates)) if len(rates) == 1 else None, "notes": list(map(one_line, table.notes))}
    path = os.path.join(out, "table.json")
    with open(path + ".partial", "w", encoding="utf-8") as file:
        json.dump(answer, file, allow_nan=False)
    os.replace(path + ".partial", path)


def write_selected(job, table, out):
    there = set(table.ids)
    for part in ("test", "train"):
        ids = job["select"].get(part)
        if ids is None or (part == "train" and not ids):
            continue
        for item in ids:
            if item not in there:
                raise bad(f"select: {part}", f"id {item!r}", "an id of the table")
        for name in table.dtypes:
            varying = None in varying_axes(table, name)
            write_part(out, part, name, [table.chosen[i][name] for i in ids], varying)
