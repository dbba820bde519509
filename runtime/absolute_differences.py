"""Mean absolute differences: without the absolute values they cancel, and last minus first is left."""
import ast
import re

from source_places import span_of

_ASKED = re.compile(r"\babsolute (?:difference|change)", re.IGNORECASE)


def _is_difference(node):
    return isinstance(node, ast.Call) and ast.unparse(node.func) in ("np.diff", "numpy.diff")


def _averaged(call):
    """The differences that a call takes the mean of, or None."""
    name = ast.unparse(call.func)
    if name in ("np.mean", "numpy.mean") and call.args and _is_difference(call.args[0]):
        return call.args[0]
    if isinstance(call.func, ast.Attribute) and call.func.attr == "mean" and _is_difference(call.func.value):
        return call.func.value
    return None


def absolute_differences(code, steps):
    """`code` with np.mean(np.diff(x)) as np.mean(np.abs(np.diff(x))) where the steps ask for absolute differences or changes:
    of 30 functions of the untuned 1.5B 24 left the absolute value out. The same text where there is nothing to do."""
    if not _ASKED.search(steps):
        return code
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError):
        return code
    data, span = code.encode(), span_of(code)
    found = [_averaged(call) for call in ast.walk(tree) if isinstance(call, ast.Call)]
    for start, end in sorted({span(node) for node in found if node is not None}, reverse=True):
        package = data[start:end].partition(b".")[0]
        data = data[:start] + package + b".abs(" + data[start:end] + b")" + data[end:]
    return data.decode()
