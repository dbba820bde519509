"""What a failed check says, put right by rule where the remedy is known: a version to be checked anew.

The slips of small models are few and come again: a difference that is one short, the tuple of find_peaks taken for its
first part, a keyword that belongs to another function. Each rule changes the form and leaves the method as it is."""
import ast
import re
from typing import NamedTuple

from code_edits import edited, function_in, with_import, with_output
from names import Problem, check_bound, imported_names, resolved_calls, signature_of
from source_places import span_of
from whole_numbers import whole_numbers


class Slip(NamedTuple):
    """What is known of a candidate that failed."""
    function: str
    outputs: list  # variables
    packages: list
    problem: str


MOST = 4  # one function seldom has more slips, and each try is a run

# Reductions that were given a window: what was meant runs along the signal.
_ALONG = {"median": "median_filter", "mean": "uniform_filter1d", "average": "uniform_filter1d", "max": "maximum_filter1d",
          "amax": "maximum_filter1d", "min": "minimum_filter1d", "amin": "minimum_filter1d"}
# Functions that return their positions in a tuple.
_IN_TUPLE = {"find_peaks", "argrelmax", "argrelmin", "argrelextrema", "nonzero"}


def _name(call):
    return ast.unparse(call.func).split(".")[-1]


def filters_for_reductions(code, slip):
    """np.median(x, size=n) as median_filter(x, size=n), and its like."""
    edits, span = [], span_of(code)
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {f"np.{name}" for name in _ALONG}:
            if "size" in {k.arg for k in node.keywords}:
                edits.append((*span(node.func), _ALONG[_name(node)]))
    changed = edited(code, edits)
    for name in sorted({text for _, _, text in edits}):
        changed = with_import(changed, f"from scipy.ndimage import {name}")
    return changed


def known_keywords(code, slip):
    """The first call that does not bind, without the keywords that its function does not know."""
    tree = ast.parse(code)
    for call, target in resolved_calls(tree, imported_names(tree, slip.packages)):
        try:
            check_bound(target, call)
        except Problem:
            known = signature_of(target).parameters
            kept = [k for k in call.keywords if k.arg in known]
            if len(kept) < len(call.keywords):
                start, end = span_of(code)(call)
                call.keywords = kept
                return edited(code, [(start, end, ast.unparse(call))])
    return code


def parts_of_tuples(code, slip):
    """peaks = find_peaks(x)[0] where the tuple was taken for the positions; so np.where(condition)."""
    edits, span = [], span_of(code)
    tree = ast.parse(code)
    for node in ast.walk(tree):
        if not isinstance(node, ast.Assign) or not isinstance(node.targets[0], ast.Name):
            continue
        call = node.value
        if isinstance(call, ast.Call) and (_name(call) in _IN_TUPLE or (_name(call) == "where" and len(call.args) == 1)):
            end = span(call)[1]
            edits.append((end, end, "[0]"))
    return edited(code, edits)


def whole_lengths(code, slip):
    """Differences and convolutions that are as long as what they are taken of."""
    edits, span = [], span_of(code)
    for node in ast.walk(ast.parse(code)):
        if not isinstance(node, ast.Call):
            continue
        if ast.unparse(node.func) in ("np.diff", "numpy.diff") and len(node.args) == 1 and not node.keywords:
            text = ast.unparse(node.args[0])
            first = text if isinstance(node.args[0], (ast.Name, ast.Attribute, ast.Call, ast.Subscript)) else f"({text})"
            edits.append((*span(node.args[0]), f"{text}, prepend={first}[:1]"))
        elif _name(node) in ("convolve", "correlate", "fftconvolve"):
            modes = node.args[2:3] + [k.value for k in node.keywords if k.arg == "mode"]
            edits += [(*span(mode), '"same"') for mode in modes if getattr(mode, "value", "") == "valid"]
    return edited(code, edits)


def own_copy(code, slip):
    """A copy of the input that was changed in place."""
    name = re.search(r"the input (\w+) was changed in place", slip.problem).group(1)
    function = function_in(ast.parse(code), slip.function)
    body = function.body[1:] if ast.get_docstring(function) is not None and len(function.body) > 1 else function.body
    start = span_of(code)(body[0])[0]
    line = f"{name} = np.array({name})\n" + " " * body[0].col_offset
    return with_import(edited(code, [(start, start, line)]), "import numpy as np")


def _of_output(change):
    """A rule that changes what is returned as the output that the problem begins with."""
    return lambda code, slip: with_output(code, slip.function, [v["name"] for v in slip.outputs],
                                          slip.problem.split(":")[0], change)


def finite(code, slip):
    """Zero for what is not finite, but not along the signal: there a gap is no zero."""
    name = slip.problem.split(":")[0]
    if any(v["name"] == name and v.get("shape", "").startswith("(n_samples") for v in slip.outputs):
        return code
    return _of_output(lambda text: f"np.nan_to_num({text}, posinf=0.0, neginf=0.0)")(code, slip)


def _firsts(text):
    return f"(lambda found: found[np.diff(found, prepend=-2) > 1])(np.asarray({text}))"


# (kind, what the problem says, the rule); the first that changes the code is tried.
RULES = (
    ("call", r"unexpected keyword argument 'size'", filters_for_reductions),
    ("call", r"unexpected keyword argument", known_keywords),
    ("run", r"tuple|inhomogeneous|setting an array element", parts_of_tuples),
    ("run", r"TypeError.*integer", lambda code, slip: whole_numbers(code)),
    ("run", r"broadcast together|boolean index did not match|same (number|length)|must match", whole_lengths),
    ("output", r"expected \d+ samples as in the input", whole_lengths),
    ("output", r"do not increase, expected each event once", _of_output(lambda text: f"np.unique({text})")),
    ("output", r"most of them neighbours", _of_output(_firsts)),
    ("output", r"holds NaN or infinity", finite),
    ("effect", r"was changed in place", own_copy),
)


def second_tries(code, report, candidate, packages):
    """Other versions of `code` for what `report` says of it, the likeliest first."""
    slip = Slip(candidate["function"], candidate["outputs"], packages, report["problem"])
    for kind, says, rule in RULES:
        if report["kind"] == kind and re.search(says, slip.problem):
            try:
                other = rule(code, slip)
                ast.parse(other)
            except (SyntaxError, ValueError, AttributeError, Problem):
                continue
            if other != code:
                yield other
