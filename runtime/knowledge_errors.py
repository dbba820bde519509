"""What a function says when it raises or warns, out of its source: the words of a message lead to the function. Nothing of it
is run."""
import ast
import functools
import inspect

MAX_CHARACTERS = 4000
DEPTH = 1  # calls; two deep found no more of the fresh queries of bench/knowledge
_SHOWN = ("__init__", "__new__", "__call__", "fit", "transform", "predict")  # of a class


def _texts(node, names):
    """String constants below a node, those of variables that it names, and names of exceptions."""
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield part.value
        elif isinstance(part, ast.Name):
            if part.id.endswith(("Error", "Warning")):
                yield part.id
            for value in names.get(part.id, ()):
                yield from (c.value for c in ast.walk(value) if isinstance(c, ast.Constant) and isinstance(c.value, str))


def _called(call):
    """The dotted name of what is called, "" where it has none."""
    parts, node = [], call.func
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""


def _of_function(function):
    """(messages, names of what it calls)."""
    nodes = list(ast.walk(function))
    names, messages, calls = {}, [], set()
    for node in nodes:
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            names.setdefault(node.targets[0].id, []).append(node.value)
    for node in nodes:
        source = node.exc if isinstance(node, ast.Raise) else None
        if isinstance(node, ast.Call):
            calls.add(_called(node))
            source = node if _called(node).rpartition(".")[2] == "warn" else None
        if source is not None:
            message = " ".join(" ".join(_texts(source, names)).split())
            messages += [message] if message else []
    return messages, calls


@functools.lru_cache(maxsize=None)
def _of_file(path):
    """{qualified name: (messages, calls)} of the functions of a file; empty where it cannot be read."""
    found = {}

    def visit(node, prefix):
        for child in ast.iter_child_nodes(node):
            if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                name = f"{prefix}.{child.name}" if prefix else child.name
                if not isinstance(child, ast.ClassDef):
                    found[name] = _of_function(child)
                visit(child, name)
            elif isinstance(child, (ast.If, ast.Try, ast.With)):
                visit(child, prefix)

    try:
        with open(path, encoding="utf-8") as file:
            visit(ast.parse(file.read()), "")
    except (OSError, ValueError, SyntaxError, RecursionError):
        return {}
    return found


def _functions(obj):
    if not inspect.isclass(obj):
        return [obj]
    try:
        return [getattr(obj, name, None) for name in _SHOWN]
    except Exception:  # an object may answer any question with any exception
        return []


def _plain(function):
    """The Python function itself, without wrappers; None where it is none."""
    try:
        function = inspect.unwrap(getattr(function, "__func__", function))
        return function if inspect.isfunction(function) else None
    except Exception:
        return None


def _package(obj):
    try:
        module = getattr(obj, "__module__", None)
    except Exception:
        return ""
    return module.partition(".")[0] if isinstance(module, str) else ""


def _resolved(function, call):
    """What `call` names inside `function`: a function of the same package, or None."""
    first, *rest = call.split(".")
    if first in ("self", "cls"):
        first = function.__qualname__.partition(".")[0]
    try:
        value = function.__globals__.get(first)
        for name in rest:
            value = getattr(value, name)
    except Exception:
        return None
    value = _plain(value)
    return value if value is not None and _package(value) == _package(function) else None


def _told(function):
    """(messages, calls) of one function by its source."""
    return _of_file(function.__code__.co_filename).get(function.__qualname__, ((), ()))


def errors_of(obj):
    """Messages of a function or class, then those of functions of its package that it calls, DEPTH calls deep; each once,
    the nearest first."""
    messages, seen, home = {}, set(), _package(obj)
    level = [function for function in map(_plain, _functions(obj)) if function is not None and _package(function) == home]
    for _ in range(DEPTH + 1):
        level = [function for function in level if id(function) not in seen]
        seen |= {id(function) for function in level}
        below = []
        for function in level:
            own, calls = _told(function)
            messages.update(dict.fromkeys(own))
            below += [_resolved(function, call) for call in sorted(calls)]
        level = [function for function in below if function is not None]
    kept, size = [], 0
    for message in messages:
        size += len(message)
        if size > MAX_CHARACTERS:
            break
        kept.append(message)
    return kept
