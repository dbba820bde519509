"""Tables of text with any separator, with and without a header."""
import csv
import itertools
import re

import numpy as np

from table_content import Content, to_number
from table_open import bad, open_text

csv.field_size_limit(1 << 24)
_CHUNK = 20_000  # rows held as text at a time
_DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([ T]\d{1,2}:\d{2}.*)?$|\d{1,2}:\d{2}(:\d{2}.*)?$")


def split_lines(lines, separator):
    """Rows of cells; blank lines are left out, but for those inside a single column, where each is a gap."""
    if not separator:
        return _single_cells(lines)
    if separator == " ":
        return (line.split() for line in lines if line.strip())
    return (row for row in csv.reader(lines, delimiter=separator, skipinitialspace=True)
            if len(row) > 1 or row and row[0].strip())


def _single_cells(lines):
    blank = 0
    for line in lines:
        cell = line.strip()
        if not cell:
            blank += 1
            continue
        yield from ([""] for _ in range(blank))
        blank = 0
        yield [cell.strip('"')]


def is_value(cell, comma=False):
    """A number, a date or a time, not a name; an empty cell says nothing."""
    try:
        return to_number(cell, comma) == to_number(cell, comma) or cell.strip().casefold() == "nan"
    except ValueError:
        return bool(_DATE.match(cell.strip()))


class Dialect:
    """How a table is written: `separator`, `comma` (decimal), `skip` (lines before it), `header` (rows), `names`."""

    def __init__(self, lines):
        self.skip = len(list(itertools.takewhile(lambda line: line[:1] in "#%" or not line.strip(), lines)))
        lines = lines[self.skip:]
        ranked = [self._rate(lines, s, i) for i, s in enumerate((",", ";", "\t", "|", " "))]
        rank, self.separator, rows = max(ranked, key=lambda r: r[0])
        self.even, self.values = rank[0] or rank[4] == 1, rank[3]  # as many cells in each row; share of numbers
        self.separator = self.separator if rank[4] > 1 else ""
        cells = [c for row in rows[1:] for c in row]
        self.comma = self.separator != "," and any(re.fullmatch(r"\s*-?\d+,\d+\s*", c) for c in cells)
        self.header = self._header_rows(rows)
        width = len(rows[-1]) if rows else 0
        self.names = self._names(rows, width)

    @staticmethod
    def _rate(lines, separator, order):
        try:
            rows = list(itertools.islice(split_lines(lines, separator), 200))
        except csv.Error:
            rows = []
        counts = [len(row) for row in rows[1:]] or [len(row) for row in rows] or [0]
        width = max(set(counts), key=lambda n: (counts.count(n), n))
        even = counts.count(width) / len(counts)
        cells = [c for row in rows[1:] or rows for c in row]
        values = sum(is_value(c, separator != ",") or not c.strip() for c in cells) / max(1, len(cells))
        consistent = width > 1 and even > 0.9 and len(rows[0]) in (width, width - 1)
        return (consistent, values >= 0.7, separator != " ", round(values, 1), width, -order), separator, rows

    def _header_rows(self, rows):
        def plain(row):
            return not any(is_value(c, self.comma) for c in row) and any(c.strip() for c in row)

        if not rows or not plain(rows[0]):
            return 0
        if len(rows) == 1:
            return 1
        body = [row for row in rows[1:] if not plain(row)]
        if not body:  # text alone: a header is what does not come again below it
            return 0 if any(row[i:i + 1] == [c] for row in rows[1:] for i, c in enumerate(rows[0])) else 1
        n = next(i for i, row in enumerate(rows) if not plain(row))
        numbers = sum(is_value(c, self.comma) for c in rows[n])
        return n if n <= 3 and numbers >= len(rows[n]) - 1 else 1

    def _names(self, rows, width):
        if not self.header:
            return [str(i) for i in range(width)]
        parts = [[c.strip() for c in row] for row in rows[:self.header]]
        if all(len(row) == width - 1 for row in parts):  # the first column is an index without a name
            parts = [[""] + row for row in parts]
        names, used = [], {}
        for i, column in enumerate(itertools.zip_longest(*parts, fillvalue="")):
            name = ".".join(c for c in column if c) or ("index" if i == 0 else str(i))
            used[name] = used.get(name, 0) + 1
            names.append(name if used[name] == 1 else f"{name}.{used[name] - 1}")
        return names


def read_dialect(path, name, notes):
    with open_text(path, name, notes) as file:
        head = file.read(1 << 18)
        lines = head.splitlines()
        return Dialect(lines[:-1] if len(lines) > 2 and file.read(1) else lines)


class _Columns:
    """Columns in the making: numbers as long as they are numbers."""

    def __init__(self, names, comma):
        self.names = names
        self.comma = comma
        self.texts = set()  # numbers of the columns that hold text
        self.parts = [[] for _ in names]

    def add(self, rows):
        """False where a column of numbers turns out to hold text: its earlier cells have to be read again."""
        for i, cells in enumerate(zip(*rows)):
            if i not in self.texts:
                try:
                    self.parts[i].append(np.array([to_number(c, self.comma) for c in cells]))
                    continue
                except ValueError:
                    self.texts.add(i)
                    if self.parts[i]:
                        return False
            self.parts[i].append([c.strip() for c in cells])
        return True

    def fields(self):
        return {name: list(itertools.chain(*parts)) if i in self.texts else np.concatenate(parts or [np.zeros(0)])
                for i, (name, parts) in enumerate(zip(self.names, self.parts))}


def collect_columns(make_rows, names, comma, name):
    """{column: values} of the rows that `make_rows()` gives; unequal rows are an error."""
    columns = _Columns(names, comma)
    while True:
        done, rows = True, make_rows()
        number = 0
        while done and (chunk := list(itertools.islice(rows, _CHUNK))):
            for row in chunk:
                number += 1
                if len(row) != len(names):
                    raise bad(f"{name}: row {number}", f"{len(row)} cells", f"{len(names)}")
            done = columns.add(chunk)
        if done:
            return columns.fields()
        columns.parts = [[] for _ in names]


def read_csv(path, name, notes):
    dialect = read_dialect(path, name, notes)

    def make_rows():
        with open_text(path, name, []) as file:
            rows = split_lines(itertools.islice(file, dialect.skip, None), dialect.separator)
            yield from itertools.islice(rows, dialect.header, None)

    try:
        fields = collect_columns(make_rows, dialect.names, dialect.comma, name)
    except csv.Error as error:
        raise bad(name, f"a broken table ({error})", "rows of cells") from None
    if not fields or not len(next(iter(fields.values()))):
        raise bad(name, "no rows", "a table")
    return Content(name, fields, units=dict(filter(None, map(unit_of, fields))))


def unit_of(column):
    """(column, unit) where the name ends with a unit in brackets: "Torque [Nm]", "GHI (W/m^2)"."""
    found = re.search(r"\[([^\[\]]{1,12})\]\s*$", column)
    return (column, found.group(1)) if found else None
