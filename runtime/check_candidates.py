"""Checks candidate functions, each in a process of its own: static checks, then a run on a seeded synthetic fixture.

Input on stdin: {"packages": [...], "seed": 1, "time_limit_s": 8,
                 "about": {"title", "statement", "rate_hz": 0 = not stated, "inputs", "events": name of the
                 result where it is events} of the requirement,
                 "candidates": [{"id", "code", "function", "steps": text, "inputs": [variable], "outputs": [variable],
                 "as_it_is": true where no rule may change it}]}
Output in --out: {"<id>": {"ok", "passed": [check...], "kind", "problem", "wall_s", "constants": [...], "code": where a
rule changed it}}.
"""
import argparse
import json
import contextlib
import os
import signal
import sys
import time
import traceback

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import numpy as np  # noqa: E402

from absolute_differences import absolute_differences  # noqa: E402
from band_places import bands_by_place, lists_of_generators  # noqa: E402
from children import run_children  # noqa: E402
from constants import find_constants  # noqa: E402
from fixture import N_SAMPLES, axes_of, make_learner_values  # noqa: E402
from learner import as_answers, features_of, is_learner  # noqa: E402
from lively import finds_nothing  # noqa: E402
from mask_changes import changes_of_masks  # noqa: E402
from mend_imports import mend_imports  # noqa: E402
from names import Problem, check_module  # noqa: E402
from right_learner import right_learner  # noqa: E402
from seconds import seconds_to_samples  # noqa: E402
from second_tries import MOST, second_tries  # noqa: E402
from time_axis import along_time  # noqa: E402


SHARE_OF_TIME = 0.8  # of a candidate's time that its versions may take together


def check_value(value, variable, n=N_SAMPLES):
    """Raises Problem when `value` is not what `variable` promises."""
    name, kind = variable["name"], variable["type"]
    if value is None:
        raise Problem("output", f"{name}: got None, expected {kind}")
    if kind in ("numpy.ndarray", "ndarray"):
        if not hasattr(value, "shape"):
            if not isinstance(value, (list, tuple)):
                raise Problem("output", f"{name}: got {type(value).__name__}, expected numpy.ndarray")
            value = np.asarray(value)
        wanted = [p for p in variable.get("shape", "").strip().strip("()").split(",") if p.strip()]
        if wanted and value.ndim != len(wanted):
            raise Problem("output", f"{name}: got shape {value.shape}, expected {len(wanted)} dimension(s)")
        if wanted and wanted[0].strip() in ("n_samples", "n") and value.shape[0] != n:
            raise Problem("output", f"{name}: got shape {value.shape}, expected {n} samples as in the input")
        if value.dtype == object:
            raise Problem("output", f"{name}: got an array of objects")
        if value.dtype.kind in "fc" and not np.isfinite(value).all():
            raise Problem("output", f"{name}: holds NaN or infinity")
        dtype = variable.get("dtype", "")
        if dtype.startswith("int") and value.dtype.kind == "f" and value.size and (value != np.round(value)).any():
            raise Problem("output", f"{name}: got fractions, expected {dtype}")
        if dtype.startswith("int") and variable.get("unit", "").startswith("sample") and value.ndim == 1:
            if value.size and (value.min() < 0 or value.max() >= n):
                raise Problem("output", f"{name}: got values {value.min()} to {value.max()}, expected sample indices 0 to {n - 1}")
            if (np.diff(value) <= 0).any():
                raise Problem("output", f"{name}: got sample indices that do not increase, expected each event once, in order")
        if variable["name"] == "features":
            try:
                features_of(value)
            except ValueError as error:
                raise Problem("output", str(error)) from None
    elif kind in ("float", "int"):
        if not np.isscalar(value) and getattr(value, "ndim", 1) != 0:
            raise Problem("output", f"{name}: got {type(value).__name__}, expected {kind}")
        if not np.isfinite(float(value)):
            raise Problem("output", f"{name}: got {value}")


def check_events(value, name):
    """Raises Problem when whole stretches are marked where each event is wanted once."""
    gaps = np.diff(np.asarray(value).ravel())
    if gaps.size >= 10 and (gaps == 1).mean() > 0.5:
        raise Problem("output", f"{name}: got {gaps.size + 1} samples, most of them neighbours, expected each event once: "
                      "the first sample of each stretch, np.flatnonzero(np.diff(mask.astype(int), prepend=0) == 1)")


def check_learner_value(value, given, variable):
    """Raises Problem when `value` is not one usable answer for each item asked."""
    try:
        answers = as_answers(value, len(given[2]), variable.get("dtype") == "str", axes_of(variable))
    except ValueError as error:
        raise Problem("output", str(error)) from None
    if len(set(answers)) == 1:
        raise Problem("output", f"{variable['name']}: got the same answer for all items of two very different groups")


def same_values(old, new):
    """True where both arrays hold the same; NaN equals NaN where there can be one."""
    return np.array_equal(old, new, equal_nan=old.dtype.kind in "fc")


def samples_of(values):
    """How many samples the item given has: the length of its longest sequence."""
    return max((len(v) for v in values if getattr(v, "ndim", 0)), default=N_SAMPLES)


def as_outputs(value, outputs):
    """The returned value as a list, one per output."""
    if len(outputs) == 1:
        return [value]
    if not isinstance(value, tuple) or len(value) != len(outputs):
        got = len(value) if isinstance(value, tuple) else type(value).__name__
        raise Problem("output", f"got {got}, expected a tuple of {len(outputs)} values")
    return list(value)


@contextlib.contextmanager
def at_most(seconds):
    """Ends what runs within by an exception after so long: where a second version hangs, the first one's problem is told."""
    def stop(*_):
        raise TimeoutError("too slow")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, max(seconds, 1e-3))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def check_one(candidate, packages, seed, about, time_limit_s=60):
    """The report of one candidate; runs in a child process. A version that differs by rule is handed back as "code"."""
    end = time.monotonic() + SHARE_OF_TIME * time_limit_s
    if candidate.get("as_it_is"):
        return check_code(candidate["code"], candidate, packages, seed, about)
    code = mend_imports(candidate["code"], packages)
    for rule in (right_learner, along_time, seconds_to_samples, changes_of_masks):
        code = rule(code, candidate["inputs"])
    code = lists_of_generators(bands_by_place(absolute_differences(code, candidate.get("steps", ""))))
    report = check_code(code, candidate, packages, seed, about)
    if not report["ok"]:
        code, report = try_again(code, report, candidate, packages, end,
                                 lambda c: check_code(c, candidate, packages, seed, about))
    return {**report, "code": code} if code != candidate["code"] else report


def try_again(code, report, candidate, packages, end, check):
    """(code, report) of a version that passes before `end`, where rules lead to one; else those given."""
    def checked(other):
        try:
            with at_most(end - time.monotonic()):
                return check(other)
        except TimeoutError:  # between two lines of check_code
            return said

    now, said = code, report
    for _ in range(MOST):
        if time.monotonic() > end:
            break
        versions = ((other, checked(other)) for other in second_tries(now, said, candidate, packages))
        found = next(((o, r) for o, r in versions if r["ok"] or r["problem"] != said["problem"]), None)
        if found is None:
            break
        now, said = found
        if said["ok"]:
            return now, said
    return code, report


def function_of(code, candidate):
    """The function that `code` defines."""
    space = {"__name__": candidate["function"]}
    exec(compile(code, candidate["function"] + ".py", "exec"), space)
    return space[candidate["function"]]


def check_lively(result, given, candidate, code, constants):
    """Raises Problem when nothing is ever found, whatever the limits are."""
    def again(other):
        values = [v.copy() if hasattr(v, "copy") else v for v in given]
        return as_outputs(function_of(other, candidate)(*values), candidate["outputs"])

    dead = finds_nothing(result, candidate["outputs"], code, constants, again)
    if dead:
        what = "no positions" if dead.get("dtype", "").startswith("int") else "the same value everywhere"
        raise Problem("output", f"{dead['name']}: got {what} for a signal with events, with any limits: "
                      "a condition is never or always true")


def check_few(given, candidate, code):
    """Raises Problem when a number is not finite where an item has no events, or one: quiet records are common."""
    positions = [i for i, v in enumerate(candidate["inputs"])
                 if v.get("dtype", "").startswith("int") and v.get("unit", "").startswith("sample")]
    numbers = [i for i, v in enumerate(candidate["outputs"]) if v["type"] == "float"]
    for count in (0, 1) if len(positions) == 1 and numbers else ():
        values = [v.copy() if hasattr(v, "copy") else v for v in given]
        values[positions[0]] = values[positions[0]][:count]
        name, said = candidate["inputs"][positions[0]]["name"], "no" if count == 0 else "one"
        try:
            with np.errstate(all="ignore"):
                results = as_outputs(function_of(code, candidate)(*values), candidate["outputs"])
        except Exception as error:
            raise Problem("output", f"where `{name}` holds {said} position: {short_traceback(error)}") from None
        for i in numbers:
            if results[i] is None or not np.isfinite(float(results[i])):
                raise Problem("output", f"{candidate['outputs'][i]['name']}: got {results[i]} where `{name}` holds {said} "
                              "position, expected a finite number such as 0")


def check_code(code, candidate, packages, seed, about):
    report = {"ok": False, "passed": [], "kind": "", "problem": "", "constants": []}
    try:
        names = [v["name"] for v in candidate["inputs"]]
        check_module(code, candidate["function"], names, packages)
        report["passed"] += ["syntax", "signature", "imports", "names"]
        report["constants"] = find_constants(code, candidate["function"])
        rng = np.random.default_rng(seed)
        from fixture_inputs import make_inputs  # not above: trials.py has no need of it

        learner = is_learner(candidate["inputs"])
        values = (make_learner_values(candidate["inputs"], rng) if learner
                  else make_inputs(candidate["inputs"], about, rng))
        before = [v.copy() if hasattr(v, "copy") else v for v in values]
        result = as_outputs(function_of(code, candidate)(*values), candidate["outputs"])
        for value, variable in zip(result, candidate["outputs"]):
            check_learner_value(value, values, variable) if learner else check_value(value, variable, samples_of(values))
            if about.get("events") == variable["name"]:
                check_events(value, variable["name"])
        for old, new, variable in zip(before, values, candidate["inputs"]):
            if hasattr(old, "shape") and (old.shape != new.shape or not same_values(old, new)):
                raise Problem("effect", f"the input {variable['name']} was changed in place")
        check_lively(result, before, candidate, code, report["constants"])
        check_few(before, candidate, code)
        report["passed"].append("fixture")
        report["ok"] = True
    except Problem as problem:
        report["kind"], report["problem"] = problem.kind, str(problem)
    except BaseException as error:
        report["kind"] = "run"
        report["problem"] = short_traceback(error, candidate["function"] + ".py")
    return report


def short_traceback(error, *files):
    """The last frames in generated code and the message, at most 600 characters."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if os.path.basename(f.filename) in files]
    where = "; ".join(f"line {f.lineno} in {f.name}" for f in frames[-2:])
    return f"{type(error).__name__}: {str(error)[:400]} ({where})"[:600]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", required=True)
    arguments = parser.parse_args()
    job = json.load(sys.stdin)
    for package in job["packages"]:
        try:
            __import__(package)
            if package == "scipy":
                import scipy.signal  # noqa: F401  (so that every child has it without importing it anew)
            if package == "sklearn":
                import sklearn.ensemble  # noqa: F401
        except Exception:
            pass
    import fixture_inputs  # noqa: F401  (so that every child has it)

    about = job.get("about") or {}
    works = [lambda c=candidate: check_one(c, job["packages"], job["seed"], about, job["time_limit_s"]) for candidate in job["candidates"]]
    answers = run_children(works, job["time_limit_s"])
    for report in answers:
        if report.get("kind") == "hang":
            report["problem"] += (f" for {N_SAMPLES} samples: too slow; no loop over samples, and for long windows "
                                  "uniform_filter1d, maximum_filter1d or minimum_filter1d instead of a median or percentile")
    reports = {candidate["id"]: report for candidate, report in zip(job["candidates"], answers)}
    with open(arguments.out, "w", encoding="utf-8") as file:
        json.dump(reports, file)


if __name__ == "__main__":
    main()
