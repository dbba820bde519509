"""Finds the numeric constants of a function that may be calibrated by measurement."""
import ast
import math


# Of units and of what only keeps from dividing by nothing: a program is not to be tuned by the minutes of an hour.
NO_LIMITS = {60, 3600, 1000}
SMALLEST = 1e-6


def find_constants(code, function):
    """[{"line", "column", "end_column", "value", "label"}] of the module, in order; positions count UTF-8 bytes.

    Keyword defaults come with their parameter's name. Inside the body 0, 1, 2 and -1 are left alone: they are
    indices, axes, signs and powers far more often than tuning values, and so are those of units. Docstrings hold no numbers of this kind.
    """
    tree = ast.parse(code)
    found = []
    skipped = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.Subscript,)):
            skipped.update(id(n) for n in ast.walk(node.slice))
        elif isinstance(node, ast.keyword) and node.arg in ("axis", "ndim", "dtype", "decimals", "order", "deg"):
            skipped.update(id(n) for n in ast.walk(node.value))
        elif isinstance(node, ast.Compare) and any(isinstance(n, ast.Call) and getattr(n.func, "id", "") == "len"
                                                   for n in ast.walk(node)):
            skipped.update(id(n) for n in ast.walk(node))
        elif isinstance(node, ast.Raise):
            skipped.update(id(n) for n in ast.walk(node))
    for top in tree.body:
        if not isinstance(top, ast.FunctionDef):
            continue
        defaults = {}
        names = [a.arg for a in top.args.args]
        for name, value in zip(names[len(names) - len(top.args.defaults):], top.args.defaults):
            for inner in ast.walk(value):
                defaults[id(inner)] = name
        for arg, value in zip(top.args.kwonlyargs, top.args.kw_defaults):
            if value is not None:
                for inner in ast.walk(value):
                    defaults[id(inner)] = arg.arg
        for node in ast.walk(top):
            if not isinstance(node, ast.Constant) or isinstance(node.value, (bool, str, bytes)) or id(node) in skipped:
                continue
            if not isinstance(node.value, (int, float)) or node.end_lineno != node.lineno:
                continue
            named = defaults.get(id(node))
            if node.value == 0 or not math.isfinite(node.value) or (named is None and node.value in (1, 2)):
                continue
            if named is None and (node.value in NO_LIMITS or abs(node.value) < SMALLEST):
                continue
            found.append({"line": node.lineno, "column": node.col_offset, "end_column": node.end_col_offset,
                          "value": node.value, "integer": isinstance(node.value, int),
                          "label": named or f"line {node.lineno}"})
    found.sort(key=lambda c: (c["line"], c["column"]))
    return found
