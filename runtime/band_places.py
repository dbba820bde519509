"""Power in bands whose edges are places in the spectrum: they are no frequencies, and are compared with none."""
import ast
import re

from source_places import span_of

_EDGES = {"np.geomspace", "numpy.geomspace", "np.linspace", "numpy.linspace"}
_FREQUENCIES = {"np.fft.rfftfreq", "numpy.fft.rfftfreq"}


def _edges_by_place(tree):
    """Names of edges that end at the length of an array."""
    names = set()
    for node in ast.walk(tree):
        if not isinstance(node, ast.Assign) or len(node.targets) != 1 or not isinstance(node.targets[0], ast.Name):
            continue
        calls = [c for c in ast.walk(node.value) if isinstance(c, ast.Call) and ast.unparse(c.func) in _EDGES and len(c.args) > 1]
        if any(re.fullmatch(r"(len\(\w+\)|\w+\.shape\[0\])( - 1)?", ast.unparse(call.args[1])) for call in calls):
            names.add(node.targets[0].id)
    return names


def _loops(tree, edges):
    """(loop, low, high) of each `for low, high in zip(edges[:-1], edges[1:])`."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.For) or not isinstance(node.target, ast.Tuple) or len(node.target.elts) != 2:
            continue
        if any(ast.unparse(node.iter) == f"zip({name}[:-1], {name}[1:])" for name in edges):
            low, high = (ast.unparse(one) for one in node.target.elts)
            yield node, low, high


def _masks(loop, low, high):
    """Assignments `inside = (a >= low) & (a < high)` whose name is an index and nothing else."""
    for node in loop.body:
        if not isinstance(node, ast.Assign) or len(node.targets) != 1 or not isinstance(node.targets[0], ast.Name):
            continue
        value, name = node.value, node.targets[0].id
        if not isinstance(value, ast.BinOp) or not isinstance(value.op, ast.BitAnd):
            continue
        sides = [value.left, value.right]
        if not all(isinstance(side, ast.Compare) for side in sides):
            continue
        words = [{n.id for n in ast.walk(side) if isinstance(n, ast.Name)} for side in sides]
        indices = sum(isinstance(n, ast.Subscript) and ast.unparse(n.slice) == name for n in ast.walk(loop))
        uses = sum(isinstance(n, ast.Name) and n.id == name and isinstance(n.ctx, ast.Load) for n in ast.walk(loop))
        if low in words[0] and high in words[1] and indices == uses > 0:
            yield node


def _without_unused_frequencies(code):
    """They are wrong as often as they are not needed: 1 / x.shape[1] of one channel."""
    tree = ast.parse(code)
    loaded = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
    lines = code.split("\n")
    for node in ast.walk(tree):
        if (isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name)
                and node.targets[0].id not in loaded and isinstance(node.value, ast.Call)
                and ast.unparse(node.value.func) in _FREQUENCIES and node.lineno == node.end_lineno):
            lines[node.lineno - 1] = None
    return "\n".join(line for line in lines if line is not None)


def bands_by_place(code):
    """`code` with power[low:high] where it had power[(frequencies >= low) & (frequencies < high)] with places as edges: bands
    that hold nothing at all, or no run. The same text where there is nothing to do."""
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError):
        return code
    data, span, places = code.encode(), span_of(code), []
    for loop, low, high in _loops(tree, _edges_by_place(tree)):
        places += [(span(mask.value), f"slice(int({low}), int({high}))") for mask in _masks(loop, low, high)]
    for (start, end), text in sorted(places, reverse=True):
        data = data[:start] + text.encode() + data[end:]
    return _without_unused_frequencies(data.decode()) if places else code


def lists_of_generators(code):
    """`code` with parts.append([f(a) for a in x]) where a generator was appended: an array of it holds the generator itself."""
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError):
        return code
    data, span = code.encode(), span_of(code)
    found = [call.args[0] for call in ast.walk(tree) if isinstance(call, ast.Call) and len(call.args) == 1
             and isinstance(call.func, ast.Attribute) and call.func.attr == "append" and isinstance(call.args[0], ast.GeneratorExp)]
    for start, end in sorted((span(node) for node in found), reverse=True):
        # Python counts the parentheses of a call to its only argument, where it has none of its own.
        before, after = (b"([", b"])") if data[start - 1:start] != b"(" else (b"[", b"]")
        data = data[:start] + before + data[start + 1:end - 1] + after + data[end:]
    return data.decode()
