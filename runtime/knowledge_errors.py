"""What a function says when it raises or warns, out of its source: the words of a message lead to the function. Nothing of it
is run."""
import ast
import collections
import functools
import inspect

from knowledge_calls import SHOWN, functions_below, methods_of, package_of, plain

OWN_CHARACTERS = 4000
ALL_CHARACTERS = 60000
DEPTH = 2  # calls; three deep found no more of the queries of bench/knowledge
MOST_NEAR = 40  # objects that a message leads to: what any function may say leads nowhere

Said = collections.namedtuple("Said", "messages names imports")
_NOTHING = Said((), (), {})


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


def _dotted(node):
    """a.b.c, super().c, or ?.c where what c belongs to has no name; "" for what is no name at all."""
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if isinstance(node, ast.Name):
        return ".".join([node.id, *reversed(parts)])
    if not parts:
        return ""
    made = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "super"
    return "super()." + parts[-1] if made else "?." + parts[0]


def _of_function(function):
    nodes = list(ast.walk(function))
    variables, imports, messages, names = {}, {}, [], set()
    for node in nodes:
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            variables.setdefault(node.targets[0].id, []).append(node.value)
        elif isinstance(node, ast.ImportFrom):
            imports.update({a.asname or a.name: (node.level, node.module or "", a.name) for a in node.names})
    for node in nodes:
        source = node.exc if isinstance(node, ast.Raise) else None
        if isinstance(node, ast.Call):
            source = node if _dotted(node.func).rpartition(".")[2] == "warn" else None
        if isinstance(node, (ast.Name, ast.Attribute)) and isinstance(node.ctx, ast.Load):
            names.add(_dotted(node))
        if source is not None:
            message = " ".join(" ".join(_texts(source, variables)).split())
            messages += [message] if message else []
    return Said(messages, names - {""}, imports)


@functools.lru_cache(maxsize=None)
def _of_file(path):
    """{qualified name: Said} of the functions of a file; empty where it cannot be read."""
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


def _told(function, owner, known={}):
    """(messages, what it names) of one function by its source."""
    key = function, id(owner)  # a class may refuse to be hashed
    if key not in known:
        said = _of_file(function.__code__.co_filename).get(function.__qualname__, _NOTHING)
        known[key] = said.messages, functions_below(function, owner, said)
    return known[key]


def _start(obj):
    """[functions of the object itself, those one step away]"""
    home = package_of(obj)
    if not inspect.isclass(obj):
        function = plain(obj)
        return [[(function, None)] if function is not None and package_of(function) == home else [], []]
    methods = methods_of(obj, home)
    return [[(function, obj) for name, function in methods if (name in SHOWN) == shown] for shown in (True, False)]


def errors_of(obj):
    """[messages of a function or class, those of functions of its package that it names, and so on DEPTH calls deep], each
    message once, where it is nearest. The other methods of a class count as one call away."""
    seen, told, size = set(), set(), 0
    level, later = _start(obj)
    levels = []
    for depth in range(DEPTH + 1):
        limit = ALL_CHARACTERS if depth else OWN_CHARACTERS
        messages, below = [], []
        for function, owner in level:
            if function in seen:
                continue
            seen.add(function)
            own, named = _told(function, owner)
            below += named
            for message in own:
                if message not in told and size + len(message) <= limit:
                    told.add(message)
                    messages.append(message)
                    size += len(message)
        levels.append(messages)
        level, later = later + below, []
    return levels


def keep_nearest(objects):
    """Turns "errors" of the objects of a package, levels as errors_of gives them, into those that they raise themselves, and
    writes into "messages" pairs of a message and how many calls away it is: of each message those of the nearest objects,
    level after level while they are no more than MOST_NEAR."""
    near = collections.defaultdict(lambda: [[] for _ in range(DEPTH + 1)])
    for i, thing in enumerate(objects):
        for depth, messages in enumerate(thing["errors"]):
            for message in messages:
                near[message][depth].append(i)
        thing["errors"] = thing["errors"][0] if thing["errors"] else []
        thing["messages"] = []
    for message, levels in near.items():
        count = 0
        for depth, level in enumerate(levels):
            count += len(level)
            if count > MOST_NEAR:
                break
            for i in level:
                objects[i]["messages"].append([message, depth])
