"""What the labelled frames of a view tell of their form, for the functions frame_*.py of runtime/own.

Input on stdin: {"kind": "class", "value" or "events", "input": name of the frames, "statement": the requirement's words,
                 "labels": {record: verdict, number or [places]}}
Output in --out: {"form": the form, or null where none tells all labelled frames}
"""
import argparse
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "own")]

from frame_bytes import bytes_of  # noqa: E402
from frame_checks import verdicts_of  # noqa: E402
from frame_fields import field_of  # noqa: E402
from frame_streams import stream_of  # noqa: E402
from records import Table, load_facts, read_record  # noqa: E402

LEAST_FRAMES = 20  # of fewer, verdicts are told by chance, too
MOST_FRAMES = 2000
MOST_BYTES = 1 << 18  # of all streams, on which a form is looked for
SHARE = 0.999  # of what is found and what is marked, that must be the same


def frames_of(data_dir, job):
    """[(frame, label)] of the labelled records."""
    facts = load_facts(data_dir)
    table = Table(data_dir, facts) if facts["format"] == "table" else None
    frames = []
    for index, record in enumerate(facts["records"]):
        if record in job["labels"]:
            values = table.record(index) if table else read_record(data_dir, facts, record)
            frames.append((bytes_of(values[job["input"]]), job["labels"][record]))
    return frames


def form_of(job, pairs):
    if not pairs:
        return None
    if job["kind"] == "class":
        return verdicts_of(*zip(*pairs[:MOST_FRAMES]), job["statement"]) if len(pairs) >= LEAST_FRAMES else None
    if job["kind"] == "value":
        pairs = [(data, float(number)) for data, number in pairs if data][:MOST_FRAMES]
        return field_of(*zip(*pairs), job["statement"]) if pairs else None
    some, size = [], 0
    for data, starts in pairs:
        size += len(data)
        some.append((data, starts))
        if size > MOST_BYTES:
            break
    return stream_of(some, SHARE)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", required=True)
    parser.add_argument("--out", required=True)
    arguments = parser.parse_args()
    job = json.load(sys.stdin)
    form = form_of(job, frames_of(arguments.data, job))
    with open(arguments.out, "w", encoding="utf-8") as file:
        json.dump({"form": form}, file)


if __name__ == "__main__":
    main()
