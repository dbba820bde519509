"""Whole synthetic records with known events, to score a program where the user's data has no labels.

Input on stdin: {"about": {"title", "statement", "rate_hz", "inputs"}, "wanted": the result variable, "records": how many,
                 "seconds": length of each, "seed": n, "format": "table" or "npy"}
Output in --out: facts.json {"kind": null and "why", or "kind", "rate_hz", "samples", "events": {record: [sample]}} and the
arrays of a data view (records.py): `test.<input>.npy`, or `test.<record>.npy` where the only array is the record.
A kind serves only where the events that it knows are those that the requirement asks for.
"""
import argparse
import json
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import numpy as np  # noqa: E402

from fixture_inputs import Inputs, time_axis  # noqa: E402
from fixtures import MODALITIES  # noqa: E402

# Words of the result that stand for events of a kind's truth, with their name there where it is not the usual one
# (fixtures.py), and words that make others of them.
ASKED = {"ecg": [(r"r peaks?|heart ?beats?|beats?|qrs", "")],
         "ppg": [(r"feet|foot|(?:pulse|beat) onsets?|onsets? of (?:each |every )?pulses?", ""),
                 (r"(?:systolic|pulse) peaks?|heart ?beats?|beats?|pulses?", "pulse_peaks")],
         "respiration": [(r"breaths?|breath onsets?|inhal\w+|inspirations?", "")], "imu": [(r"steps?", "")],
         "gait": [(r"heel strikes?|initial contacts?", "")],
         "csi": [(r"(?:motion|movement) (?:onsets?|starts?)|starts? of (?:each |every )?(?:motion|movement)", "")],
         "audio": [(r"onsets?|knocks?|bursts?", "")], "vibration": [(r"impacts?|knocks?", "")],
         "energy": [(r"starts?|switch(?:es|ed)? on", "")], "environment": [(r"arrivals?", "")],
         "rssi": [(r"crossings?", "")], "frames": [(r"frame starts?|frames?", "")]}
OTHER = (r"ventricular|ectopic|premature|abnormal|arrhythmi\w+|missed|missing|last|end(?:s|ings?)?|stops?|pauses?|apn\w*ea\w*"
         r"|falls?|first|damaged|depart\w+|leav\w+")
LEAST_SAMPLES, MOST_SAMPLES, LEAST_EVENTS = 3000, 48000, 3


NAMELESS = ("events", "positions", "samples", "indices")


def asked_events(kind, wanted, about):
    """The name of the events in the kind's truth that the result variable asks for, or None. Where the variable has a
    name that fits everything, title and statement say it."""
    words = f"{wanted.get('name', '')} {wanted.get('description', '')}".lower().replace("_", " ")
    if wanted.get("name") in NAMELESS:
        words += f" {about.get('title', '')} {about.get('statement', '')}".lower()
    if re.search(rf"\b(?:{OTHER})\b", words):
        return None
    names = [name or MODALITIES[kind].events for asked, name in ASKED.get(kind, []) if re.search(rf"\b(?:{asked})\b", words)]
    return names[0] if names else None


def make_records(job):
    """(facts, arrays by file name); the facts say why where no kind serves."""
    about, wanted = job["about"], job["wanted"]
    probe = Inputs(about, np.random.default_rng(job["seed"]))
    kind = probe.modality
    if kind is None:
        return {"kind": None, "why": "no kind of synthetic signal fits the inputs"}, {}
    asked = asked_events(kind, wanted, about)
    if asked is None:
        return {"kind": None, "why": f"synthetic {kind} does not know the events asked for"}, {}
    signal = about["inputs"][0]
    axis = time_axis(signal.get("shape", ""))
    n = int(min(max(job["seconds"] * probe.rate_hz, LEAST_SAMPLES), MOST_SAMPLES))
    events, values = {}, {}
    for k in range(job["records"]):
        inputs = Inputs(about, np.random.default_rng([job["seed"], k]), n)
        made = [inputs.value(variable) for variable in about["inputs"]]
        truth = next((one["truth"] for (name, size, _), one in inputs.made.items() if (name, size) == (kind, n)), {})
        found = truth.get(asked)
        if axis is None or not hasattr(made[0], "shape") or made[0].shape[axis[0]] != n or found is None:
            return {"kind": None, "why": f"the first input does not run along the time of synthetic {kind}"}, {}
        record = f"synthetic-{k + 1}"
        events[record] = [int(i) for i in found]
        values[record] = {variable["name"]: value for variable, value in zip(about["inputs"], made)}
    if min(len(found) for found in events.values()) < LEAST_EVENTS:
        return {"kind": None, "why": f"synthetic {kind} of {n} samples has too few events"}, {}
    facts = {"kind": kind, "rate_hz": probe.rate_hz, "samples": n, "events": events}
    if job["format"] == "npy":
        return facts, {f"test.{record}.npy": one[signal["name"]] for record, one in values.items()}
    first = next(iter(values.values()))
    return facts, {f"test.{name}.npy": np.stack([one[name] for one in values.values()]) for name in first
                   if hasattr(first[name], "shape")}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", required=True)
    arguments = parser.parse_args()
    facts, arrays = make_records(json.load(sys.stdin))
    for name, array in arrays.items():
        np.save(os.path.join(arguments.out, name), array, allow_pickle=False)
    with open(os.path.join(arguments.out, "facts.json"), "w", encoding="utf-8") as file:
        json.dump(facts, file)


if __name__ == "__main__":
    main()
