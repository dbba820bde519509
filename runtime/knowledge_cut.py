"""Cuts a text into stretches of at most so many characters, at its own joints."""
import re

# From the best place to cut at to the worst: before a heading, a paragraph, a line, a sentence, a word.
_JOINTS = [re.compile(r"\n(?=## )"), re.compile(r"\n\s*?\n"), re.compile(r"\n"), re.compile(r"[.!?;][\])\"']?(?=\s)"),
           re.compile(r"\s")]
_HEADING = re.compile(r"^## ([^\n]{1,80})$", re.M)
_FAR = 60000  # characters back to look for a heading


def cut(text, limit, overlap):
    """[(start, end)] in order: all of `text` but blanks at its cuts, each at most `limit` long. A stretch begins up to
    `overlap` characters before the end of the one before, at a joint; after a heading's cut it does not."""
    spans, start = [], _skip(text, 0)
    while start < len(text):
        end = len(text)
        if end - start > limit:
            end = _joint(text, start, limit)
        spans.append((start, end))
        following = _skip(text, end)
        if following >= len(text):
            break
        back = following if text.startswith("## ", following) else _back(text, start, end, following, overlap)
        start = back
    return spans


def _skip(text, at):
    """Past empty lines and blanks; the indentation of a line is kept."""
    match = re.compile(r"\s*").match(text, at)
    line = text.rfind("\n", at, match.end())
    return match.end() if match.end() >= len(text) or line < 0 else line + 1


def _joint(text, start, limit):
    """The end of a stretch that begins at `start`: the last joint of the best kind in its last two thirds."""
    left = len(text) - start
    most = start + (limit if left > limit * 1.5 else max(left * 3 // 5, limit // 2))  # no small rest
    least = start + (most - start) // 3
    for joint in _JOINTS:
        ends = [m.start() if joint is not _JOINTS[3] else m.end() for m in joint.finditer(text, least, most)]
        if ends:
            return ends[-1]
    return most


def _back(text, start, end, following, overlap):
    """Where the next stretch begins: at the earliest paragraph, line, sentence or word within `overlap` of the end."""
    least = end - min(overlap, (end - start) // 3)
    if least >= end:
        return following
    for joint in _JOINTS[1:]:
        for match in joint.finditer(text, least, end):
            at = _skip(text, match.end())
            if at < end:
                return at
    return following


def heading_before(text, at):
    """The "## " heading that the text at `at` stands under, where it does not begin with one; "" for none."""
    if text.startswith("## ", at):
        return ""
    last = text.rfind("\n## ", max(0, at - _FAR), at)
    last = last + 1 if last >= 0 else (0 if text.startswith("## ") and 0 < at < _FAR else -1)
    match = _HEADING.match(text, last) if last >= 0 else None
    return match.group(1) if match else ""
