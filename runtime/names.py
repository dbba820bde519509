"""Static checks of one generated module: syntax, signature, imports, and names that really exist in the packages."""
import ast
import builtins
import importlib
import inspect
import sys

STANDARD = {"math", "statistics", "itertools", "functools", "collections", "typing", "dataclasses", "warnings",
            "bisect", "heapq", "operator", "struct", "json", "re", "datetime", "cmath", "numbers", "enum", "copy",
            "__future__"}


class Problem(Exception):
    """A check that failed: `kind` is stable, the text says what is wrong."""

    def __init__(self, kind, text):
        super().__init__(text)
        self.kind = kind


def check_module(code, function, inputs, packages):
    """Raises Problem, or returns the parsed tree. `inputs` are the required parameter names in order."""
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError) as error:
        raise Problem("syntax", f"line {getattr(error, 'lineno', 0)}: {error}") from None
    _check_signature(tree, function, inputs)
    aliases = imported_names(tree, packages)
    _check_attributes(tree, aliases)
    _check_free_names(tree)
    return tree


def _check_signature(tree, function, inputs):
    found = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == function]
    if not found:
        names = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
        raise Problem("signature", f"no function {function!r}: got {names}")
    arguments = found[-1].args
    names = [a.arg for a in arguments.posonlyargs + arguments.args]
    if names[: len(inputs)] != inputs:
        raise Problem("signature", f"{function}: got parameters {names}, expected them to begin with {inputs}")
    required = len(names) - len(arguments.defaults)
    if required > len(inputs):
        raise Problem("signature", f"{function}: parameters {names[len(inputs):required]} need defaults")
    missing = [a.arg for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults) if d is None]
    if missing:
        raise Problem("signature", f"{function}: parameters {missing} need defaults")


def _allow(module, packages):
    root = module.split(".")[0]
    allowed = set(packages) | STANDARD
    if root not in allowed:
        raise Problem("import", f"package {root!r} is not allowed: expected one of {sorted(packages)}")
    try:
        return importlib.import_module(module)
    except Exception as error:
        raise Problem("import", f"cannot import {module!r}: {error}") from None


def imported_names(tree, packages):
    """Names bound by imports -> the real object. Raises Problem where one is not allowed or not there."""
    aliases = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for name in node.names:
                module = _allow(name.name, packages)
                root = name.name.split(".")[0]
                aliases[name.asname or root] = module if name.asname else sys.modules[root]
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                raise Problem("import", "relative imports are not allowed")
            module = _allow(node.module, packages)
            for name in node.names:
                if name.name == "*":
                    raise Problem("import", f"from {node.module} import * is not allowed")
                if not hasattr(module, name.name):
                    try:
                        importlib.import_module(f"{node.module}.{name.name}")
                    except Exception:
                        raise Problem("name", f"{node.module} has no {name.name!r}") from None
                aliases[name.asname or name.name] = getattr(module, name.name)
    return aliases


def _dotted(node):
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return (node.id, parts[::-1]) if isinstance(node, ast.Name) else (None, [])


def _resolve(base, parts):
    """Walks modules and classes only: attributes of instances are not known before a run."""
    for part in parts:
        if not (inspect.ismodule(base) or inspect.isclass(base)):
            return None
        if not hasattr(base, part):
            if inspect.ismodule(base):
                try:
                    importlib.import_module(f"{base.__name__}.{part}")
                except Exception:
                    raise Problem("name", f"{base.__name__} has no {part!r}") from None
            else:
                raise Problem("name", f"{base.__module__}.{base.__name__} has no {part!r}")
        base = getattr(base, part)
    return base


def resolved_calls(tree, aliases):
    """(call, the function of a package that it calls) for each call whose function can be known before a run."""
    stored = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            root, parts = _dotted(node.func)
            if root in aliases and root not in stored:
                yield node, _resolve(aliases[root], parts)


def _check_attributes(tree, aliases):
    stored = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            root, parts = _dotted(node)
            if root in aliases and root not in stored:
                _resolve(aliases[root], parts)
    for call, target in resolved_calls(tree, aliases):
        check_bound(target, call)


def signature_of(target):
    """The signature of a function; None where it is not known."""
    try:
        return inspect.signature(target) if target is not None and callable(target) else None
    except (TypeError, ValueError):
        return None


def check_bound(target, node):
    """Raises Problem where the arguments of the call do not fit the parameters of `target`."""
    signature = signature_of(target)
    if signature is None or any(isinstance(a, ast.Starred) for a in node.args) or any(k.arg is None for k in node.keywords):
        return
    try:
        signature.bind(*node.args, **{k.arg: k.value for k in node.keywords})
    except TypeError as error:
        raise Problem("call", f"line {node.lineno}: {target.__name__}{signature}: {error}") from None


def _check_free_names(tree):
    bound = set(dir(builtins)) | {"__name__", "__file__"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, (ast.Store, ast.Del)):
            bound.add(node.id)
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.AsyncFunctionDef)):
            bound.add(node.name)
        elif isinstance(node, ast.arg):
            bound.add(node.arg)
        elif isinstance(node, ast.alias):
            bound.add((node.asname or node.name).split(".")[0])
        elif isinstance(node, ast.ExceptHandler) and node.name:
            bound.add(node.name)
        elif isinstance(node, (ast.Global, ast.Nonlocal)):
            bound.update(node.names)
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id not in bound:
            raise Problem("name", f"line {node.lineno}: name {node.id!r} is not defined")
