"""Makes functions that work along the last axis unless told otherwise work along time, axis 0 of our sequences."""
import ast

from source_places import span_of

# Name of the function: how many positional arguments come before axis.
ALONG = {"filtfilt": 3, "lfilter": 3, "sosfiltfilt": 2, "sosfilt": 2, "savgol_filter": 5, "detrend": 1, "hilbert": 2,
         "decimate": 4, "welch": 9, "periodogram": 7, "diff": 2, "cumsum": 1, "fft": 2, "ifft": 2, "rfft": 2,
         "irfft": 2, "uniform_filter1d": 2, "gaussian_filter1d": 2, "maximum_filter1d": 2, "minimum_filter1d": 2}
# Filters over all axes at once: the width that is meant is one of time.
OVER_ALL = {"median_filter", "percentile_filter", "rank_filter", "uniform_filter", "maximum_filter", "minimum_filter",
            "gaussian_filter"}
NARROWED = {"axes", "footprint", None}
# Filters of frequencies: across channels they mean nothing. How many arguments come before the signal.
OF_FREQUENCIES = {"filtfilt": 2, "lfilter": 2, "sosfiltfilt": 1, "sosfilt": 1}
TURNS = {"transpose", "swapaxes", "moveaxis"}


def is_time_first(variable):
    """True for a sequence of several channels, (n_samples, n_channels): its first dimension is the longest."""
    if variable["type"] not in ("numpy.ndarray", "ndarray"):
        return False
    dims = [part.strip() for part in variable.get("shape", "").strip().strip("()").split(",") if part.strip()]
    if len(dims) < 2:
        return False
    sizes = [int(dim) if dim.isdigit() else None for dim in dims]
    if sizes[0] is None:
        return dims[0].startswith(("n_sample", "n_time", "n_frame", "n_packet", "n_point"))
    return all(size is None or size <= sizes[0] for size in sizes[1:])


def _name(call):
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")


def _edges(call):
    """prepend=x[0] has a dimension too few where x has two; x[:1] is right for both."""
    for keyword in call.keywords:
        value = keyword.value
        if keyword.arg in ("prepend", "append") and isinstance(value, ast.Subscript) and isinstance(value.value, ast.Name):
            if ast.unparse(value.slice) == "0":
                yield value, f"{value.value.id}[:1]"
            elif ast.unparse(value.slice) == "-1":
                yield value, f"{value.value.id}[-1:]"


def _is_over_all(call, several):
    """True for a filter of scipy.ndimage with one number for its width, which then holds for every axis. `several`:
    names of tuples and lists, which have a width for each."""
    if _name(call) not in OVER_ALL or any(keyword.arg in NARROWED for keyword in call.keywords):
        return False
    place = 2 if _name(call) in ("percentile_filter", "rank_filter") else 1
    widths = [k.value for k in call.keywords if k.arg in ("size", "sigma")] + call.args[place:place + 1]
    return not any(isinstance(width, (ast.Tuple, ast.List)) or ast.unparse(width) in several for width in widths)


def _wrong_axis(call):
    """The axis that a filter of frequencies names where it would go across channels: 1 or -1; None where all is well."""
    signal = OF_FREQUENCIES.get(_name(call))
    if signal is None or len(call.args) <= signal or not isinstance(call.args[signal], ast.Name):
        return None
    for keyword in call.keywords:
        if keyword.arg == "axis" and ast.unparse(keyword.value) in ("1", "-1"):
            return keyword.value
    return None


def along_time(code, inputs):
    """`code` with axis=0 (a filter over all axes: axes=(0,)) where a call names no axis, or a filter of frequencies goes
    across channels, if an input is such a sequence; the same text where there is nothing to do or where the code turns its arrays itself. Of one-dimensional values axis
    0 is the only one."""
    if not any(is_time_first(variable) for variable in inputs):
        return code
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError):
        return code
    nodes = list(ast.walk(tree))
    if any(isinstance(node, ast.Attribute) and node.attr in TURNS for node in nodes):
        return code
    several = {ast.unparse(target) for node in nodes if isinstance(node, ast.Assign)
               and isinstance(node.value, (ast.Tuple, ast.List)) for target in node.targets}
    data, span = code.encode(), span_of(code)
    changes = []  # (start, end, new text)
    turns = any(isinstance(node, ast.Attribute) and node.attr in ("T", "reshape") for node in nodes)
    for call in nodes:
        wrong = None if turns or not isinstance(call, ast.Call) else _wrong_axis(call)
        if wrong is not None:
            changes.append((*span(wrong), b"0"))
        over_all = isinstance(call, ast.Call) and _is_over_all(call, several)
        if not isinstance(call, ast.Call) or not call.args or not (over_all or _name(call) in ALONG):
            continue
        turned = any(isinstance(node, ast.Attribute) and node.attr == "T" for node in ast.walk(call))
        method = isinstance(call.func, ast.Attribute) and _name(call) == "cumsum" and ast.unparse(call.func.value) != "np"
        named = any(keyword.arg in ("axis", None) for keyword in call.keywords)
        if turned or method or named or len(call.args) > ALONG.get(_name(call), 99):
            continue
        end = span(call)[1] - 1  # before the bracket
        text = b"axes=(0,)" if over_all else b"axis=0"
        changes.append((end, end, text if data[:end].rstrip().endswith(b",") else b", " + text))
        changes += [(*span(node), text.encode()) for node, text in _edges(call)]
    for start, end, text in sorted(changes, reverse=True):
        data = data[:start] + text + data[end:]
    return data.decode()
