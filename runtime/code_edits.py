"""Changes of a source text at places found in its tree, so that all else stays as it was written."""
import ast

from source_places import span_of


def edited(code, edits):
    """`code` with [(first byte, byte after the last, new text)] done; where places lie in each other the outer goes."""
    data, last = code.encode(), None
    for start, end, text in sorted(edits, reverse=True):
        if last is not None and end > last:
            continue
        data, last = data[:start] + text.encode() + data[end:], start
    return data.decode()


def with_import(code, line):
    """`code` that begins with this import, where it has it nowhere."""
    return code if line in code.split("\n") else f"{line}\n{code}"


def function_in(tree, name):
    """The last function of this name at the top of the module; None where there is none."""
    found = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == name]
    return found[-1] if found else None


def returns_of(function):
    """The return statements with a value, those of functions inside left out."""
    found, open_nodes = [], list(function.body)
    while open_nodes:
        node = open_nodes.pop()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
            continue
        if isinstance(node, ast.Return) and node.value is not None:
            found.append(node)
        open_nodes.extend(ast.iter_child_nodes(node))
    return found


def with_output(code, function, names, name, change):
    """`code` with what `function` returns as output `name` (one of `names`, in order) replaced by change(its text); the
    same text where it is no expression of its own in every return."""
    function = function_in(ast.parse(code), function)
    if function is None or name not in names:
        return code
    span, edits = span_of(code), []
    for node in returns_of(function):
        value = node.value
        if len(names) > 1:
            if not isinstance(value, ast.Tuple) or len(value.elts) != len(names):
                return code
            value = value.elts[names.index(name)]
        edits.append((*span(value), change(ast.unparse(value))))
    return with_import(edited(code, edits), "import numpy as np") if edits else code
