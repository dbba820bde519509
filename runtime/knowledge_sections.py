"""Collects the sections of a document in order, each with the titles it stands under."""
import re

from knowledge_plain import squeeze, visible

MAX_TITLE = 200  # characters


class Unreadable(Exception):
    """A document that is refused: what it is or has, and what it should be or have."""

    def __init__(self, got, expected):
        super().__init__(got)
        self.got, self.expected = got, expected


class Sections:
    def __init__(self, limits):
        self.limits = limits
        self.found = []
        self.title = ""  # of the document, where it states one apart from its headings
        self._path = []  # [(level, title)]
        self._characters = 0

    def heading(self, level, title):
        title = " ".join(visible(title).split())[:MAX_TITLE]
        while self._path and self._path[-1][0] >= level:
            self._path.pop()
        if title:
            self._path.append((level, title))
        if len(self._path) > self.limits["nesting"]:
            raise Unreadable(f"titles nested {len(self._path)} deep", f"at most {self.limits['nesting']}")

    def titles(self):
        return [title for _, title in self._path]

    def add(self, text, start, end, kind="section", **more):
        """`start` and `end` are the place in the source, in the document's own measure."""
        text = squeeze(visible(text))
        if not text.strip():
            return
        self._characters += len(text)
        if self._characters > self.limits["characters"]:
            raise Unreadable(f"more than {self.limits['characters']} characters of text", "fewer")
        if len(self.found) >= self.limits["sections"]:
            raise Unreadable(f"more than {self.limits['sections']} sections", "fewer")
        self.found.append({"title_path": self.titles(), "text": text, "start": start, "end": end, "kind": kind, **more})


def lines_of(text):
    """[(offset, line)]: only the line ends that text files have part them."""
    found, at = [], 0
    for line in text.split("\n"):
        found.append((at, line.rstrip("\r")))
        at += len(line) + 1
    return found


def indentation(line):
    return len(line) - len(line.lstrip(" \t"))


_BLANK = re.compile(r"[^\n]")


def blanked(text):
    """As long as `text`, with the same line ends, and nothing to read."""
    return _BLANK.sub(" ", text)
