"""What a function says when it raises or warns, out of its source: the words of a message lead to the function. Nothing of it
is run."""
import ast
import functools
import inspect

MAX_CHARACTERS = 4000
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
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")


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
            source = node if _called(node) == "warn" else None
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
    if inspect.isclass(obj):
        return [value for name, value in vars(obj).items() if name in _SHOWN]
    return [obj]


def errors_of(obj):
    """Messages of a function or class, and of functions of the same file that it calls; each once, in their order."""
    messages = {}
    for function in _functions(obj):
        try:
            function = inspect.unwrap(getattr(function, "__func__", function))
            if not inspect.isfunction(function):
                continue
            known, name = _of_file(function.__code__.co_filename), function.__qualname__
        except Exception:  # an object may answer any question with any exception
            continue
        own, calls = known.get(name, ((), ()))
        messages.update(dict.fromkeys(own))
        owner = name.rpartition(".")[0]
        for call in sorted(calls):
            for other in {call, f"{owner}.{call}"} - {name}:
                messages.update(dict.fromkeys(known.get(other, ((), ()))[0]))
    kept, size = [], 0
    for message in messages:
        size += len(message)
        if size > MAX_CHARACTERS:
            break
        kept.append(message)
    return kept
