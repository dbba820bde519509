"""A project with short artificial ECG records, which the answers of scripted_model.py solve within seconds."""
import math
import random

from support import expect, write

RATE_HZ = 100
REQUIREMENT = """+++
title = "Heartbeats"
packages = ["numpy", "scipy"]

[data]
path = "data"
format = "csv"
files = "*.csv"
channel = "ecg"
rate_hz = 100

[[data.inputs]]
name = "ecg"
type = "numpy.ndarray"
dtype = "float64"
shape = "(n_samples,)"
unit = "mV"

[[data.inputs]]
name = "rate_hz"
type = "float"
unit = "Hz"

[labels]
format = "csv"
files = "*.beats"
column = "sample"

[split]
development = ["a", "b"]
final = ["c"]

[result]
kind = "events"

[result.variable]
name = "r_peaks"
type = "numpy.ndarray"
dtype = "int64"
shape = "(n_peaks,)"
unit = "samples"

[evaluator]
kind = "events"
tolerance_ms = 150
precision = 0.95
recall = 0.95

[budget]
memory_mb = 400
+++

Find every heartbeat.
"""

# The beginning of a requirement over the rows of CSV files; [labels] goes on after it.
ROWS = """+++
title = "Case"
packages = ["numpy"]
[data]
path = "data"
format = "csv"
files = "*.csv"
items = "row"
[[data.inputs]]
name = "values"
type = "numpy.ndarray"
dtype = "float64"
columns = ["u", "v"]
[labels]
format = "column"
"""


def edited(old, new, text=REQUIREMENT):
    """The requirement with `old` replaced; a test that edits nothing would test nothing."""
    expect(old in text, f"the requirement does not hold '{old}'")
    return text.replace(old, new, 1)


def make_record(seed, seconds=40):
    """(signal rows, beats) of an artificial ECG: sharp pulses at a varying rhythm on drift and noise."""
    chance = random.Random(seed)
    beats, at = [], 0.4
    while at < seconds - 0.4:
        beats.append(round(at * RATE_HZ))
        at += chance.uniform(0.6, 1.1)
    values = [0.2 * math.sin(0.3 * i / RATE_HZ) + chance.gauss(0, 0.02) for i in range(seconds * RATE_HZ)]
    for beat in beats:
        for offset in range(-8, 9):
            values[beat + offset] += math.exp(-0.5 * (offset / 1.5) ** 2)
    return values, beats


def make_project(folder, requirement=REQUIREMENT, records="abc"):
    """A small project that the scripted answers solve; returns its folder."""
    write(folder, "requirement.md", requirement)
    for seed, name in enumerate(records):
        values, beats = make_record(seed)
        write(folder, f"data/{name}.csv", "ecg\n" + "".join(f"{value:.4f}\n" for value in values))
        write(folder, f"data/{name}.beats", "sample\n" + "".join(f"{beat}\n" for beat in beats))
    return folder
