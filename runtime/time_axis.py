"""Makes functions that work along the last axis unless told otherwise work along time, axis 0 of our sequences."""
import ast

from source_places import span_of

# Name of the function: how many positional arguments come before axis.
ALONG = {"filtfilt": 3, "lfilter": 3, "sosfiltfilt": 2, "sosfilt": 2, "savgol_filter": 5, "detrend": 1, "hilbert": 2,
         "decimate": 4, "welch": 9, "periodogram": 7, "diff": 2, "cumsum": 1, "fft": 2, "ifft": 2, "rfft": 2,
         "irfft": 2, "uniform_filter1d": 2, "gaussian_filter1d": 2, "maximum_filter1d": 2, "minimum_filter1d": 2}
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


def along_time(code, inputs):
    """`code` with axis=0 where a call names no axis, if an input is such a sequence; the same text where there is
    nothing to do or where the code turns its arrays itself. Of one-dimensional values axis 0 is the only one."""
    if not any(is_time_first(variable) for variable in inputs):
        return code
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError):
        return code
    nodes = list(ast.walk(tree))
    if any(isinstance(node, ast.Attribute) and node.attr in TURNS for node in nodes):
        return code
    data, span = code.encode(), span_of(code)
    changes = []  # (start, end, new text)
    for call in nodes:
        if not isinstance(call, ast.Call) or _name(call) not in ALONG or not call.args:
            continue
        turned = any(isinstance(node, ast.Attribute) and node.attr == "T" for node in ast.walk(call))
        method = isinstance(call.func, ast.Attribute) and _name(call) == "cumsum" and ast.unparse(call.func.value) != "np"
        named = any(keyword.arg in ("axis", None) for keyword in call.keywords)
        if turned or method or named or len(call.args) > ALONG[_name(call)]:
            continue
        end = span(call)[1] - 1  # before the bracket
        changes.append((end, end, b"axis=0" if data[:end].rstrip().endswith(b",") else b", axis=0"))
        changes += [(*span(node), text.encode()) for node, text in _edges(call)]
    for start, end, text in sorted(changes, reverse=True):
        data = data[:start] + text + data[end:]
    return data.decode()
