"""Runs the code cells of a notebook in order, in one namespace, and hands back what each put out.

Input on stdin: {"cells": [code...]}
Output in --out: {"outputs": [[{"output_type": "stream" | "execute_result" | "error", ...}...]...]}, one list per cell, in
the form of nbformat 4; a cell that raises ends the run, the rest has no output.
"""
import argparse
import ast
import contextlib
import io
import json
import sys
import traceback

MOST_TEXT = 20_000  # characters of one output


def run_cell(code, space, count):
    """(outputs, whether the next cell may run)"""
    printed = io.StringIO()
    outputs, good = [], True
    try:
        tree = ast.parse(code)
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        with contextlib.redirect_stdout(printed):
            exec(compile(tree, f"cell {count}", "exec"), space)
            value = eval(compile(ast.Expression(last.value), f"cell {count}", "eval"), space) if last else None
        if value is not None:
            outputs.append({"output_type": "execute_result", "execution_count": count, "metadata": {},
                            "data": {"text/plain": repr(value)[:MOST_TEXT]}})
    except BaseException as error:
        good = False
        outputs.append({"output_type": "error", "ename": type(error).__name__, "evalue": str(error)[:2000],
                        "traceback": traceback.format_exception_only(type(error), error)})
    if printed.getvalue():
        outputs.insert(0, {"output_type": "stream", "name": "stdout", "text": printed.getvalue()[:MOST_TEXT]})
    return outputs, good


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", required=True)
    arguments = parser.parse_args()
    space, outputs, good = {"__name__": "__main__"}, [], True
    for count, code in enumerate(json.load(sys.stdin)["cells"], 1):
        cell, good = run_cell(code, space, count) if good else ([], False)
        outputs.append(cell)
    with open(arguments.out, "w", encoding="utf-8") as file:
        json.dump({"outputs": outputs}, file)


if __name__ == "__main__":
    main()
