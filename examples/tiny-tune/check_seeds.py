#!/usr/bin/env python3
"""Checks the form of the hand-written TDD seeds; standard library only (Python 3.11 or later).

    examples/tiny-tune/check_seeds.py [FOLDER] [--list]

Reads every tdd-*.md of FOLDER (default: seeds/ beside this file) and prints one line per fault; exit status 1 if
there is any. --list prints word counts, modalities and resource of each seed as well. Words of the sub-tasks are
counted without the labels of the blocks ("Sub-Task k", "Implementation step n:").
"""
import argparse
import pathlib
import re
import sys
import tomllib

KEYS = ["id", "kind", "modality", "representation", "resource", "task", "source", "licence"]
LICENCES = {"CC0-1.0"}
PROBLEM_WORDS = (60, 130)
SUBTASK_WORDS = (180, 330)
SUBTASKS = (3, 6)
STEPS = (2, 3)
SHARED_SHINGLES = 0.05  # of the shorter of two seeds, in runs of five words
HEAD = re.compile(r"- Sub-Task (\d+) \[([^\[\]]+)\]")
STEP = re.compile(r"- Implementation step (\d+): (\S.*[.)])")
# What a planned function never does: it gets values and returns values, and others measure it.
FORBIDDEN = re.compile(r"\b(plots?|visuali[sz]e\w*|evaluate the|(?:report|compute|measure) the accuracy|train a model|load the|"
                       r"(?:read|write|save) (?:the |a |an |one )?(?:\w+ )?(?:file|csv)|etc|and so on|todo)\b", re.I)


def within(name, got, limits):
    """A fault if `got` lies outside `limits` (both ends allowed)."""
    return [] if limits[0] <= got <= limits[1] else [f"{name}: got {got}, expected {limits[0]} to {limits[1]}"]


def parse(text):
    """Front matter, problem and sub-tasks of a seed; ValueError names what is missing."""
    match = re.fullmatch(r"\+\+\+\n(.*?)\n\+\+\+\n## Problem\n(.*?)\n\n## Sub-tasks\n(.*)\n", text, re.S)
    if not match:
        raise ValueError("expected +++ front matter, '## Problem', a blank line and '## Sub-tasks', one newline at the end")
    return tomllib.loads(match[1]), match[2], match[3]


def front_matter_faults(front, stem):
    faults = []
    if list(front) != KEYS:
        faults.append(f"keys: got {list(front)}, expected {KEYS}")
    for key, value in front.items():
        if key != "modality" and not (isinstance(value, str) and value.strip()):
            faults.append(f"{key}: expected a text")
    modality = front.get("modality")
    if not (isinstance(modality, list) and modality and all(re.fullmatch(r"[a-z0-9-]+", str(m)) for m in modality)):
        faults.append(f"modality: got {modality!r}, expected a list of names in lower case")
    if front.get("id") != stem:
        faults.append(f"id: got {front.get('id')!r}, expected {stem!r}, as the file is named")
    if front.get("kind") != "tdd":
        faults.append(f"kind: got {front.get('kind')!r}, expected 'tdd'")
    if not re.match(r"hand-written; method family: \S", str(front.get("source", ""))):
        faults.append("source: expected 'hand-written; method family: ...'")
    if front.get("licence") not in LICENCES:
        faults.append(f"licence: got {front.get('licence')!r}, expected one of {sorted(LICENCES)}")
    return faults


def subtask_faults(body):
    faults, names, words = [], [], 0
    blocks = body.split("\n\n")
    faults += within("sub-tasks", len(blocks), SUBTASKS)
    for k, block in enumerate(blocks, 1):
        lines = block.split("\n")
        head = HEAD.fullmatch(lines[0])
        if not head or int(head[1]) != k:
            faults.append(f"block {k}: got {lines[0]!r}, expected '- Sub-Task {k} [Name]' after exactly one blank line")
            continue
        names.append(head[2])
        words += len(head[2].split())
        faults += within(f"steps of sub-task {k}", len(lines) - 1, STEPS)
        for n, line in enumerate(lines[1:], 1):
            step = STEP.fullmatch(line)
            if step and int(step[1]) == n:
                words += len(step[2].split())
            else:
                faults.append(f"sub-task {k}: got {line!r}, expected '- Implementation step {n}: ....'")
    if len(set(names)) != len(names):
        faults.append("two sub-tasks have the same name")
    return faults + within("words of the sub-tasks", words, SUBTASK_WORDS), words


def check(text, stem):
    """Faults of one seed, its front matter and its two word counts."""
    try:
        front, problem, body = parse(text)
    except ValueError as error:  # tomllib's error is one
        return [str(error)], {}, (0, 0)
    faults = front_matter_faults(front, stem)
    faults += within("words of the problem", len(problem.split()), PROBLEM_WORDS)
    if "\n\n" in problem:
        faults.append("problem: expected one paragraph")
    more, words = subtask_faults(body)
    faults += more
    faults += [f"line {n}: blank at the end, or a tab" for n, line in enumerate(text.split("\n"), 1) if line != line.rstrip() or "\t" in line]
    faults += [f"wording: {match[0]!r}" for match in FORBIDDEN.finditer(problem + "\n" + body)]
    return faults, front, (len(problem.split()), words)


def shingles(text):
    """Runs of five words of problem and sub-tasks, without the labels of the blocks."""
    body = re.sub(r"- (Sub-Task|Implementation step) \d+", " ", text.split("+++\n", 2)[-1])
    words = re.findall(r"[a-z0-9.]+", body.lower())
    return {tuple(words[i:i + 5]) for i in range(len(words) - 4)}


def main():
    parser = argparse.ArgumentParser(description="Checks the form of the hand-written TDD seeds.")
    parser.add_argument("folder", nargs="?", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parent / "seeds")
    parser.add_argument("--list", action="store_true", help="one line per seed: word counts, modalities, resource")
    arguments = parser.parse_args()
    paths = sorted(arguments.folder.glob("tdd-*.md"))
    if not paths:
        sys.exit(f"no tdd-*.md in {arguments.folder}")
    count, seen, texts, modalities = 0, {}, {}, set()
    for path in paths:
        text = path.read_text(encoding="utf-8")
        faults, front, words = check(text, path.stem)
        for key in ("id", "task"):
            value = str(front.get(key)).lower()
            if (key, value) in seen:
                faults.append(f"{key}: {value!r} is that of {seen[key, value]} as well")
            seen[key, value] = path.name
        mine = shingles(text)
        for other, theirs in texts.items():
            shared = len(mine & theirs) / max(1, min(len(mine), len(theirs)))
            if shared > SHARED_SHINGLES:
                faults.append(f"shares {shared:.0%} of its runs of five words with {other}")
        texts[path.name] = mine
        modalities.update(front.get("modality") or [])
        if arguments.list:
            print(f"{path.stem}: {words[0]} + {words[1]} words; {', '.join(front.get('modality', []))}; {front.get('resource')}")
        for fault in faults:
            print(f"{path.name}: {fault}", file=sys.stderr)
        count += len(faults)
    print(f"{len(paths)} seeds, {len(modalities)} modalities, {count} faults")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
