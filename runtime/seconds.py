"""Turns seconds into samples where a function takes the sampling rate and forgets it."""
import ast
import re

from source_places import span_of

TIMES = re.compile(r"(_s|_sec|_secs|_seconds)$|^(min_|max_|merge_|search_)?(duration|length|window|gap|distance|interval|"
                   r"time|separation|pause)(_|$)|_(duration|length|window|gap|distance|interval|time)$")
NO_TIMES = re.compile(r"(_hz|_db|_samples|_size|_factor|_ratio|_percent|_percentile)$")


def rate_of(inputs):
    """The name of the input that is the sampling rate; None where there is none."""
    for variable in inputs:
        words = variable["name"] + " " + variable.get("description", "")
        if variable["type"] in ("float", "int") and variable.get("unit") == "Hz" and "rate" in words.lower():
            return variable["name"]
    return None


def seconds_to_samples(code, inputs):
    """`code` with parameters that are times, by their names, multiplied by the rate where it is used nowhere; the same
    text else. Functions that use the rate know that a time is no number of samples."""
    rate = rate_of(inputs)
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError):
        return code
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    if rate is None or len(functions) != 1:
        return code
    arguments = functions[0].args.args
    loads = [node for part in functions[0].body for node in ast.walk(part)
             if isinstance(node, ast.Name)]
    if rate not in [a.arg for a in arguments] or any(node.id == rate for node in loads):
        return code
    defaults = functions[0].args.defaults
    times = {argument.arg for argument, value in zip(arguments[len(arguments) - len(defaults):], defaults)
             if isinstance(value, ast.Constant) and isinstance(value.value, (int, float))
             and TIMES.search(argument.arg) and not NO_TIMES.search(argument.arg)}
    if any(isinstance(node.ctx, ast.Store) and node.id in times for node in loads):
        return code
    data, span = code.encode(), span_of(code)
    for start, end in sorted((span(node) for node in loads if node.id in times), reverse=True):
        data = data[:start] + b"(" + data[start:end] + f" * {rate})".encode() + data[end:]
    return data.decode()
