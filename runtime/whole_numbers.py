"""Makes whole numbers of what must be one: slice bounds, range(), sizes. Small models forget it more than all else."""
import ast

from source_places import span_of

SIZE_WORDS = {"size", "window_length", "nperseg", "noverlap", "nfft", "N", "kernel_size", "num"}
SIZED_CALLS = {"range": 3, "zeros": 1, "ones": 1, "empty": 1, "full": 1, "arange": 0, "roll": 2}


def whole_numbers(code):
    """`code` with int(...) around bounds and sizes that may be fractions; the same text where there are none."""
    span = span_of(code)
    places = []

    def wrap(node):
        if isinstance(node, (ast.Constant, ast.Tuple, ast.List)) or node is None:
            return
        if isinstance(node, ast.UnaryOp) and isinstance(node.operand, ast.Constant):
            return
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("int", "len", "round"):
            return
        places.append(span(node))

    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Slice):
            for bound in (node.lower, node.upper, node.step):
                wrap(bound)
        elif isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            for argument in node.args[: SIZED_CALLS.get(name, 0)]:
                wrap(argument)
            for keyword in node.keywords:
                if keyword.arg in SIZE_WORDS:
                    wrap(keyword.value)
    data = code.encode()
    # From the end, so that earlier places stay where they are; of nested ones the inner comes first.
    for start, end in sorted(set(places), reverse=True):
        shift = sum(5 for s, e in places if start < s and e <= end)
        data = data[:start] + b"int(" + data[start:end + shift] + b")" + data[end + shift:]
    return data.decode()
