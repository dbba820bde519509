"""What the labelled frames of a view tell of their form, for the functions frame_*.py and text_value.py of runtime/own.

Input on stdin: {"kind": "class", "value" or "events", "input": name of the frames, "statement": the requirement's words,
                 "labels": {record: verdict, number or [places]}}
Output in --out: {"form": the form, or null where none tells them, "frames": how many it was looked for on,
                  "missed": how many of them have labels that are not as the form tells, "names": ten of these records at most}
"""
import argparse
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "own")]

import text_value  # noqa: E402
from frame_bytes import bytes_of  # noqa: E402
from frame_checks import verdicts_of  # noqa: E402
from frame_fields import field_of, tolerance_of  # noqa: E402
from frame_most import form_of_most, told_by  # noqa: E402
from frame_streams import stream_of  # noqa: E402
from frame_value import value_of  # noqa: E402
from frame_verdict import verdict_of  # noqa: E402
from look_values import BYTES_TEXT  # noqa: E402
from text_fields import text_field_of  # noqa: E402
from records import Table, load_facts, read_record  # noqa: E402

LEAST_FRAMES = 20  # of fewer, verdicts are told by chance, too
MOST_FRAMES = 2000
MOST_NAMED = 10
MOST_BYTES = 1 << 18  # of all streams, on which a form is looked for
SHARE = 0.999  # of what is found and what is marked, that must be the same


def frames_of(data_dir, job):
    """[(frame, label)] of the labelled records, and their names."""
    facts = load_facts(data_dir)
    table = Table(data_dir, facts) if facts["format"] == "table" else None
    frames, names = [], []
    for index, record in enumerate(facts["records"]):
        if record in job["labels"]:
            values = table.record(index) if table else read_record(data_dir, facts, record)
            frames.append((values[job["input"]], job["labels"][record]))
            names.append(record)
    return frames, names


def ways_of(job, frames, labels):
    """[(frames as it takes them, what finds a form, whether a form tells one frame)], for verdicts and numbers."""
    words, data = job["statement"], [bytes_of(frame) for frame in frames]
    if job["kind"] == "class":
        return [(data, lambda some: verdicts_of(*zip(*some), words), lambda form, one, label: verdict_of(one, form) == label)]
    bound = 1.01 * tolerance_of(labels) + 1e-12 * max(map(abs, labels))
    ways = [(data, lambda some: field_of(*zip(*some), words), lambda form, one, label: abs(value_of(one, form) - label) <= bound)]
    if not all(isinstance(frame, str) for frame in frames):
        return ways
    of_text = (frames, lambda some: text_field_of(*zip(*some)),
               lambda form, one, label: abs(text_value.value_of(one, form) - label) <= bound)
    return [*ways, of_text] if all(map(BYTES_TEXT.fullmatch, map(str.strip, frames))) else [of_text, *ways]


def form_of(job, pairs):
    """The form, and which of `pairs` it does not tell (indices)."""
    if job["kind"] == "events":
        return (stream_of(some_of(pairs), SHARE) if pairs else None), []
    of_class = job["kind"] == "class"
    kept = [index for index, (frame, _) in enumerate(pairs) if of_class or bytes_of(frame)][:MOST_FRAMES]
    labels = [pairs[index][1] if of_class else float(pairs[index][1]) for index in kept]
    if len(kept) < (LEAST_FRAMES if of_class else 1):
        return None, []
    ways = ways_of(job, [pairs[index][0] for index in kept], labels)
    for frames, fit, _ in ways:
        if form := fit(list(zip(frames, labels))):
            return form, []
    for frames, fit, tells in ways:
        some = list(zip(frames, labels))
        if form := form_of_most(some, fit, tells, of_class):
            return form, [kept[i] for i, good in enumerate(told_by(form, some, tells)) if not good]
    return None, []


def some_of(pairs):
    some, size = [], 0
    for frame, starts in pairs:
        some.append((bytes_of(frame), starts))
        size += len(some[-1][0])
        if size > MOST_BYTES:
            break
    return some


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", required=True)
    parser.add_argument("--out", required=True)
    arguments = parser.parse_args()
    job = json.load(sys.stdin)
    frames, names = frames_of(arguments.data, job)
    form, missed = form_of(job, frames)
    with open(arguments.out, "w", encoding="utf-8") as file:
        json.dump({"form": form, "frames": min(len(frames), MOST_FRAMES), "missed": len(missed),
                   "names": [names[i] for i in missed[:MOST_NAMED]]}, file)


if __name__ == "__main__":
    main()
