"""Each evaluator through the real binary: a program written by hand is run, measured outside, and reported in the
terminal, in report.json and in report.html, beside what answers without a program would bring.

Usage: evaluators_test.py GPIOT_BINARY ROOT.   Exit status 0 when every check holds, 77 when there is no sandbox Python.
"""
import math
import os
import random

from small_project import ROWS
from support import Scratch, check, gpiot, need_sandbox, read_json, write

HEAD = """import json, os, sys
import numpy as np
sys.path.insert(0, "/app")
args = dict(zip(sys.argv[1::2], sys.argv[2::2]))
facts = json.load(open(args["--data"] + "/records.json"))
test = args["--data"] + "/test/"
answers = {}
%s
with open(args["--out"], "w") as file:
    for record, answer in answers.items():
        file.write(json.dumps({"record": record, "answer": answer}) + "\\n")
"""
RECORDS = """+++
title = "Case"
[data]
path = "data"
format = "csv"
files = "*.csv"
channel = "load"
rate_hz = 10
[[data.inputs]]
name = "load"
type = "numpy.ndarray"
dtype = "float64"
unit = "A"
[labels]
format = "csv"
files = "*.truth"
%s
[split]
development = ["a", "b"]
final = ["c"]
[result]
kind = "events"
[result.variable]
name = "answer"
type = "numpy.ndarray"
dtype = "int64"
shape = "(n_events,)"
unit = "samples"
[evaluator]
%s
+++
Find it.
"""
TABLE = ROWS + """%s
[split]
%s
final_share = 0.4
[result]
kind = "%s"
%s
[result.variable]
name = "answer"
%s
[evaluator]
%s
+++
Tell it.
"""
READ_RECORD = """
for record in facts["records"]:
    values = np.loadtxt(test + record + ".csv", skiprows=1)
    answers[record] = %s
"""


def measured(folder, code, accepted, *shown):
    """The report of the last run of a program; checks the three places where it is shown."""
    write(folder, "app/main.py", HEAD % code)
    done = gpiot("run", folder, "--final")
    text = done.stdout + done.stderr
    check(done.returncode == (0 if accepted else 3), f"accepted: {accepted}", text)
    for part in shown:
        check(part in done.stdout, f"the terminal shows '{part}'", text)
    run = os.path.join(folder, "runs", sorted(os.listdir(os.path.join(folder, "runs")))[-1])
    with open(os.path.join(run, "report.html"), encoding="utf-8") as file:
        return read_json(run, "report.json")["measured"], file.read()


def levels(seed, samples=1200):
    """A load that jumps between levels, and where it jumps."""
    chance = random.Random(seed)
    jumps = sorted(chance.sample(range(100, samples - 100, 60), 5))
    values, level = [], 1.0
    for i in range(samples):
        level = level if i not in jumps else level + chance.choice([-1, 1]) * 2
        values.append(level + chance.gauss(0, 0.05))
    return values, jumps


def change_points():
    with Scratch() as folder:
        write(folder, "requirement.md", RECORDS % ('column = "sample"', 'kind = "change_points"\ntolerance_ms = 500\n'
                                                   "precision = 0.9\nrecall = 0.9\ncovering = 0.95"))
        for seed, name in enumerate("abc"):
            values, jumps = levels(seed)
            write(folder, f"data/{name}.csv", "load\n" + "".join(f"{v:.3f}\n" for v in values))
            write(folder, f"data/{name}.truth", "sample\n" + "".join(f"{j}\n" for j in jumps))
        good = READ_RECORD % "[int(i) + 1 for i in np.flatnonzero(np.abs(np.diff(values)) > 1)]"
        figures, page = measured(folder, good, True, "covering 1.000", "Hausdorff distance, ms")
        check(figures["segments"] == {"covering": 1.0, "hausdorff_ms": 0.0, "annotation_error": 0.0},
              "the right change points cover all", str(figures["segments"]))
        check('class="truth"' in page and 'class="found"' in page and "covering" in page,
              "the page has the signal with marks", page[-3000:])
        figures, _ = measured(folder, READ_RECORD % "[600]", False, "covering")
        check(figures["segments"]["covering"] < 0.8 and figures["segments"]["annotation_error"] == 4.0,
              "one change in the middle does not", str(figures["segments"]))


def anomalies():
    with Scratch() as folder:
        write(folder, "requirement.md", RECORDS % ('column = "from"\nend_column = "to"', 'kind = "anomaly"\n'
              "tolerance_ms = 1000\nprecision = 0.7\nrecall = 0.9\nfalse_alarms_per_hour = 50"))
        for seed, name in enumerate("abc"):
            chance = random.Random(seed)
            starts = [200, 600, 900]
            values = [chance.gauss(0, 0.1) + (2 if any(s <= i < s + 60 for s in starts) else 0) for i in range(1200)]
            write(folder, f"data/{name}.csv", "load\n" + "".join(f"{v:.3f}\n" for v in values))
            write(folder, f"data/{name}.truth", "from,to\n" + "".join(f"{s},{s + 59}\n" for s in starts))
        good = READ_RECORD % "[int(i) for i in np.flatnonzero(values > 1)] + [1100]"
        figures, page = measured(folder, good, True, "3 of 3 intervals found, without point adjustment",
                                 "false alarms per hour")
        check(figures["pooled"]["precision"] == 0.75 and figures["anomalies"]["detections"] == 181,
              "180 detections in three intervals are three, and one is false", str(figures))
        check(figures["anomalies"]["false_alarms_per_hour"] == 30.0, "one in two minutes", str(figures["anomalies"]))
        check('class="span"' in page, "the page shows the true intervals", page[-3000:])
        figures, _ = measured(folder, READ_RECORD % "list(range(0, 1200, 40))", False, "false alarms per hour")
        check(figures["pooled"]["recall"] == 1.0 and figures["anomalies"]["false_alarms_per_hour"] > 500,
              "an alarm every four seconds finds all and is refused", str(figures))


def localisation():
    with Scratch() as folder:
        position = 'type = "numpy.ndarray"\ndtype = "float64"\nshape = "(2,)"\nunit = "m"'
        write(folder, "requirement.md", TABLE % (
            'columns = ["east", "north"]', 'by = "index"', "position", "learned = true", position,
            'kind = "localisation"\nradius = 1.0\nmean_error = 1.0\nwithin_radius = 0.8'))
        chance = random.Random(3)
        rows = []
        for _ in range(100):
            east, north = chance.uniform(0, 10), chance.uniform(0, 4)
            rows.append(f"{east + north + chance.gauss(0, .2):.3f},{east - north + chance.gauss(0, .2):.3f},{east:.3f},{north:.3f}")
        write(folder, "data/hall.csv", "u,v,east,north\n" + "\n".join(rows) + "\n")
        learn = """
x = np.load(args["--data"] + "/train/values.npy")
y = np.array(json.load(open(args["--data"] + "/train/labels.json")))
asked = np.load(test + "values.npy")
one = lambda a: np.column_stack([a, np.ones(len(a))])
told = %s
answers = dict(zip(facts["records"], told.tolist()))
"""
        figures, page = measured(folder, learn % "one(asked) @ np.linalg.lstsq(one(x), y, rcond=None)[0]", True,
                                 "mean error", "always the mean position", "90th percentile, m")
        score = figures["positions"]
        check(score["mean_error"] < 0.5 < 2 < score["baseline"]["mean_error"] and score["items"] == 40,
              "a line through the learning items is near", str(score))
        check("a ring at its true position" in page and page.count('class="truth"') == 40, "the page has the scatter",
              page[-2000:])
        figures, _ = measured(folder, learn % "np.tile(y.mean(axis=0), (len(asked), 1))", False, "mean error")
        check(figures["positions"]["mean_error"] == figures["positions"]["baseline"]["mean_error"],
              "the mean position is the baseline", str(figures["positions"]))
        check([d for d in figures["doubts"] if d["kind"] == "same_answer"], "and is doubted", str(figures["doubts"]))
        figures, _ = measured(folder, learn % "asked[:, :1]", False, "the contract is broken")
        check(figures["contract"]["breaches"][0]["kind"] == "not_a_position", "one coordinate is no position",
              str(figures["contract"]))


def exact():
    with Scratch() as folder:
        write(folder, "requirement.md", TABLE % ('column = "sum"', 'by = "index"', "value", "", 'type = "float"',
                                                 'kind = "exact"\nexact = 1\ntolerance = 0.001'))
        pairs = [(random.Random(i).randint(0, 9), i % 7) for i in range(50)]
        write(folder, "data/frames.csv", "u,v,sum\n" + "".join(f"{a},{b},{a + b / 10}\n" for a, b in pairs))
        code = """
for record, (u, v) in zip(facts["records"], np.load(test + "values.npy")):
    answers[record] = %s
"""
        figures, page = measured(folder, code % "u + v / 10 + 0.0005", True, "exact 1.000 (20 of 20 equal")
        check("Exact answers" in page and figures["exact"]["baseline"]["exact"] < 0.5, "beside the commonest answer",
              str(figures["exact"]))
        figures, _ = measured(folder, code % "float(round(u + v / 10))", False, "exact 0.")
        check(figures["exact"]["wrong"] and "expected" in figures["exact"]["wrong"][0], "wrong answers are shown",
              str(figures["exact"]))


def forecast():
    with Scratch() as folder:
        text = TABLE % ('column = "later"', 'by = "time"', "value", "learned = true", 'type = "float"\nunit = "C"',
                        'kind = "regression"\nmae = 5\nhorizon_items = 3')
        write(folder, "requirement.md", text)
        series = [20 + 5 * math.sin(i / 10) for i in range(120)]
        write(folder, "data/tank.csv", "u,v,later\n" + "".join(
            f"{series[i]:.6f},0,{series[i + 3]:.6f}\n" for i in range(117)))
        code = """
for record, (u, v) in zip(facts["records"], np.load(test + "values.npy")):
    answers[record] = u
"""
        figures, page = measured(folder, code, True, "seen 3 items before", "last seen: MAE")
        score = figures["values"]
        check(abs(score["persistence"]["mae"] - score["mae"]) < 1e-6 and score["persistence"]["items_back"] == 3,
              "taking over the present value is the last label known", str(score))
        check(score["persistence"]["mae"] < score["baseline"]["mae"], "which is better than the mean", str(score))
        check("<th>seen 3 items before</th>" in page, "the page shows both baselines", page[:3000])
        write(folder, "requirement.md", text.replace('by = "time"', 'by = "index"').replace("\nhorizon_items = 3", ""))
        figures, _ = measured(folder, code, True, "MAE")
        check("persistence" not in figures["values"], "there is no last value where items are dealt out", "")


if __name__ == "__main__":
    need_sandbox()
    change_points()
    anomalies()
    localisation()
    exact()
    forecast()
