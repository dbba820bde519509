"""The measures of src/gpiot/eval against plain definitions written here, and scikit-learn where it has the measure.

Usage: scores_test.py ROOT [--write].  tests/cases/scores/cases.jsonl holds inputs and expected figures, one case a line:
this test works the figures out again, slowly and by the words of the definition, and scores_test.cpp measures the same
inputs with the library. --write draws new cases.
"""
import fractions
import importlib.util
import json
import math
import os
import random
import sys

CASES = os.path.join(sys.argv[1], "tests", "cases", "scores", "cases.jsonl")


def most_pairs(truth, found, tolerance):
    """The largest one-to-one matching, by augmenting paths."""
    partner = {}

    def find(t, seen):
        for f, event in enumerate(found):
            if abs(event - truth[t]) <= tolerance and f not in seen:
                seen.add(f)
                if f not in partner or find(partner[f], seen):
                    partner[f] = t
                    return True
        return False

    return sum(find(t, set()) for t in range(len(truth)))


def segments(changes, samples):
    """Each segment as the set of its samples."""
    edges = [0] + [c for c in changes if c > 0] + [samples]
    return [set(range(a, b)) for a, b in zip(edges, edges[1:])]


def quotient(part, whole, nothing):
    return part / whole if whole else float(nothing)


def change_points(case):
    truth, found, n = case["truth"], case["found"], case["samples"]
    pairs = most_pairs(truth, found, case["tolerance"])
    cover = sum(len(a) * max(len(a & b) / len(a | b) for b in segments(found, n)) for a in segments(truth, n)) / n
    if truth and found:
        far = max([min(abs(t - f) for f in found) for t in truth] + [min(abs(t - f) for t in truth) for f in found])
    else:
        far = n if truth or found else 0
    nothing = not truth and not found
    return {"precision": quotient(pairs, len(found), nothing), "recall": quotient(pairs, len(truth), nothing),
            "f1": quotient(2 * pairs, len(truth) + len(found), nothing), "covering": cover,
            "hausdorff_ms": 1000 * far / case["rate_hz"], "annotation_error": abs(len(truth) - len(found))}


def anomaly(case):
    tolerance = case["tolerance"]

    def inside(at, interval):
        return interval[0] - tolerance <= at <= interval[1] + tolerance

    hit = sum(any(inside(at, i) for at in case["found"]) for i in case["truth"])
    false = sum(not any(inside(at, i) for i in case["truth"]) for at in case["found"])
    nothing = not case["truth"] and not case["found"]
    return {"precision": quotient(hit, hit + false, nothing), "recall": quotient(hit, len(case["truth"]), nothing),
            "false_alarms_per_hour": false / (case["samples"] / case["rate_hz"] / 3600)}


def distances(truth, told):
    return sorted(math.sqrt(sum((a - b) ** 2 for a, b in zip(t, p))) for t, p in zip(truth, told))


def percentile(ordered, q):
    place = (len(ordered) - 1) * q
    low = math.floor(place)
    return ordered[low] + (place - low) * (ordered[min(low + 1, len(ordered) - 1)] - ordered[low])


def localisation(case):
    figures = {}
    mean = [sum(axis) / len(axis) for axis in zip(*case["learning"])]
    for name, told in (("", case["found"]), ("baseline_", [mean] * len(case["truth"]))):
        errors = distances(case["truth"], told)
        figures |= {name + "mean_error": sum(errors) / len(errors), name + "median_error": percentile(errors, 0.5),
                    name + "p90_error": percentile(errors, 0.9),
                    name + "within_radius": sum(e <= case["radius"] for e in errors) / len(errors)}
    return figures


def regression(case):
    truth, n = case["truth"], len(case["truth"])
    mean = sum(case["learning"]) / len(case["learning"])
    figures = {}
    for name, told in (("", case["found"]), ("baseline_", [mean] * n), ("last_", case["last_seen"])):
        figures[name + "mae"] = sum(abs(a - b) for a, b in zip(truth, told)) / n
        figures[name + "rmse"] = math.sqrt(sum((a - b) ** 2 for a, b in zip(truth, told)) / n)
    middle = sum(truth) / n
    figures["r2"] = 1 - sum((a - b) ** 2 for a, b in zip(truth, case["found"])) / sum((a - middle) ** 2 for a in truth)
    return figures


def exact(case):
    truth = case["truth"]
    usual = max(sorted(set(case["learning"])), key=case["learning"].count)
    written = lambda a: fractions.Fraction(str(a))  # noqa: E731  1.1 and 1.0 are 0.1 apart
    numbers = isinstance(usual, (int, float))
    same = (lambda a, b: abs(written(a) - written(b)) <= written(case["tolerance"]) if numbers else a == b)
    return {"exact": sum(map(same, truth, case["found"])) / len(truth),
            "baseline_exact": sum(same(a, usual) for a in truth) / len(truth)}


MEASURES = {"change_points": change_points, "anomaly": anomaly, "localisation": localisation, "regression": regression,
            "exact": exact}


def draw_cases():
    chance = random.Random(7)
    cases = [{"kind": "change_points", "truth": t, "found": f, "samples": 100, "rate_hz": 10, "tolerance": 5}
             for t, f in (([], []), ([50], []), ([], [50]), ([0], [0]), ([50], [0, 50]), ([20, 21], [22]))]
    cases += [{"kind": "anomaly", "truth": t, "found": f, "samples": 7200, "rate_hz": 1, "tolerance": 3}
              for t, f in (([], []), ([], [5]), ([[10, 20]], []), ([[10, 20]], list(range(10, 21)) + [100]),
                           ([[10, 20], [24, 30]], [22]), ([[10, 20]], [6, 7, 23, 24]))]
    for _ in range(12):
        n = chance.randint(30, 400)
        marks = [sorted(chance.sample(range(n), chance.randint(0, 8))) for _ in range(2)]
        cases.append({"kind": "change_points", "truth": marks[0], "found": marks[1], "samples": n, "rate_hz": 50,
                      "tolerance": chance.randint(0, 20)})
        edges = sorted(chance.sample(range(n), 2 * chance.randint(0, 4)))
        cases.append({"kind": "anomaly", "truth": [list(p) for p in zip(edges[::2], edges[1::2])], "found": marks[1],
                      "samples": n, "rate_hz": 50, "tolerance": chance.randint(0, 6)})
    for axes in (2, 3):
        for n in (1, 2, 7, 30):
            truth, found, learning = ([[round(chance.uniform(-9, 9), 3) for _ in range(axes)] for _ in range(n)]
                                      for _ in range(3))
            cases.append({"kind": "localisation", "truth": truth, "found": found, "learning": learning, "radius": 8.0})
    for n in (2, 9, 40):
        truth, found, learning, last = ([round(chance.gauss(20, 5), 3) for _ in range(n)] for _ in range(4))
        cases.append({"kind": "regression", "truth": truth, "found": found, "learning": learning, "last_seen": last})
    words = ["7E01", "7e01", "", "é", "7E01 "]
    for tolerance in (0, 0.25):
        cases.append({"kind": "exact", "truth": [1, 2, 2.5, -3, 2], "found": [1, 2.25, 2.2, -3, 3], "tolerance": tolerance,
                      "learning": [2, 2, 1, 1, 2.5]})
    cases.append({"kind": "exact", "truth": [1, 2.2, 0.3], "found": [1.1, 2.3, 0.401], "tolerance": 0.1, "learning": [1]})
    cases.append({"kind": "exact", "truth": words, "found": [words[1], words[1], "", "é", "7E01"], "tolerance": 0,
                  "learning": ["é", "", "é"]})
    return [{**case, "expected": MEASURES[case["kind"]](case)} for case in cases]


def check_with_sklearn(case):
    """The same from scikit-learn and numpy, which were written by others."""
    import numpy as np
    from sklearn import metrics

    expected = case["expected"]
    if case["kind"] == "regression":
        truth, found = case["truth"], case["found"]
        pairs = [("mae", metrics.mean_absolute_error(truth, found)), ("r2", metrics.r2_score(truth, found)),
                 ("rmse", metrics.mean_squared_error(truth, found) ** 0.5),
                 ("last_mae", metrics.mean_absolute_error(truth, case["last_seen"]))]
    elif case["kind"] == "localisation":
        errors = np.linalg.norm(np.array(case["truth"]) - np.array(case["found"]), axis=1)
        pairs = [("mean_error", errors.mean()), ("median_error", np.median(errors)),
                 ("p90_error", np.percentile(errors, 90))]
    elif case["kind"] == "exact" and case["tolerance"] == 0:
        pairs = [("exact", metrics.accuracy_score(list(map(str, case["truth"])), list(map(str, case["found"]))))]
    else:
        return
    for name, value in pairs:
        assert math.isclose(expected[name], value, rel_tol=1e-9, abs_tol=1e-12), (case, name, value)


def main():
    if "--write" in sys.argv:
        with open(CASES, "w", encoding="utf-8") as file:
            file.writelines(json.dumps(case) + "\n" for case in draw_cases())
    with open(CASES, encoding="utf-8") as file:
        cases = [json.loads(line) for line in file]
    for case in cases:
        again = MEASURES[case["kind"]](case)
        assert again.keys() == case["expected"].keys(), case
        for name, value in again.items():
            assert math.isclose(value, case["expected"][name], rel_tol=1e-12, abs_tol=1e-12), (case, name, value)
        if importlib.util.find_spec("sklearn"):
            check_with_sklearn(case)
    kinds = {case["kind"] for case in cases}
    assert kinds == set(MEASURES) and len(cases) >= 40, (kinds, len(cases))
    print(f"{len(cases)} cases of {len(kinds)} evaluators agree")


if __name__ == "__main__":
    main()
