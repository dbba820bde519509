"""Reads foreign data files as a table of items, in the sandbox.   Usage: table.py --data DIR --out DIR < job.json

job = {"data": the requirement's [data], "labels": [labels] or null, "split": {"subject", "limit", "seed"},
       "select": null or {"test": [id, ...], "train": [id, ...]}}
Without a selection /out/table.json: {"ids", "labels", "subjects", "files", "times", "lengths" (of the first
input along its first axis), "inputs", "rate_hz", "notes"}.
With one /out/<part>.<input>.npy: item i of the part at index i; where the items' lengths differ, all of them one after
the other, and /out/<part>.<input>.lengths.npy. Wrong data: status 3 and one line "[table.read] ..." on stderr.
"""
import argparse
import json
import os
import sys
import warnings

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from table_open import ENDINGS, MAX_ITEMS, DataError, bad, check_content, find_files, one_line  # noqa: E402


def open_content(root, name, form, notes):
    """The content of one file, by the reader of its format."""
    import table_arrays
    import table_csv
    import table_text

    module = {"csv": table_csv, "jsonl": table_text, "arff": table_text, "ts": table_text}.get(form, table_arrays)
    path = os.path.join(root, name)
    check_content(path, name, form)
    try:
        return getattr(module, "read_" + form)(path, name, notes)
    except (DataError, ImportError, MemoryError, OSError):
        raise
    except Exception as error:  # the libraries that read have no common kind of error for a broken file
        raise bad(name, f"{type(error).__name__} ({error})", f"a sound file of format {form}") from None


class Table:
    """The items so far, and what is worth a note."""

    def __init__(self, specs):
        self.ids, self.labels, self.subjects, self.files, self.times, self.notes = [], [], [], [], [], []
        self.lengths = []
        self.shapes = {spec["name"]: set() for spec in specs}
        self.dtypes, self.units = {}, {}
        self.gaps = dict.fromkeys(self.shapes, 0)
        self.rates = set()
        self.left_over = [0, 0]  # files, rows after the last window
        self.chosen = {}  # id -> {input: value}


def scan(job, root, wanted):
    """Reads every file once; the values of `wanted` ids are kept."""
    from table_items import file_items, is_rate, rate_of
    from table_labels import Labeller, pattern_of, subjects_of
    from table_order import check_order
    from table_select import base_ids, item_ids

    data, split = job["data"], job.get("split") or {}
    form, mode, specs = data["format"], data.get("items") or "file", data["inputs"]
    table = Table(specs)
    labeller = Labeller(job["labels"], data, root, table.notes, bool(job.get("numbers"))) if job.get("labels") else None
    labels_in_names = (job.get("labels") or {}).get("format") in ("name", "folder")
    beside = labeller.files if labeller else []
    files = [f for f in find_files(root, data.get("files") or ENDINGS[form]) if f not in beside]
    pattern = pattern_of(job.get("labels"), split) if split.get("subject") else None
    for name, base in zip(files, base_ids(files)):
        content = open_content(root, name, form, table.notes)
        if mode == "window" or split.get("by") == "time":
            check_order(content, table.notes)
        starts, values, n_rows = file_items(content, specs, data)
        size = round(float(data.get("window_s") or 0) * (rate_of(content, data) or 0))
        ids = item_ids(base, mode, len(starts), labels_in_names)
        if len(table.ids) + len(ids) > MAX_ITEMS:
            raise bad("items", f"more than {MAX_ITEMS}", "fewer")
        labels = labeller.of_file(content, starts, size, n_rows) if labeller else None
        table.labels += [None] * len(ids) if labels is None else labels
        if split.get("subject"):
            table.subjects += subjects_of(split, pattern, content, starts, size, mode, n_rows)
        add_values(table, content, specs, values, ids, wanted)
        table.ids += ids
        table.files += [name] * len(ids)
        table.times += starts
        table.rates.add(rate_of(content, data))
        left = n_rows - (starts[-1] + size if starts else 0) if mode == "window" else 0
        table.left_over = [table.left_over[0] + (left > 0), table.left_over[1] + max(0, left)]
    if len(table.rates) > 1 and any(map(is_rate, specs)):
        raise bad("sampling rates of the files", ", ".join(f"{r:g}" if r else "none" for r in sorted(
            table.rates, key=lambda r: r or 0)), "the same in all, for the input in Hz")
    if any(map(is_rate, specs)) and table.rates == {None}:
        raise bad("[data] rate_hz", "none", "the sampling rate: an input in Hz needs it, and the files do not state it")
    if labeller and labeller.beside is not None:
        table.labels = whole_labels(labeller, table)
    return table


def whole_labels(labeller, table):
    if len(labeller.beside) != len(table.ids):
        raise bad(f"[labels] files {labeller.labels.get('files')!r}", f"{len(labeller.beside)} labels",
                  f"{len(table.ids)}, one for each item")
    return labeller.beside


def add_values(table, content, specs, values, ids, wanted):
    """Shapes, dtypes and gaps of the inputs; the values of the wanted items."""
    import numpy as np

    for spec in specs:
        name = spec["name"]
        if name not in values:
            continue
        sequence, shapes, gaps = values[name]
        if spec is specs[0]:
            table.lengths += [len(np.atleast_1d(sequence[i])) for i in range(len(ids))]
        table.shapes[name] |= shapes
        table.gaps[name] += gaps
        unit = content.units.get(spec.get("key") or (spec.get("columns") or [""])[0] or name)
        table.units.setdefault(name, unit)
        if ids and name not in table.dtypes:
            table.dtypes[name] = np.asarray(sequence[0]).dtype
        for i, item in enumerate(ids if wanted else ()):
            if item in wanted:
                table.chosen.setdefault(item, {})[name] = np.array(sequence[i])


def run(job, root, out):
    from table_labels import tidy
    from table_write import leave_out, write_selected, write_table

    select = job.get("select")
    wanted = {i for part in select.values() for i in part or ()} if select else set()
    table = scan(job, root, wanted)
    table.labels = tidy(table.labels)
    leave_out(table, bool(job.get("labels")))
    if select is None:
        write_table(job, table, out)
    else:
        write_selected(job, table, out)


def check_job(job):
    data = job.get("data") or {}
    if data.get("format") not in ENDINGS:
        raise bad("[data] format", repr(data.get("format")), "one of " + ", ".join(ENDINGS))
    if (data.get("items") or "file") not in ("file", "row", "window"):
        raise bad("[data] items", repr(data["items"]), "file, row or window")
    if data["format"] == "ts" and data.get("items") != "row":
        raise bad("[data] items", repr(data.get("items") or "file"), '"row" for ts')
    if not data.get("inputs"):
        raise bad("[[data.inputs]]", "none", "at least one")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", required=True)
    parser.add_argument("--out", required=True)
    options = parser.parse_args()
    job = json.load(sys.stdin)
    warnings.simplefilter("ignore")  # stderr holds the one line alone
    try:
        check_job(job)
        run(job, options.data, options.out)
    except DataError as error:
        problem = error
    except MemoryError:
        problem = "the data: got more than the memory allowed, expected less: smaller files, or fewer columns"
    except ImportError as error:
        problem = f"[data] format {job['data']['format']!r}: got {error}, expected the package in the sandbox"
    except (OSError, RecursionError) as error:
        problem = f"the data: got {error}, expected files that can be read"
    else:
        return 0
    print(one_line(f"[table.read] {problem}"), file=sys.stderr)
    return 3


if __name__ == "__main__":
    sys.exit(main())
