"""Names places in an application where its result may not be what it seems: a model fitted to the items that are to be
answered, answers written into the code, constant answers, files read on the side.

Input on stdin: {"files": {name: code}, "records": [id...]}
Output in --out: {"findings": [{"kind", "file", "line", "text"}...]}; kinds: fit_on_asked, hard_coded, record_id,
constant_answer, reads_files.
"""
import argparse
import ast
import json
import sys

MOST_CONSTANTS = 40  # in one literal: more than any filter's coefficients
READERS = {"open", "load", "loadtxt", "genfromtxt", "fromfile", "read_csv", "loadmat", "listdir", "glob", "read_text"}
OWN_FILES = ("main.py", "records.py", "learner.py")


def finding(kind, name, node, text):
    return {"kind": kind, "file": name, "line": getattr(node, "lineno", 0), "text": text}


def names_in(node):
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}


def tainted_names(function, start):
    """Names that hold, or are made of, what `start` holds; calls of .predict and .transform end it, since they fit nothing."""
    tainted = set(start)
    for _ in range(10):
        before = len(tainted)
        for node in ast.walk(function):
            if isinstance(node, ast.Assign) and names_in(node.value) & tainted:
                for target in node.targets:
                    tainted |= names_in(target)
        if len(tainted) == before:
            return tainted
    return tainted


def fits(function, name):
    """Calls that fit something to the items to answer."""
    arguments = [argument.arg for argument in function.args.args]
    if arguments[:3] != ["train_features", "train_labels", "features"]:
        return []
    tainted = tainted_names(function, {"features"})
    found = []
    for node in ast.walk(function):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        given = set().union(*[names_in(argument) for argument in node.args]) if node.args else set()
        if node.func.attr in ("fit", "fit_transform", "partial_fit", "fit_predict") and given & tainted:
            found.append(finding("fit_on_asked", name, node,
                                 f".{node.func.attr} gets the items that are to be answered"))
    return found


def constant_answers(function, name):
    """A function with inputs whose every return gives the same literal."""
    returns = [node.value for node in ast.walk(function) if isinstance(node, ast.Return)]
    constants = {repr(value.value) for value in returns if isinstance(value, ast.Constant)}
    if function.args.args and len(constants) == 1 and all(isinstance(value, ast.Constant) for value in returns):
        return [finding("constant_answer", name, function, f"{function.name} returns {ast.unparse(returns[0])} always")]
    return []


def literals(tree, name, records):
    found = []
    for node in ast.walk(tree):
        if isinstance(node, (ast.List, ast.Tuple, ast.Set, ast.Dict)):
            inside = [part for part in ast.walk(node) if isinstance(part, ast.Constant)]
            if len(inside) > MOST_CONSTANTS:
                found.append(finding("hard_coded", name, node, f"{len(inside)} constants in one literal"))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in records:
            found.append(finding("record_id", name, node, f"names the record {node.value!r}"))
    return found


def reads(tree, name):
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in READERS:
                found.append(finding("reads_files", name, node, f"calls {called}"))
    return found


def findings_of(files, records):
    found = []
    records = {record for record in records if len(record) > 1}
    for name, code in files.items():
        try:
            tree = ast.parse(code)
        except (SyntaxError, ValueError):
            continue
        found += literals(tree, name, records)
        if name in OWN_FILES:
            continue
        found += reads(tree, name)
        for node in tree.body:
            if isinstance(node, ast.FunctionDef):
                found += fits(node, name) + constant_answers(node, name)
    return found


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", required=True)
    arguments = parser.parse_args()
    job = json.load(sys.stdin)
    with open(arguments.out, "w", encoding="utf-8") as file:
        json.dump({"findings": findings_of(job["files"], job["records"])[:50]}, file)


if __name__ == "__main__":
    main()
