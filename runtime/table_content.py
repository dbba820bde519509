"""What a reader hands over: the named fields of one file, each an array along its rows or a list of them."""
import numpy as np

from table_open import bad, name_error


class Content:
    """One opened file. `fields` maps names to arrays (rows first) or lists (texts, or arrays of unequal shape)."""

    def __init__(self, name, fields, default=None, rate_hz=None, units=None):
        self.name = name
        self.fields = fields
        self.default = default
        self.rate_hz = rate_hz
        self.units = units or {}

    def names(self):
        return [n for n in self.fields if n]

    def find(self, name, what):
        """The field's own name: `name`, or its number where columns have no names of their own."""
        name = str(name)
        if name in self.fields:
            return name
        raise name_error(f"{self.name}: {what}", name, self.names())

    def field(self, name, what="key"):
        return self.fields[self.find(name, what)]

    def single(self, name, what):
        """A field that has one number or text per row."""
        values = self.field(name, what)
        if isinstance(values, list) and values and not isinstance(values[0], str):
            raise bad(f"{self.name}: {what} {name!r}", "arrays", "one number or text per row")
        return values

    def numbers(self, name, what="column"):
        """A field as an array of numbers."""
        values = self.field(name, what)
        if isinstance(values, list):
            found = next((v for v in values if isinstance(v, str)), None)
            got = f"text ({found!r})" if found is not None else "rows of unequal shape"
            raise bad(f"{self.name}: {what} {name!r}", got, "numbers")
        return values


def ragged(values):
    """Arrays stacked where all shapes are equal, else the list."""
    if values and all(v.shape == values[0].shape for v in values):
        return np.stack(values)
    return values


MISSING = {"", "nan", "na", "n/a", "null", "none", "?", "-", "--", "nat"}


def to_number(cell, comma=False):
    """The number in a cell; NaN for a gap; ValueError for text."""
    cell = cell.strip()
    if cell.casefold() in MISSING:
        return np.nan
    if "_" in cell:  # float() would take "12_3" for 123
        raise ValueError(cell)
    return float(cell.replace(",", ".") if comma else cell)
