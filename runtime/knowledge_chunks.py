"""Cuts sections of documents into passages for search.

Usage: knowledge_chunks.py --data DIR --out DIR.   Input on stdin, all optional: {"limits": {"characters": 2000 of a
passage with its titles, "overlap": 200, "short": 500}}. DIR holds sections.jsonl of knowledge_text.py. Output:
passages.jsonl, a JSON object a line, and passages.json; their form is in docs/knowledge.md. A passage is one stretch of
its source's text; `from` and `to` say which. The objects of a package are not cut: each is a passage.
"""
import hashlib
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from knowledge_cut import cut, heading_before  # noqa: E402
from knowledge_lines import Refusal, job_from, run, tell, write_line  # noqa: E402

LIMITS = {"characters": 2000, "overlap": 200, "short": 500, "line_bytes": 16 << 20, "passages": 1_000_000}
_BETWEEN = "\n\n"
SMALLEST = 200  # characters a passage must be allowed


def read_lines(path, limits):
    """The objects of a JSON lines file."""
    with open(path, "rb") as file:
        number = 0
        while line := file.readline(int(limits["line_bytes"]) + 1):
            number += 1
            if len(line) > limits["line_bytes"]:
                raise Refusal(f"{os.path.basename(path)} line {number}", f"more than {limits['line_bytes']} bytes", "fewer")
            try:
                thing = json.loads(line)
            except (ValueError, RecursionError):
                thing = None
            if not isinstance(thing, dict) or not isinstance(thing.get("text"), str):
                raise Refusal(f"{os.path.basename(path)} line {number}", "something else", "a JSON object with a text")
            yield thing


def from_sections(path, limits):
    """Yields (what all its passages have, text): neighbours under the same titles, and short ones of one parent, joined."""
    group = []
    for section in read_lines(path, limits):
        if group and not _joins(group, section, limits):
            yield _joined_sections(group)
            group = []
        group.append(section)
    if group:
        yield _joined_sections(group)


def _titles(section):
    titles = section.get("title_path")
    return [t for t in titles if isinstance(t, str)] if isinstance(titles, list) else []


def _joins(group, section, limits):
    last = group[-1]
    if section.get("document") != last.get("document"):
        return False
    size = sum(len(s["text"]) + len(_BETWEEN) for s in group) + len(section["text"])
    if _titles(section) == _titles(group[0]):
        return size <= limits["characters"] or max(len(section["text"]), len(last["text"])) <= limits["short"]
    parents = {tuple(_titles(s)[:-1]) for s in group + [section]}
    small = all(len(s["text"]) <= limits["short"] for s in group + [section])
    return small and len(parents) == 1 and parents != {()} and size <= limits["characters"] // 2


def _joined_sections(group):
    titles = [_titles(s) for s in group]
    same = all(t == titles[0] for t in titles)
    parts, last = [], titles[0]
    for section, own in zip(group, titles):
        title = "" if same or (parts and own == last) else "## " + own[-1] + "\n"
        parts.append(title + section["text"])
        last = own
    kinds = {s.get("kind") for s in group}
    about = {"document": group[0].get("document", ""),
             "title_path": titles[0] if same else titles[0][:-1],
             "kind": "code" if kinds == {"code"} else "section",
             "start": group[0].get("start"), "end": group[-1].get("end")}
    return about, _BETWEEN.join(parts)


def normalised(text):
    return " ".join(text.split()).casefold()


def sha256(text):
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def fitting_titles(titles, limit):
    """The titles, the outer ones left out where all take more than a third of a passage."""
    kept = []
    for title in reversed(titles):
        title = title[:max(20, limit // 6)]
        if kept and sum(map(len, kept)) + 3 * len(kept) + len(title) > limit // 3:
            break
        kept.insert(0, title)
    return kept


def passages_of(about, text, limits):
    limit = int(limits["characters"])
    titles = fitting_titles(about["title_path"], limit)
    room = limit - sum(len(t) + 3 for t in titles) - 40  # 40: the name of a part within
    spans = cut(text, room, min(int(limits["overlap"]), room // 4))
    for number, (start, end) in enumerate(spans, 1):
        part = heading_before(text, start)
        path = titles + ([part[:37]] if part else [])
        body = text[start:end]
        yield {"id": sha256(normalised(" > ".join(path)) + "\n" + normalised(body)), **about, "title_path": path,
               "text": body, "part": number, "parts": len(spans), "from": start, "to": end}


def cut_all(job, root, out):
    limits = job_from(job, LIMITS)
    if limits["characters"] < SMALLEST:
        raise Refusal("limits characters", repr(limits["characters"]), f"at least {SMALLEST}")
    seen, counts = set(), {"passages": 0, "same": 0, "characters": 0}
    sections = os.path.join(root, "sections.jsonl")
    if not os.path.isfile(sections):
        raise Refusal("the folder", "no sections.jsonl", "one of knowledge_text.py")
    path = os.path.join(out, "passages.jsonl")
    with open(path + ".partial", "w", encoding="utf-8") as file:
        for about, text in from_sections(sections, limits):
            for passage in passages_of(about, text, limits):
                key = hashlib.sha256(normalised(passage["text"]).encode("utf-8", "replace")).digest()
                if key in seen:
                    counts["same"] += 1
                    continue
                seen.add(key)
                counts["passages"] += 1
                counts["characters"] += len(passage["text"])
                if counts["passages"] > limits["passages"]:
                    raise Refusal("the folder", f"more than {limits['passages']} passages", "fewer")
                write_line(file, passage)
    os.replace(path + ".partial", path)
    tell(out, "passages.json", {"format": "gpiot-knowledge-passages-1", **counts})
    return 0


def main():
    return run(cut_all)


if __name__ == "__main__":
    sys.exit(main())
