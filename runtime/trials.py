"""Runs many variants of a chain of functions over the records of a view and hands back what each predicted.

Input on stdin: {"codes": [text...], "steps": [{"function", "inputs": [name], "outputs": [name]}], "result": name,
                 "trials": [[index into codes, one per step]...], "excerpt_samples": 0 or n, "time_limit_s": s,
                 "learned": true where the last step is a learner}
Output in --out: {"answers": [{"ok", "results": {record: value}, "step", "problem", "wall_s"}...]} in the order of `trials`.
What is predicted is scored outside: the labels are not here, and which excerpt it was is reckoned there, too.
"""
import argparse
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import numpy as np  # noqa: E402

from check_candidates import as_outputs, short_traceback  # noqa: E402
from children import run_children  # noqa: E402
from learner import call_learner, features_of, readings_of  # noqa: E402
from records import Table, load_facts, read_record, to_plain  # noqa: E402


def load_inputs(data_dir, excerpt_samples):
    """{record: inputs by name}; a signal longer than the excerpt is cut to its middle, and all of its length with it."""
    facts = load_facts(data_dir)
    inputs = {}
    table = Table(data_dir, facts) if facts["format"] == "table" else None
    for index, record in enumerate(facts["records"]):
        values = table.record(index) if table else read_record(data_dir, facts, record)
        n = samples_of(values[facts["inputs"][0]["name"]])
        if excerpt_samples and n > excerpt_samples:
            start = (n - excerpt_samples) // 2
            for name, value in values.items():
                if samples_of(value) == n:
                    values[name] = np.ascontiguousarray(value[start:start + excerpt_samples])
        inputs[record] = values
    return inputs


def samples_of(value):
    return len(value) if getattr(value, "ndim", 0) else 1


def run_chain(functions, steps, values, result):
    """The result variable of one record. A failing step is named by raising StepFailure."""
    values = dict(values)
    for i, (function, step) in enumerate(zip(functions, steps)):
        try:
            given = [values[name] for name in step["inputs"]]
            given = [v.copy() if hasattr(v, "copy") else v for v in given]
            outputs = as_outputs(function(*given), step["outputs"])
        except BaseException as error:
            raise StepFailure(i, short_traceback(error, step["function"] + ".py") + was_given(step, values)) from None
        values.update(zip(step["outputs"], outputs))
    return to_plain(values[result])


def was_given(step, values):
    """"; it was given level: shape (3000,), ...": what a repair has to know where a value is not as specified."""
    told = [f"{name}: shape {values[name].shape}, {values[name].dtype}" for name in step["inputs"]
            if getattr(values.get(name), "ndim", 0)]
    return f"; it was given {', '.join(told)}" if told else ""


class StepFailure(Exception):
    def __init__(self, step, problem):
        super().__init__(problem)
        self.step = step
        self.problem = problem


def run_learned(functions, job, inputs, train):
    """The answers of the learner by record. A failing step is named by raising StepFailure."""
    steps = job["steps"]

    def vector(values):
        found = run_chain(functions[:-1], steps[:-1], values, steps[-2]["outputs"][0])
        return features_of(found, readings_of(train["facts"], values))

    try:
        learning = np.array([vector(values) for values in train["values"]])
        asked = np.array([vector(values) for values in inputs.values()])
    except ValueError as error:  # no vector, or vectors of unequal length
        raise StepFailure(len(steps) - 2, short_traceback(error)) from None
    try:
        answers = call_learner(functions[-1], learning, train["labels"], asked)
    except BaseException as error:
        raise StepFailure(len(steps) - 1, short_traceback(error, steps[-1]["function"] + ".py")) from None
    return dict(zip(inputs, answers))


def run_trial(trial, job, inputs, train=None):
    functions = []
    for i, (index, step) in enumerate(zip(trial, job["steps"])):
        space = {"__name__": step["function"]}
        try:
            exec(compile(job["codes"][index], step["function"] + ".py", "exec"), space)
            functions.append(space[step["function"]])
        except BaseException as error:
            return {"ok": False, "step": i, "problem": repr(error)[:300], "results": {}}
    results = {}
    if train:
        try:
            return checked(run_learned(functions, job, inputs, train), job)
        except StepFailure as failure:
            return {"ok": False, "step": failure.step, "problem": failure.problem}
    for record, values in inputs.items():
        try:
            results[record] = run_chain(functions, job["steps"], values, job["result"])
        except StepFailure as failure:
            return {"ok": False, "step": failure.step, "problem": f"record {record}: {failure.problem}",
                    "results": {}}
    return checked(results, job)


def checked(results, job):
    """The answer of a trial that ran; JSON has no word for NaN and infinity."""
    try:
        json.dumps(results, allow_nan=False)
    except (ValueError, TypeError) as error:
        problem = "the result holds NaN or infinity" if isinstance(error, ValueError) else str(error)[:200]
        return {"ok": False, "step": len(job["steps"]) - 1, "problem": problem}
    return {"ok": True, "step": -1, "problem": "", "results": results}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", required=True)
    parser.add_argument("--out", required=True)
    arguments = parser.parse_args()
    job = json.load(sys.stdin)
    inputs = load_inputs(arguments.data, job["excerpt_samples"])
    import scipy.signal  # noqa: F401  (imported once, before the children)

    train = None
    if job.get("learned"):
        import sklearn.ensemble  # noqa: F401

        facts = load_facts(arguments.data)
        table = Table(arguments.data, facts, "train")
        train = {"values": [table.record(i) for i in range(len(table))], "labels": table.labels(), "facts": facts}
    works = [lambda t=trial: run_trial(t, job, inputs, train) for trial in job["trials"]]
    answers = [{"results": {}, "step": -1, **answer} for answer in run_children(works, job["time_limit_s"])]
    with open(arguments.out, "w", encoding="utf-8") as file:
        json.dump({"answers": answers}, file, allow_nan=False)


if __name__ == "__main__":
    main()
