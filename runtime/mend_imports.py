"""Puts right what a `from module import name` asks for in vain, where there is one right answer."""
import ast
import importlib


def _has(module, name):
    try:
        loaded = importlib.import_module(module)
    except Exception:
        return True  # the check of imports says what is wrong
    if hasattr(loaded, name):
        return True
    try:
        importlib.import_module(f"{module}.{name}")
        return True
    except Exception:
        return False


def mend_imports(code):
    """`code` without imports of names that do not exist and are not used; names that numpy has come from numpy."""
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError):
        return code
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    lines = code.split("\n")
    for node in tree.body:
        if not isinstance(node, ast.ImportFrom) or node.level or node.module is None or node.lineno != node.end_lineno:
            continue
        if node.module.split(".")[0] not in ("numpy", "scipy") or any(alias.name == "*" for alias in node.names):
            continue
        kept, moved = [], []
        for alias in node.names:
            text = alias.name + (f" as {alias.asname}" if alias.asname else "")
            if _has(node.module, alias.name):
                kept.append(text)
            elif (alias.asname or alias.name) in used:
                (moved if _has("numpy", alias.name) else kept).append(text)
        new = [f"from {module} import {', '.join(names)}" for module, names in ((node.module, kept), ("numpy", moved)) if names]
        if len(kept) < len(node.names):
            lines[node.lineno - 1] = "; ".join(new)
    return "\n".join(lines)
