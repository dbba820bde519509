"""Markdown, and plain text. Spans are characters of the source."""
import re

from knowledge_sections import indentation, lines_of

_HEADING = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*?))?[ \t]*$")
_FENCE = re.compile(r"[ \t]{0,12}(`{3,}|~{3,})[ \t]*([^`]{0,100})")
_UNDERLINE = re.compile(r" {0,3}(=+|-{2,})[ \t]*$")
_IMAGE = re.compile(r"!\[([^\[\]\n]{0,300})\]\([^()\n]{0,600}\)")
_LINK = re.compile(r"\[([^\[\]\n]{1,300})\](?:\([^()\n]{0,600}\)|\[[^\[\]\n]{0,100}\])")
_DEFINITION = re.compile(r" {0,3}\[[^\]\n]{1,100}\]:\s")
_TAG = re.compile(r"</?[A-Za-z][^<>\n]{0,300}>")
_STRONG = re.compile(r"(\*\*|__)(?=\S)([^*_\n]{1,300})(?<=\S)\1")


def inline(text):
    text = _IMAGE.sub(r"\1", text)
    text = _LINK.sub(r"\1", text)
    return _STRONG.sub(r"\2", _TAG.sub("", text))


def read_plain(text, sections):
    sections.add(text, 0, len(text))


def read_markdown(text, sections, place=None):
    """`place` is the span of all its sections, where that is not one of characters (a cell)."""
    reader = _Markdown(sections, place)
    lines = lines_of(text)
    first = _after_front_matter(lines)
    for at, line in lines[first:]:
        reader.take(at, line)
    reader.end(len(text))


def _after_front_matter(lines):
    if lines[0][1].strip() in ("---", "+++"):
        for i, (_, line) in enumerate(lines[1:200], 1):
            if line.strip() == lines[0][1].strip():
                return i + 1
    return 0


class _Markdown:
    def __init__(self, sections, place):
        self.sections, self.place = sections, place
        self.kept, self.start, self.last = [], None, 0
        self.fence, self.language, self.margin = "", "", 0
        self.in_comment = False

    def flush(self, end, kind="section", **more):
        if self.kept and self.start is not None:
            text = "\n".join(self.kept)
            start, end = self.place or (self.start, end)
            self.sections.add(text, start, end, kind, **more)
        self.kept, self.start = [], None

    def keep(self, at, line):
        if self.start is None and line.strip():
            self.start = at
        if self.start is not None:
            self.kept.append(line)
        self.last = at

    def take(self, at, line):
        if self.fence:
            self.in_code(at, line)
            return
        line = self.without_comments(line)
        fence = _FENCE.fullmatch(line)
        heading = _HEADING.match(line)
        if fence:
            self.flush(at)
            self.fence, self.margin = fence.group(1), indentation(line)
            self.language = (fence.group(2).split() or [""])[0].strip("{}.")
        elif heading:
            self.flush(at)
            self.sections.heading(len(heading.group(1)), inline((heading.group(2) or "").rstrip("#").rstrip()))
        elif _UNDERLINE.match(line) and self.kept and self.kept[-1].strip() and self.kept[-1].lstrip()[0] not in "|->#":
            title = self.kept.pop()
            if not any(kept.strip() for kept in self.kept):
                self.start = None
            self.flush(self.last)
            self.sections.heading(1 if "=" in line else 2, inline(title))
        elif not _DEFINITION.match(line):
            self.keep(at, inline(line))

    def in_code(self, at, line):
        closing = line.strip()
        if closing.startswith(self.fence) and not closing.strip(self.fence[0]):
            self.flush(at, "code", language=self.language)
            self.fence = ""
        else:
            self.keep(at, line[min(self.margin, indentation(line)):])

    def without_comments(self, line):
        kept = ""
        while line:
            if self.in_comment:
                _, ended, line = line.partition("-->")
                self.in_comment = not ended
            else:
                before, begun, line = line.partition("<!--")
                kept += before
                self.in_comment = bool(begun)
        return kept

    def end(self, end):
        if self.fence:
            self.flush(end, "code", language=self.language)
        else:
            self.flush(end)
