"""The real binary, where a rate is wanted and its range is stated, or a number that a place in the signal tells: gpiot's own
plan first, with its own functions or the model's, then the model's plans where it fails."""
import json
import math
import os
import random
import re

from scripted_model import Model, function
from support import Scratch, check, gpiot, need_sandbox, read_json, shown, write

RATE_HZ = 50
SECONDS = 20
REQUIREMENT = """+++
title = "Strokes of a paddle"
packages = ["numpy", "scipy"]

[data]
path = "data"
format = "jsonl"
files = "paddles.jsonl"
items = "row"
rate_hz = 50

[[data.inputs]]
name = "force"
type = "numpy.ndarray"
dtype = "float64"
shape = "(1000,)"
unit = "N"
key = "force"

[[data.inputs]]
name = "rate_hz"
type = "float"
unit = "Hz"

[labels]
format = "column"
column = "strokes"

[split]
by = "index"

[result]
kind = "value"

[result.variable]
name = "strokes"
type = "float"
unit = "1/min"

[evaluator]
kind = "regression"
mae = 2.0
+++

Tell how many strokes a minute a paddler makes. Rates lie between 30 and 90.
"""
PLAN = """- Sub-Task 1 [Remove level]
- Implementation step 1: Subtract the mean.

- Sub-Task 2 [Mark rises]
- Implementation step 1: Find where the force rises through zero, one position each.

- Sub-Task 3 [Count strokes]
- Implementation step 1: Turn the median time between rises into strokes per minute."""
BAND = "Inputs: `force`, `rate_hz`\nOutput: `band` (numpy.ndarray, float64, (n_samples,), N): The band."
INTERFACES = {"Filter force": BAND, "Compute size of force": BAND,
              "Estimate strokes": "Inputs: `band`, `rate_hz`\nOutput: `strokes` (...)",
              "Remove level": "Inputs: `force`, `rate_hz`\nOutput: `level` (numpy.ndarray, float64, (n_samples,), N): Level.",
              "Mark rises": "Inputs: `level`, `rate_hz`\nOutput: `rises` (numpy.ndarray, int64, (n_rises,), samples): Rises.",
              "Count strokes": "Inputs: `rises`, `rate_hz`\nOutput: `strokes` (...)"}
FUNCTIONS = {
    "filter_force": function("filter_force(force, rate_hz, low_hz=0.5, high_hz=1.5)",
                             "sos = butter(2, [low_hz, high_hz], btype='bandpass', fs=rate_hz, output='sos')\n"
                             "return sosfiltfilt(sos, force)", "from scipy.signal import butter, sosfiltfilt"),
    "compute_size_of_force": function("compute_size_of_force(force, rate_hz, low_hz=6.0, high_hz=18.0)",
                                      "sos = butter(2, [low_hz, high_hz], btype='bandpass', fs=rate_hz, output='sos')\n"
                                      "return np.abs(sosfiltfilt(sos, force))",
                                      "import numpy as np\nfrom scipy.signal import butter, sosfiltfilt"),
    "estimate_strokes": function("estimate_strokes(band, rate_hz)", "n = 8 * len(band)\n"
                                 "power = np.abs(np.fft.rfft(band * np.hanning(len(band)), n)) ** 2\n"
                                 "return 60 * np.fft.rfftfreq(n, 1 / rate_hz)[np.argmax(power)]"),
    "remove_level": function("remove_level(force, rate_hz)", "return force - np.mean(force)"),
    "mark_rises": function("mark_rises(level, rate_hz)",
                           "return np.flatnonzero(np.diff((uniform_filter1d(level, 5) > 0).astype(int), prepend=1) == 1)",
                           "import numpy as np\nfrom scipy.ndimage import uniform_filter1d"),
    "count_strokes": function("count_strokes(rises, rate_hz)",
                              "return 60 * rate_hz / np.median(np.diff(rises)) if len(rises) > 1 else 0.0")}
# No constant makes a rate of the spread of the force.
POOR = {"estimate_strokes": function("estimate_strokes(band, rate_hz)", "return 61.0 * np.std(band)")}


def answers(functions, plans_asked):
    def answer(_, body):
        system, last = body["messages"][0]["content"], body["messages"][-1]["content"]
        if "You plan small Python programs" in system:
            plans_asked.append(last)
            return PLAN
        if "You define the interfaces" in system:
            name = re.search(r"Function \d+ \[(.*?)\]", last).group(1)
            return "Reasoning: It needs what was computed before it.\n" + INTERFACES[name]
        wanted = re.findall(r"Write `def (\w+)\(", last)
        return functions[wanted[-1]] if wanted else "Computes what its steps say."
    return answer


def make_project(folder):
    chance = random.Random(3)
    rows = []
    for _ in range(16):
        strokes, phase = chance.uniform(32, 88), chance.uniform(0, 6)
        force = [3 + math.sin(2 * math.pi * strokes / 60 * k / RATE_HZ + phase) + chance.gauss(0, 0.05)
                 for k in range(RATE_HZ * SECONDS)]
        rows.append(json.dumps({"force": force, "strokes": strokes}))
    write(folder, "requirement.md", REQUIREMENT)
    write(folder, "data/paddles.jsonl", "\n".join(rows) + "\n")


def synthesize(folder, functions):
    asked = []
    make_project(folder)
    done = gpiot("synthesize", folder, *Model(answers(functions, asked)).options(), "-n", "1", "--repair", "0", "--no-calibrate")
    return done, asked, read_json(folder, ".gpiot", "plans.json")["plans"]


def the_own_functions_are_enough():
    model = Model(answers(POOR, []))
    with Scratch() as folder:
        make_project(folder)
        done = gpiot("synthesize", folder, *model.options(own=True))
        check(done.returncode == 0, "a rate in a stated range is found by gpiot's own functions", shown(done))
        check(not model.asked, "and the model is not asked", str(len(model.asked)))
        check("are gpiot's own, not the model's" in done.stderr, "a note says whose they are", shown(done))
    with Scratch() as folder:
        make_project(folder)
        check(gpiot("synthesize", folder, "--no-model").returncode == 0, "nor is one needed")


def the_own_plan_is_enough():
    with Scratch() as folder:
        done, asked, plans = synthesize(folder, FUNCTIONS)
        check(done.returncode == 0, "a rate in a stated range is found by gpiot's own plan", shown(done))
        check(not asked and len(plans) == 2, "the model was asked for no plan", shown(done))
        check("from 0.5 to 1.5 Hz" in plans[0]["subtasks"], "the plan holds the stated range in Hz", plans[0]["subtasks"])
        check("the plainest plan, by gpiot itself" in done.stderr, "a note says whose plan it is", shown(done))


def the_model_is_asked_where_it_is_not():
    with Scratch() as folder:
        done, asked, plans = synthesize(folder, {**FUNCTIONS, **POOR})
        check(done.returncode == 0, "the model's plan is accepted", shown(done))
        outcomes = [plan.get("outcome", {}).get("reached") for plan in plans]
        check(asked and outcomes == [False, False, True], "the model was asked for plans after the own two fell short",
              f"{outcomes}\n{shown(done)}")


def make_echoes(folder):
    """Each ping has the echo of the level, the stronger ring of its sender, and a weaker echo of something else."""
    chance, rows = random.Random(5), []
    for k in range(40):
        level, other = chance.uniform(0.4, 2.4), chance.uniform(0.4, 2.4)
        delays = [(level, 1.0), (other, 0.4), (0.02, 3.0)]
        ping = [sum(size * math.exp(-((t / 400 - d) * 40) ** 2) * math.sin(1.1 * t) for d, size in delays) + chance.gauss(0, 0.02)
                for t in range(1000)]
        rows.append(json.dumps({"ping": ping, "level": 5.0 - 1.7 * level}))
    text = REQUIREMENT.replace("force", "ping").replace("paddles", "echoes").replace("strokes", "level").replace('"1/min"', '"m"')
    text = text.replace('[[data.inputs]]\nname = "rate_hz"\ntype = "float"\nunit = "Hz"\n\n', "").replace("mae = 2.0", "mae = 0.05")
    write(folder, "requirement.md", text[:text.index("Tell how")] + "Tell the level in the tank by the echo of a ping.\n")
    write(folder, "data/echoes.jsonl", "\n".join(rows) + "\n")


def a_place_tells_a_level():
    model = Model(answers(POOR, []))
    with Scratch() as folder:
        make_echoes(folder)
        done = gpiot("synthesize", folder, *model.options(own=True))
        check(done.returncode == 0 and not model.asked, "a level is told by the delay of an echo", shown(done))
        with open(os.path.join(folder, "app", "find_place_of_level.py"), encoding="utf-8") as file:
            code = file.read()
        check('kind="echo"' in code or 'kind="start"' in code, "by its envelope, not by its spectrum", code)


if __name__ == "__main__":
    need_sandbox()
    a_place_tells_a_level()
    the_own_functions_are_enough()
    the_own_plan_is_enough()
    the_model_is_asked_where_it_is_not()
