"""Differences of truth values: np.diff of a mask tells that it changed, not which way."""
import ast

from source_places import span_of


def changes_of_masks(code, inputs):
    """`code` with np.diff(mask) as np.diff(mask.astype(int)) where `mask` is an input of truth values: `== 1` then means
    a start, and not each start and end; what only looks for changes finds the same ones. The same text where there is
    nothing to do."""
    masks = {v["name"] for v in inputs if v.get("dtype") == "bool"}
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError):
        return code
    stored = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    data, span = code.encode(), span_of(code)
    places = []
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call) or not call.args or ast.unparse(call.func) not in ("np.diff", "numpy.diff"):
            continue
        if isinstance(call.args[0], ast.Name) and call.args[0].id in masks - stored:
            places.append(span(call.args[0])[1])
    for end in sorted(places, reverse=True):
        data = data[:end] + b".astype(int)" + data[end:]
    return data.decode()
