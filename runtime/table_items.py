"""Cuts the content of one file into items: the values of each input, in the declared type and shape."""
import collections

import numpy as np

from table_open import bad, name_error

SCALARS = ("float", "int", "str")


class Windows:
    """Stretches of `size` rows of an array, as a sequence."""

    def __init__(self, values, starts, size):
        self.values, self.starts, self.size = values, starts, size

    def __getitem__(self, i):
        return self.values[self.starts[i]:self.starts[i] + self.size]


class Repeated:
    """One value for every item of a file."""

    def __init__(self, value):
        self.value = value

    def __getitem__(self, i):
        return self.value


def is_rate(spec):
    """The sampling rate as an input: the host knows it from `rate_hz`."""
    return (spec.get("type") in ("float", "int") and str(spec.get("unit", "")).lower() == "hz"
            and not spec.get("key") and not spec.get("columns"))


def rate_of(content, data):
    """The file's own rate, or the stated one; both, where both are known, must agree."""
    stated = float(data.get("rate_hz") or 0) or None
    own = content.rate_hz
    if own and stated and abs(own - stated) > 1e-6 * own:
        raise bad(f"{content.name}: sampling rate", f"{own:g} Hz", f"{stated:g} Hz as [data] rate_hz says")
    return own or stated


def starts_of(n, data, rate_hz, name):
    """(first rows, size) of the windows of a file of n rows; what is left at the end belongs to none."""
    window_s = float(data.get("window_s") or 0)
    step_s = float(data.get("step_s") or window_s)
    if not rate_hz:
        raise bad(f"{name}: [data] rate_hz", "none", "the sampling rate, for windows in seconds")
    size = round(window_s * rate_hz)
    if size < 1 or step_s * rate_hz < 1:
        raise bad("[data] window_s, step_s", f"{window_s:g} s, {step_s:g} s", f"at least one sample at {rate_hz:g} Hz")
    count = max(0, int((n - size) / (step_s * rate_hz)) + 1) if n >= size else 0
    starts = [round(i * step_s * rate_hz) for i in range(count)]
    return [s for s in starts if s + size <= n], size


def source_of(content, spec, data):
    """The field an input is taken from, rows first."""
    what = f"input {spec['name']!r}: "
    if spec.get("columns"):
        columns = [content.numbers(c, what + "column") for c in spec["columns"]]
        if len(columns) == 1 and spec.get("type") in SCALARS:
            return columns[0]
        _check_flat(content, spec, columns)
        return np.stack(columns, axis=1)
    if spec.get("key"):
        return content.field(spec["key"], what + "key")
    if data.get("channel"):
        return content.field(data["channel"], "channel")
    if spec["name"] in content.fields:
        return content.fields[spec["name"]]
    if content.default is not None:
        return content.fields[content.default]
    if len(content.fields) == 1:
        return next(iter(content.fields.values()))
    raise name_error(f"{content.name}: input {spec['name']!r} has no key and no columns, and its name", spec["name"],
                     content.names())


def _check_flat(content, spec, columns):
    for name, column in zip(spec["columns"], columns):
        if column.ndim != 1 or len(column) != len(columns[0]):
            raise bad(f"{content.name}: column {name!r}", f"shape {column.shape}", f"({len(columns[0])},)")


def file_items(content, specs, data):
    """([start of each item], {input: (sequence of values, shapes, gaps)}, rows of the file)."""
    mode = data.get("items") or "file"
    sources = {spec["name"]: source_of(content, spec, data) for spec in specs if not is_rate(spec)}
    if mode == "file":
        return [0], {s["name"]: _whole(content, s, sources[s["name"]]) for s in specs if s["name"] in sources}, 1
    lengths = {name: len(v) for name, v in sources.items() if isinstance(v, list) or v.ndim}
    n = collections.Counter(lengths.values()).most_common(1)[0][0] if lengths else 0
    for name, length in lengths.items():
        if length != n:
            raise bad(f"{content.name}: input {name!r}", f"{length} rows", f"{n} as the other inputs have")
    if mode == "row":
        values = {s["name"]: _rows(content, s, sources[s["name"]]) for s in specs if s["name"] in sources}
        return list(range(n)), values, n
    starts, size = starts_of(n, data, rate_of(content, data), content.name)
    values = {s["name"]: _windows(content, s, sources[s["name"]], starts, size) for s in specs if s["name"] in sources}
    return starts, values, n


def _whole(content, spec, source):
    if spec.get("type") != "str":
        _check_stacked(content, spec, source)
    if spec.get("type") in SCALARS:
        return _constant(content, spec, source)
    array = cast(source, spec, content)
    array = _squeeze(array, spec, content)
    check_shape(array.shape, spec, content)
    return [array], {array.shape}, gaps(array)


def _check_stacked(content, spec, source):
    if isinstance(source, list):
        raise bad(f"{content.name}: input {spec['name']!r}", "rows of unequal shape or text",
                  'one array of numbers, or [data] items = "row"')


def _constant(content, spec, source):
    """A scalar of a whole file: the field has one value, or the same in all rows."""
    if isinstance(source, list) and not isinstance(source[0], str):
        _check_stacked(content, spec, source)
    values = np.unique(np.asarray(source).ravel())
    if len(values) != 1:
        raise bad(f"{content.name}: input {spec['name']!r}", f"{len(values)} different values", "one for the file")
    value = cast(values, spec, content)[0]
    return Repeated(value), {()}, gaps(np.asarray([value]))


def _rows(content, spec, source):
    if not isinstance(source, list) and source.ndim == 0:
        return _constant(content, spec, source)
    if isinstance(source, list) and not isinstance(source[0], str):
        values = [cast(v, spec, content) for v in source]
        for value in values:
            check_shape(value.shape, spec, content)
        return values, {v.shape for v in values}, sum(map(gaps, values))
    array = cast(source, spec, content)
    if spec.get("type") in SCALARS:
        if array.ndim == 2 and array.shape[1] == 1:
            array = array[:, 0]
        if array.ndim != 1:
            raise bad(f"{content.name}: input {spec['name']!r}", f"arrays of shape {array.shape[1:]}",
                      f"one {spec['type']} per row")
    else:
        check_shape(array.shape[1:], spec, content)
    return array, {array.shape[1:]}, gaps(array)


def _windows(content, spec, source, starts, size):
    if spec.get("type") in SCALARS:
        return _constant(content, spec, source)
    _check_stacked(content, spec, source)
    array = cast(source, spec, content)
    shape = (size, *array.shape[1:])
    check_shape(shape, spec, content)
    return Windows(array, starts, size), {shape} if starts else set(), gaps(array)


def gaps(array):
    return int(np.isnan(array).sum()) if array.dtype.kind in "fc" else 0


def cast(source, spec, content):
    """The values in the declared dtype, where nothing is lost by it."""
    what = f"{content.name}: input {spec['name']!r}"
    array = np.asarray(source)
    kind = spec.get("type")
    dtype = {"float": "float64", "int": "int64", "str": "str"}.get(kind) or spec.get("dtype") or array.dtype
    try:
        np.dtype(dtype)
    except TypeError:
        raise bad(f"input {spec['name']!r}: dtype", repr(dtype), "one of NumPy: float64, int64, ...") from None
    if kind == "str" or np.dtype(dtype).kind == "U":
        if array.dtype.kind == "S":
            return np.char.decode(array, "utf-8", "replace")
        if array.dtype.kind == "f" and not np.isnan(array).any() and (array == np.round(array)).all():
            array = array.astype("int64")
        return array if array.dtype.kind == "U" else array.astype(str)
    if array.dtype.kind not in "biufc":
        raise bad(what, "text" if array.dtype.kind in "US" else str(array.dtype), f"numbers for {dtype}")
    dtype = np.dtype(dtype)
    if dtype.kind in "iub" and array.dtype.kind in "fc":
        if gaps(array):
            raise bad(what, f"{gaps(array)} values that are NaN", "none for a dtype of whole numbers: use float64")
        if not (array == np.round(array)).all():
            raise bad(what, "numbers with fractions", f"whole numbers for {dtype}")
    if array.dtype.kind == "c" and dtype.kind != "c":
        raise bad(what, "complex numbers", str(dtype))
    if dtype.kind in "iu" and array.size and array.dtype != dtype:
        info = np.iinfo(dtype)
        if array.min() < info.min or array.max() > info.max:
            raise bad(what, f"values {array.min()} to {array.max()}", f"what fits {dtype}")
    return array.astype(dtype, copy=False)


def declared(spec):
    """["n_samples", "3"] of "(n_samples, 3)"; None where no shape is stated."""
    text = str(spec.get("shape") or "").strip()
    return [p.strip() for p in text.strip("()[]").split(",") if p.strip()] if text else None


def _squeeze(array, spec, content):
    """MATLAB has no vectors: an axis of one is dropped where the declared shape has one axis less."""
    sizes = declared(spec)
    if sizes is not None and content.name.endswith(".mat") and array.ndim > len(sizes) and 1 in array.shape:
        return np.squeeze(array)
    return array


def check_shape(shape, spec, content):
    sizes = declared(spec)
    if sizes is None:
        return
    fits = len(sizes) == len(shape) and all(not s.isdigit() or int(s) == n for s, n in zip(sizes, shape))
    if not fits:
        raise bad(f"{content.name}: input {spec['name']!r}", f"shape {tuple(shape)}", f"({', '.join(sizes)})")
