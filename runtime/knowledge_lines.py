"""What the readers of the knowledge base share: refusals, limits, JSON lines."""
import argparse
import json
import os
import sys

from table_open import one_line


class Refusal(Exception):
    """Something that is not read; the text is for the user."""

    def __init__(self, what, got, expected):
        super().__init__(f"{what}: got {got}, expected {expected}")
        self.what, self.got, self.expected = what, got, expected


def refuse(refusal):
    """Names it in one line on stderr; 1, to be counted."""
    print(one_line(f"[knowledge.read] {refusal}"), file=sys.stderr)
    return 1


def job_from(job, defaults):
    """The limits of a job: positive numbers, those that it does not name by default."""
    if not isinstance(job, dict):
        raise Refusal("the job", type(job).__name__, "a JSON object")
    given = job.get("limits", {})
    if not isinstance(given, dict):
        raise Refusal("limits", type(given).__name__, "a JSON object")
    for name, value in given.items():
        if name not in defaults:
            raise Refusal("limits", repr(name), "one of " + ", ".join(sorted(defaults)))
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < 1e12:
            raise Refusal(f"limits {name}", repr(value), "a positive number")
    return {**defaults, **given}


def sound(value):
    """Texts without lone surrogates, also in keys."""
    if isinstance(value, str):
        return value.encode("utf-8", "surrogateescape").decode("utf-8", "replace") if _has_surrogate(value) else value
    if isinstance(value, dict):
        return {sound(k): sound(v) for k, v in value.items()}
    return [sound(v) for v in value] if isinstance(value, (list, tuple)) else value


def _has_surrogate(text):
    return any("\ud800" <= c <= "\udfff" for c in text) if not text.isascii() else False


def write_line(file, thing):
    file.write(json.dumps(sound(thing), ensure_ascii=False, allow_nan=False) + "\n")


def tell(out, name, answer):
    path = os.path.join(out, name)
    with open(path + ".partial", "w", encoding="utf-8") as file:
        json.dump(sound(answer), file, ensure_ascii=False, allow_nan=False, indent=1)
    os.replace(path + ".partial", path)


def run(work):
    """The main() of a reader: `work` is called with the job on stdin, --data and --out; the exit status."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", required=True)
    parser.add_argument("--out", required=True)
    options = parser.parse_args()
    try:
        return work(json.loads(sys.stdin.read() or "{}"), options.data, options.out)
    except (Refusal, ValueError, RecursionError) as error:
        return 3 * refuse(error if isinstance(error, Refusal) else Refusal("the job", str(error), "a JSON object"))
