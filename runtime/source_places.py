"""Places in a source text, in bytes, for rules that change code without writing the rest of it anew."""


def span_of(code):
    """A function that gives (first byte, byte after the last) of a node of the parsed `code`."""
    starts = [0]
    for line in code.encode().split(b"\n"):
        starts.append(starts[-1] + len(line) + 1)
    return lambda node: (starts[node.lineno - 1] + node.col_offset, starts[node.end_lineno - 1] + node.end_col_offset)
