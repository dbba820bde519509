"""reStructuredText: sections, literal blocks and directives. Spans are characters of the source."""
import re

from knowledge_plain import plain_rst
from knowledge_sections import indentation, lines_of

_RULE = re.compile(r"([!-/:-@\[-`{-~])\1{2,}[ \t]*$")
_DIRECTIVE = re.compile(r"\s*\.\. ([\w:+.-]{1,60})::(?:\s+(.*))?$")
_CODE = {"code", "code-block", "sourcecode", "parsed-literal", "ipython", "doctest", "testcode", "math"}
_DROPPED = {"image", "toctree", "contents", "raw", "include", "index", "meta", "highlight", "currentmodule", "module",
            "automodule", "autosummary", "literalinclude", "plot", "bibliography", "tags", "sectionauthor"}


def read_rst(text, sections):
    _Rst(text, sections).read()


class _Rst:
    def __init__(self, text, sections):
        self.lines, self.sections, self.length = lines_of(text), sections, len(text)
        self.levels = []  # (character, has a line above) in the order in which they came
        self.kept, self.start = [], None

    def flush(self, end):
        if self.start is not None:
            self.sections.add(plain_rst("\n".join(self.kept)), self.start, end)
        self.kept, self.start = [], None

    def keep(self, at, line):
        if self.start is None and line.strip():
            self.start = at
        if self.start is not None:
            self.kept.append(line)

    def line(self, i):
        return self.lines[i][1] if 0 <= i < len(self.lines) else ""

    def read(self):
        i = 0
        while i < len(self.lines):
            i = self.title(i) or self.directive(i) or self.paragraph(i)
        self.flush(self.length)

    def title(self, i):
        """The next line where a title begins at line i; else None."""
        over = bool(_RULE.match(self.line(i)) and _RULE.match(self.line(i + 2)) and self.line(i + 1).strip())
        text, rule = self.line(i + over), self.line(i + over + 1)
        same = not over or self.line(i).strip() == rule.strip()
        if not text.strip() or not same or not _RULE.match(rule) or _RULE.match(text):
            return None
        if len(rule.strip()) < len(text.strip()) or self.line(i - 1).strip() or (text[:1] in " \t" and not over):
            return None
        self.flush(self.lines[i][0])
        kind = (rule.strip()[0], over)
        if kind not in self.levels:
            self.levels.append(kind)
        self.sections.heading(self.levels.index(kind) + 1, plain_rst(text).replace("`", ""))
        return i + over + 2

    def block(self, i, margin):
        """The line after the block that is indented deeper than `margin` and begins at or after line i."""
        last = i
        while i < len(self.lines):
            line = self.line(i)
            if line.strip():
                if indentation(line) <= margin:
                    break
                last = i + 1
            i += 1
        return last

    def directive(self, i):
        line = self.line(i)
        if not line.lstrip().startswith(".."):
            return None
        margin = indentation(line)
        match = _DIRECTIVE.match(line)
        if not match:
            return self.block(i + 1, margin) if re.match(r"\s*\.\.(\s|$)", line) else None  # a comment, label or footnote
        name, after = match.group(1), self.block(i + 1, margin)
        if name in _CODE:
            self.code(i + 1, after, "" if name == "math" else match.group(2) or "")
        elif name not in _DROPPED:
            self.keep(self.lines[i][0], match.group(2) or "")
            return i + 1
        return max(after, i + 1)

    def code(self, i, after, language=""):
        while i < after and (not self.line(i).strip() or re.match(r"\s+:[\w-]+:", self.line(i))):
            i += 1
        if i >= after:
            return
        self.flush(self.lines[i][0])
        body = [line for _, line in self.lines[i:after]]
        margin = min(indentation(line) for line in body if line.strip())
        end = self.lines[after][0] if after < len(self.lines) else self.length
        self.sections.add("\n".join(line[margin:] for line in body), self.lines[i][0], end, "code", language=language)

    def paragraph(self, i):
        at, line = self.lines[i]
        if line.rstrip().endswith("::") and not self.line(i + 1).strip():
            after = self.block(i + 1, indentation(line))
            if after > i + 1:
                self.keep(at, line.rstrip()[:-1] if line.strip() != "::" else "")
                self.code(i + 1, after)
                return after
        if not (re.match(r":[\w-]{1,40}:", line) and self.start is None and i < 20):  # fields at the top
            self.keep(at, line)
        return i + 1
