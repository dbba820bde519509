"""What the values of one array, column or channel are like, over the files of a group."""
import re

import numpy as np

BYTES_TEXT = re.compile(r"(0x)?[0-9a-f]{2}([ :-]?(0x)?[0-9a-f]{2}){2,}", re.IGNORECASE)
MAX_VALUES = 100  # different values that are listed
LEAST_LINE = 4  # characters of a line that a device sent
LEAST_IN_ORDER = 30  # values from which on their order says something


class Values:
    """Shapes, dtypes, range, gaps and, where they are few, the different values of one field."""

    def __init__(self, name):
        self.name = name
        self.shapes, self.dtypes = [], set()
        self.low = self.high = None
        self.gaps = self.count = 0
        self.whole = True
        self.distinct = set()  # None: too many
        self.unit = None
        self.singles = []  # the value of each file where it has one
        self.counts_up = None  # each value is the one before and 1
        self.in_blocks = None  # few values, and each stands in one stretch of a file: rows sorted by it
        self.hexadecimal = None  # each text is that of three bytes or more, and not all are digits alone
        self.lines = None  # each text has a digit and something else: what a device may have sent
        self.likeness = []  # for each file the correlation of a value with the next

    def add_header(self, shape, dtype):
        self.shapes.append(tuple(shape))
        self.dtypes.add("str" if dtype.kind in "US" else str(dtype))

    def add(self, values):
        if isinstance(values, list) and values and isinstance(values[0], str):
            self.add_header((len(values),), np.dtype("U1"))
            self._add_texts(values)
            self._add_blocks(np.asarray(values))
        elif isinstance(values, list):
            self.add_ragged(values)
        else:
            self.add_header(values.shape, values.dtype)
            self._add_array(values)
            self._add_blocks(values)

    def add_ragged(self, arrays):
        tails = {a.shape for a in arrays}
        axes = [None]
        if len({len(t) for t in tails}) == 1:
            axes = [n[0] if len(set(n)) == 1 else None for n in zip(*tails)]
        self.add_header((len(arrays), *axes), arrays[0].dtype)
        for array in arrays:
            self._add_array(array)

    def _add_texts(self, texts):
        self.count += len(texts)
        self.whole = False
        self.gaps += sum(not t for t in texts)
        there = [t for t in texts[:1000] if t]
        if there and self.hexadecimal is not False:
            self.hexadecimal = all(map(BYTES_TEXT.fullmatch, there)) and not all(t.isdigit() for t in there)
        if there and self.lines is not False:
            self.lines = all(len(t) >= LEAST_LINE and any(map(str.isdigit, t)) and not t.isalnum() for t in there)
        self._add_distinct({t for t in texts if t})

    def _add_array(self, array):
        if array.dtype.kind in "US":
            return self._add_texts([str(t) for t in array.ravel().tolist()])
        if array.dtype.kind not in "biuf" or not array.size:
            self.whole = False
            return None
        self.count += array.size
        there = array[np.isfinite(array)] if array.dtype.kind == "f" else array
        self.gaps += int(np.isnan(array).sum()) if array.dtype.kind == "f" else 0
        if not there.size:
            return None
        low, high = float(there.min()), float(there.max())
        self.low = low if self.low is None else min(low, self.low)
        self.high = high if self.high is None else max(high, self.high)
        if array.ndim == 1 and there.size == array.size >= LEAST_IN_ORDER:
            self._add_order(there.astype(float))
        if array.size == 1:
            self.singles.append(float(there.ravel()[0]))
        self.whole = self.whole and (array.dtype.kind != "f" or bool((there == np.round(there)).all()))
        if self.whole and array.ndim <= 2 and self.distinct is not None:
            self._add_distinct(set(np.unique(there).astype("int64").tolist()) if abs(low) < 2**53 and abs(high) < 2**53
                               else None)
        elif array.ndim > 2 or not self.whole:
            self.distinct = None
        return None

    def _add_blocks(self, values):
        if values.ndim != 1 or len(values) < LEAST_IN_ORDER:
            return
        changes = int((values[1:] != values[:-1]).sum())
        different = len(np.unique(values)) if changes <= MAX_VALUES else None
        if different != 1:  # a file of one class says nothing
            self.in_blocks = self.in_blocks is not False and changes + 1 == different

    def _add_order(self, values):
        self.counts_up = self.counts_up is not False and bool((np.diff(values) == 1).all())
        values = np.clip(values, *np.percentile(values, [1, 99]))  # a few wild values would hide the rest
        if values.std() > 0:
            before, after = values[:-1] - values[:-1].mean(), values[1:] - values[1:].mean()
            scale = np.sqrt((before**2).sum() * (after**2).sum())
            self.likeness.append(float((before * after).sum() / scale) if scale else 1.0)

    def _add_distinct(self, values):
        if self.distinct is not None:
            self.distinct = None if values is None else self.distinct | values
            if self.distinct is not None and len(self.distinct) > MAX_VALUES:
                self.distinct = None

    def shape(self):
        """One size per axis, None where it varies; None where the number of axes does."""
        if len({len(s) for s in self.shapes}) != 1:
            return None
        return [n[0] if len(set(n)) == 1 else None for n in zip(*self.shapes)]

    def is_constant(self):
        return self.low is not None and self.low == self.high

    def is_categorical(self):
        """Few values that come again and again: texts, or whole numbers from -1, 0 or 1 without large gaps."""
        if self.distinct is None or not 2 <= len(self.distinct) <= 50 or self.count < 4 * len(self.distinct):
            return False
        if not self.whole:
            return True
        return self.low in (-1, 0, 1) and self.high - self.low < 2 * len(self.distinct)

    def describe(self):
        fact = {"name": self.name, "dtype": "/".join(sorted(self.dtypes)), "shape": self.shape(), "min": self.low,
                "max": self.high, "nan_share": round(self.gaps / self.count, 6) if self.count else None,
                "unit": self.unit, "counts_up": bool(self.counts_up), "in_blocks": bool(self.in_blocks),
                "hexadecimal": bool(self.hexadecimal), "lines": bool(self.lines),
                "likeness": round(float(np.median(self.likeness)), 3) if self.likeness else None}
        if self.distinct and self.count:
            fact["values"] = sorted(self.distinct, key=lambda v: (isinstance(v, str), v))[:MAX_VALUES]
        return fact
