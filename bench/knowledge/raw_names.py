#!/usr/bin/env python3
"""Raw answers of `generate` with and without quoted references: how many call what does not exist, or with arguments that
do not bind? Before any rule, filter or repair; nothing of what was generated is run.

    bench/knowledge/raw_names.py DIR [--samples 6]      with the Python of the generated programs (~/.cache/gpiot/python)

DIR holds pairs of projects NAME-off and NAME-on, of the same specifications: `gpiot generate` with --retrieval off and on, and
with the same seed, has kept its answers in both (effect.py makes such pairs). What counts is the first problem that
runtime/names.py finds in an answer as it came. An answer whose text is MISSING (it was never made) is left out of both
projects of a pair. JSON on stdout: counts and shares with their 95 % intervals (Wilson), and McNemar's exact test of the pairs."""
import argparse
import collections
import glob
import json
import math
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
# Before this folder, which has a names.py of its own.
sys.path[:0] = [os.path.join(HERE, "..", "..", "runtime"), os.path.join(HERE, "..", "requirements")]

from mend_imports import mend_imports  # noqa: E402
from names import Problem, check_module  # noqa: E402
from run import interval  # noqa: E402

INVENTED = ("missing member", "does not bind", "import")


def code_of(answer):
    found = re.search(r"```python\n(.*?)(?:```|\Z)", answer, re.DOTALL)
    return found.group(1) if found else None


def specifications(project):
    """(function, required inputs) of each sub-task, in order."""
    found = []
    for path in sorted(glob.glob(os.path.join(project, "specs", "*.md"))):
        with open(path, encoding="utf-8") as file:
            part = file.read().split("**Input Specifications**")[1].split("**Output Specifications**")[0]
        name = re.sub(r"^\d+-", "", os.path.basename(path)[:-3])
        found.append((name, re.findall(r"^- `(\w+)`", part, re.MULTILINE)))
    return found


def packages_of(project):
    with open(os.path.join(project, "requirement.md"), encoding="utf-8") as file:
        found = re.search(r"^packages = (\[.*\])$", file.read(), re.MULTILINE)
    return json.loads(found.group(1)) if found else ["numpy", "scipy"]


def kind_of(problem):
    text = str(problem)
    if problem.kind == "name":
        return "undefined name" if text.endswith("is not defined") else "missing member"
    return {"call": "does not bind"}.get(problem.kind, problem.kind)


def first_problem(code, function, inputs, packages, rules):
    if code is None:
        return "no code", ""
    if rules:
        code = mend_imports(code, packages)
    try:
        check_module(code, function, inputs, packages)
    except Problem as problem:
        return kind_of(problem), str(problem)
    return "none", ""


def texts_of(project, samples):
    """(sub-task, sample) -> (function, inputs, answer); nothing where the answer is missing."""
    with open(os.path.join(project, ".gpiot", "answers.jsonl"), encoding="utf-8") as file:
        answers = [a["answer"] for a in map(json.loads, file) if a["stage"] == "generate"]
    specs = specifications(project)
    if len(answers) != samples * len(specs):
        raise SystemExit(f"{project}: got {len(answers)} answers, expected {samples} for each of {len(specs)} sub-tasks")
    return {(i // samples, i % samples): (*specs[i // samples], answer)
            for i, answer in enumerate(answers) if answer != "MISSING"}


def answers_of(project, samples, rules):
    """(sub-task, sample) -> (kind, words); nothing where the answer is missing."""
    packages = packages_of(project)
    return {key: first_problem(code_of(answer), function, inputs, packages, rules)
            for key, (function, inputs, answer) in texts_of(project, samples).items()}


def write_texts(arguments, names):
    with open(arguments.texts, "w", encoding="utf-8") as file:
        for name in names:
            project = os.path.join(arguments.folder, f"{name}-off")
            for (subtask, sample), (function, inputs, answer) in texts_of(project, arguments.samples).items():
                file.write(json.dumps({"id": f"{name}:{subtask + 1}:{sample + 1}", "function": function, "inputs": inputs,
                                       "packages": packages_of(project), "text": answer}) + "\n")


def mcnemar(only_off, only_on):
    """Two-sided, exact."""
    n = only_off + only_on
    return min(1.0, 2 * sum(math.comb(n, k) for k in range(min(only_off, only_on) + 1)) / 2 ** n) if n else 1.0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--samples", type=int, default=6)
    parser.add_argument("--rules", action="store_true", help="after the rules for imports (runtime/mend_imports.py)")
    parser.add_argument("--texts", help="write the answers without references there, for gpiot-bench-grammar, and nothing else")
    parser.add_argument("--list", help="write every problem there: project, sub-task, sample, kind, words")
    arguments = parser.parse_args()
    names = sorted(os.path.basename(p)[:-4] for p in glob.glob(os.path.join(arguments.folder, "*-off")))
    if arguments.texts:
        return write_texts(arguments, names)
    kinds = {"off": collections.Counter(), "on": collections.Counter()}
    pairs, rows = collections.Counter(), []
    for name in names:
        both = {mode: answers_of(os.path.join(arguments.folder, f"{name}-{mode}"), arguments.samples, arguments.rules) for mode in kinds}
        for key in sorted(both["off"].keys() & both["on"].keys()):
            found = {mode: both[mode][key] for mode in kinds}
            for mode, (kind, words) in found.items():
                kinds[mode][kind] += 1
                if kind != "none":
                    rows.append({"project": name, "mode": mode, "subtask": key[0] + 1, "sample": key[1] + 1, "kind": kind,
                                 "problem": words})
            pairs[tuple(found[mode][0] in INVENTED for mode in ("off", "on"))] += 1
    if arguments.list:
        with open(arguments.list, "w", encoding="utf-8") as file:
            file.writelines(json.dumps(row) + "\n" for row in rows)
    result = {"bench": "knowledge-raw-names", "rules": arguments.rules, "requirements": len(names)}
    for mode, counts in kinds.items():
        total, bad = sum(counts.values()), sum(counts[k] for k in INVENTED)
        result[mode] = {"raw_samples": total, "first_problem": dict(counts.most_common()), "invented": bad,
                        "share": round(bad / total, 4), "interval_95": interval(bad, total)}
    result["change"] = round(result["on"]["invented"] / max(1, result["off"]["invented"]) - 1, 3)
    result["pairs"] = {"only_off": pairs[True, False], "only_on": pairs[False, True], "both": pairs[True, True],
                       "neither": pairs[False, False], "mcnemar_p": mcnemar(pairs[True, False], pairs[False, True])}
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
