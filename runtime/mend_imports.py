"""Puts right what a `from module import name` asks for in vain, and imports what was forgotten, where there is one right
answer."""
import ast
import builtins
import difflib
import importlib
import types

from source_places import span_of


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


# Where names are looked for that a neighbour was asked for: the public modules that programs use.
_MODULES = {"scipy": ("signal", "signal.windows", "ndimage", "stats", "fft", "interpolate", "optimize", "integrate", "linalg", "spatial", "special"),
            "sklearn": ("ensemble", "linear_model", "svm", "neighbors", "tree", "preprocessing", "decomposition", "cluster",
                        "metrics", "pipeline", "multioutput", "multiclass", "naive_bayes", "neural_network", "impute",
                        "feature_selection", "model_selection", "discriminant_analysis", "gaussian_process")}


def _home(module, name):
    """The module that has the name: numpy, or the only one of the same package; "" where there is none or a choice."""
    if _has("numpy", name):
        return "numpy"
    package = module.split(".")[0]
    found = {}
    for part in _MODULES.get(package, ()):
        try:
            thing = getattr(importlib.import_module(f"{package}.{part}"), name, None)
        except Exception:
            continue
        if thing is not None and not isinstance(thing, types.ModuleType):
            found.setdefault(id(thing), f"{package}.{part}")
    return next(iter(found.values())) if len(found) == 1 else ""


# So alike are two names where one is a slip of the other's pen: rffreq and rfftfreq.
_ALIKE = 0.85


def _near(module, name):
    """The only public name of `module` that is nearly `name`; "" where there is none or a choice."""
    try:
        names = [n for n in dir(importlib.import_module(module)) if not n.startswith("_")]
    except Exception:
        return ""
    found = difflib.get_close_matches(name, names, n=2, cutoff=_ALIKE)
    return found[0] if len(found) == 1 else ""


def _slips_of_numpy(code, tree):
    """`code` with np.fft.rffreq as np.fft.rfftfreq: a name that a module of numpy lacks, and that is nearly one of its."""
    import numpy

    data, span = code.encode(), span_of(code)
    changes = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Attribute):
            continue
        of = ast.unparse(node.value)
        module = {"np": numpy, "np.fft": numpy.fft, "np.linalg": numpy.linalg}.get(of)
        if module is not None and not hasattr(module, node.attr):
            right = _near(module.__name__, node.attr)
            if right:
                changes.append((*span(node), f"{of}.{right}"))
    for start, end, text in sorted(changes, reverse=True):
        data = data[:start] + text.encode() + data[end:]
    return data.decode()


def _unbound(tree):
    """Names that are read and that nothing in the module binds, in order."""
    bound = {name for name in dir(builtins)}
    read = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            if isinstance(node.ctx, ast.Load):
                read[node.id] = None
            else:
                bound.add(node.id)
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            bound.add(node.name)
        elif isinstance(node, ast.arg):
            bound.add(node.arg)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            bound.update(alias.asname or alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            bound.add(node.name)
    return [name for name in read if name not in bound]


def _forgotten(tree, packages):
    """Import lines for names that one module alone of the allowed packages has."""
    lines = []
    for name in _unbound(tree):
        homes = {home for package in packages if package in _MODULES for home in [_home(package, name)] if home}
        if len(homes) == 1:
            lines.append(f"from {homes.pop()} import {name}")
    return lines


def _imports_np(tree):
    return any(isinstance(node, ast.Import) and any(a.name == "numpy" and a.asname == "np" for a in node.names)
               for node in ast.walk(tree))


def _from_numpy_in_vain(code, tree, packages):
    """`code` with np.name as name, where numpy has no such name and one module alone of the allowed packages has it."""
    import numpy

    data, span = code.encode(), span_of(code)
    vain = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
            and node.value.id == "np" and not hasattr(numpy, node.attr)
            and len({home for package in packages if package in _MODULES for home in [_home(package, node.attr)] if home}) == 1]
    for node in sorted(vain, key=lambda n: span(n)[0], reverse=True):
        start, end = span(node)
        data = data[:start] + node.attr.encode() + data[end:]
    return data.decode()


def mend_imports(code, packages=()):
    """`code` with imports of what it forgot (from `packages`), and without imports of names that do not exist and are not
    used; names that numpy, or another module of the same package alone, has come from there, and a slip of the pen is the
    only name near it."""
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError):
        return code
    if _imports_np(tree):
        code = _from_numpy_in_vain(code, tree, packages)
        code = _slips_of_numpy(code, ast.parse(code))
        tree = ast.parse(code)
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    lines = code.split("\n")
    for node in tree.body:
        if not isinstance(node, ast.ImportFrom) or node.level or node.module is None or node.lineno != node.end_lineno:
            continue
        if node.module.split(".")[0] not in ("numpy", "scipy", "sklearn") or any(alias.name == "*" for alias in node.names):
            continue
        kept, moved = [], {}
        for alias in node.names:
            text = alias.name + (f" as {alias.asname}" if alias.asname else "")
            if _has(node.module, alias.name):
                kept.append(text)
            elif (alias.asname or alias.name) in used:
                home, near = _home(node.module, alias.name), _near(node.module, alias.name)
                if not home and near:
                    text, home = f"{near} as {alias.asname or alias.name}", node.module
                (moved.setdefault(home, []) if home else kept).append(text)
        new = [f"from {module} import {', '.join(names)}" for module, names in ((node.module, kept), *moved.items()) if names]
        if len(kept) < len(node.names):
            lines[node.lineno - 1] = "; ".join(new)
    return "\n".join(_forgotten(tree, packages) + lines)
