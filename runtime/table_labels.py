"""Labels and subjects of the items of one file, or of all items."""
import collections
import os
import re

import numpy as np

from table_content import MISSING
from table_open import bad, check_content, find_files, name_error, open_text

FORMATS = ("key", "column", "folder", "name", "lines")


class Pattern:
    """ "{label}_{speaker}_{take}": the fields of a file's name without its ending; with "/" of its path."""

    def __init__(self, text):
        self.text = text
        parts = re.split(r"\{(\w+)\}", text)
        self.fields = parts[1::2]
        if not self.fields or len(set(self.fields)) != len(self.fields):
            raise bad("[labels] pattern", repr(text), "fields in braces, each once: {label}_{take}")
        source = "".join(f"(?P<{p}>[^/]+?)" if i % 2 else re.escape(p) for i, p in enumerate(parts))
        self.regex = re.compile(source)

    def match(self, name):
        stem = os.path.splitext(name if "/" in self.text else os.path.basename(name))[0]
        found = self.regex.fullmatch(stem)
        if not found:
            raise bad(f"{name}: file name", repr(stem), f"the pattern {self.text!r}")
        return found.groupdict()


def pattern_of(labels, split):
    text = (labels or {}).get("pattern") or (split or {}).get("pattern")
    return Pattern(text) if text else None


def is_missing(value):
    if isinstance(value, tuple):
        return any(map(is_missing, value))
    if isinstance(value, str):
        return value.strip() in ("", "?", "nan", "NaN", "NA")
    return value is None or value != value


def plain(values):
    """Python values of a field: numbers or texts."""
    if isinstance(values, np.ndarray):
        values = np.char.decode(values, "utf-8", "replace") if values.dtype.kind == "S" else values
        values = values.ravel().tolist()
    return [v.strip() if isinstance(v, str) else v for v in values]


def along(values, starts, size, mode, n_rows):
    """One value per item of what stands in the rows: the row's own; of a file the last; of a window the majority."""
    values = plain(values)
    if mode == "row":
        return values if len(values) != 1 or n_rows == 1 else values * n_rows
    if mode == "file" or len(values) == 1:
        return [values[-1] if values else None] * len(starts)
    return [majority(values[s:s + size]) for s in starts]


def majority(values):
    """The most frequent value that is there; of several the earliest."""
    counts = collections.Counter(v for v in values if not is_missing(v))
    return counts.most_common(1)[0][0] if counts else None


class Labeller:
    """Finds the label of each item as [labels] says."""

    def __init__(self, labels, data, root, notes, wants_numbers=False):
        self.wants_numbers = wants_numbers
        self.form = labels.get("format")
        self.labels, self.data, self.root, self.notes = labels, data, root, notes
        self.names = labels.get("names")
        self.beside = None  # labels in a file of their own
        if self.form not in FORMATS:
            raise bad("[labels] format", repr(self.form), "one of " + ", ".join(FORMATS))
        self.pattern = None
        if self.form == "name":
            self.pattern = Pattern(labels.get("pattern") or "")
            if "label" not in self.pattern.fields:
                raise bad("[labels] pattern", repr(self.pattern.text), "a field {label}")
        self.files = []
        if self.form == "lines" or self.form == "key" and labels.get("files"):
            self.files = find_files(root, labels.get("files") or "")
            if len(self.files) != 1:
                raise bad("[labels] files", f"{len(self.files)} files", "one, with one label per item")
            self.beside = self._lines(self.files) if self.form == "lines" else self._array(self.files)

    def _array(self, files):
        from table_arrays import read_npy, read_npz

        name = files[0]
        form = "npz" if name.endswith(".npz") else "npy"
        path = os.path.join(self.root, name)
        check_content(path, name, form)
        content = read_npz(path, name, []) if form == "npz" else read_npy(path, name, [])
        if self.labels.get("axes"):
            return self._positions(content)
        return self._named(content, plain(self._field(content) if form == "npz" else content.fields[""]))

    def _lines(self, files):
        with open_text(os.path.join(self.root, files[0]), files[0], self.notes) as file:
            lines = [line.strip() for line in file.read().splitlines()]
        while lines and not lines[-1]:
            lines.pop()
        try:
            return [float(line) if line.casefold() not in MISSING else None for line in lines]
        except ValueError:
            return lines

    def of_file(self, content, starts, size, n_rows):
        """The labels of this file's items; None where they are known at the end alone."""
        if self.beside is not None:
            return None
        if self.form == "folder":
            folder = os.path.basename(os.path.dirname(content.name))
            if not folder:
                raise bad(f"{content.name}: folder", "none below the data folder", "one named as the label")
            return [self._text(content, folder)] * len(starts)
        if self.form == "name":
            return [self._text(content, self.pattern.match(content.name)["label"])] * len(starts)
        values = self._positions(content) if self.labels.get("axes") else self._field(content)
        mode = self.data.get("items") or "file"
        found = along(values, starts, size, mode, n_rows)
        if len(found) != len(starts) or mode == "window" and len(plain(values)) not in (1, n_rows):
            raise bad(f"{content.name}: labels", f"{len(plain(values))}", f"{n_rows}, one for each row")
        return self._named(content, found)

    def _text(self, content, text):
        """A label that is part of a name; a number where numbers are wanted."""
        if not self.wants_numbers:
            return text
        try:
            return float(text)
        except ValueError:
            raise bad(f"{content.name}: label", repr(text), "a number") from None

    def _positions(self, content):
        """One tuple of coordinates for each row, from columns of their own or an array of them."""
        axes, columns = self.labels["axes"], self.labels.get("columns")
        what = f"{content.name}: label {self.form}"
        if columns:
            fields = [plain(content.single(c, f"label {self.form}")) for c in columns]
            if len({len(f) for f in fields}) != 1:
                raise bad(what, "columns of unequal length", "one coordinate for each row")
            rows = list(zip(*fields))
        else:
            rows = self._field_rows(content, what, axes)
        for row in rows:
            if not all(is_missing(v) or isinstance(v, (int, float)) for v in row):
                raise bad(what, repr(row), f"{axes} numbers")
        return rows

    def _field_rows(self, content, what, axes):
        name = self.labels.get("key") or ""
        if not name and name not in content.fields:
            raise bad(f"[labels] {self.form}", "none", "the name of the array with the positions")
        try:
            array = np.asarray(content.field(name, "label key"), dtype=float)
        except ValueError:
            raise bad(what, "entries of unequal shape, or text", f"{axes} numbers each") from None
        array = array.reshape(1, -1) if array.ndim == 1 else array
        if array.ndim != 2 or array.shape[1] != axes:
            raise bad(what, f"shape {array.shape}", f"{axes} numbers each")
        return list(map(tuple, array.tolist()))

    def _field(self, content):
        name = self.labels.get("key") or self.labels.get("column")
        if name is None and "label" in content.fields:
            name = "label"
        if name is None:
            raise bad(f"[labels] {self.form}", "none", f"the name of a {self.form}")
        return content.single(name, f"label {self.form}")

    def _named(self, content, found):
        names = self.names
        if self.labels.get("names_key"):
            names = plain(content.single(self.labels["names_key"], "names_key"))
        return [self._name(content, v, names) for v in found] if names else found

    @staticmethod
    def _name(content, value, names):
        if is_missing(value):
            return None
        try:
            index = int(value)
        except (ValueError, OverflowError):
            index = -1
        if not 0 <= index < len(names) or index != float(value):
            raise bad(f"{content.name}: label", repr(value), f"a whole number below {len(names)}, the number of names")
        return names[index]


def subjects_of(split, pattern, content, starts, size, mode, n_rows):
    """The subject of each item as text; None where a window has two."""
    name = split["subject"]
    if pattern and name in pattern.fields:
        return [pattern.match(content.name)[name]] * len(starts)
    if name not in content.fields:
        fields = content.names() + (pattern.fields if pattern else [])
        raise name_error(f"{content.name}: subject", name, fields)
    values = plain(content.single(name, "subject"))
    if mode == "row" or len(values) == 1:
        found = along(values, starts, size, mode, n_rows)
    else:
        ends = [len(values)] if mode == "file" else [s + size for s in starts]
        found = [values[s] if len(set(values[s:e])) == 1 else None for s, e in zip(starts, ends)]
    if len(found) != len(starts):
        raise bad(f"{content.name}: subject {name!r}", f"{len(found)} values", f"{len(starts)}, one for each item")
    return [None if is_missing(v) else whole_text(v) for v in found]


def whole_text(value):
    """2.0 as "2": a subject read from a column of numbers."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def tidy(labels):
    """Labels of the whole table: numbers stay numbers, whole ones become integers; mixed ones become text."""
    there = [v for v in labels if not is_missing(v)]
    if any(isinstance(v, tuple) for v in there):
        if any(abs(number) == float("inf") for v in there for number in v):
            raise bad("labels", "an infinite number", "finite numbers")
        return [None if is_missing(v) else v for v in labels]
    if all(isinstance(v, (bool, int, float)) for v in there):
        if any(abs(v) == float("inf") for v in there):
            raise bad("labels", "an infinite number", "finite numbers")
        whole = all(float(v).is_integer() for v in there)
        return [None if is_missing(v) else int(v) if whole else float(v) for v in labels]
    return [None if is_missing(v) else whole_text(v) for v in labels]
