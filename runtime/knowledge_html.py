"""HTML: what a reader sees, in sections by h1 to h6. Spans are characters of the source."""
import re
from html.parser import HTMLParser

from knowledge_sections import Unreadable

_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
_UNSEEN = {"script", "style", "template", "noscript", "svg", "nav", "iframe", "object", "select", "button", "textarea",
           "canvas", "audio", "video"}
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?!\.?[1-9])|"
                           r"opacity\s*:\s*0(?![.\d])", re.I)
_CLOSES = {"li": {"li"}, "dt": {"dt", "dd"}, "dd": {"dt", "dd"}, "p": {"p"}, "option": {"option"},
           "tr": {"td", "th", "tr"}, "td": {"td", "th"}, "th": {"td", "th"}, "tbody": {"td", "th", "tr", "thead", "tbody"}}
_BLOCKS = {"p", "div", "section", "article", "ul", "ol", "dl", "dt", "dd", "table", "tr", "blockquote", "figure",
           "figcaption", "header", "footer", "main", "aside", "form", "fieldset", "address", "hr", "body", "details"}
_HEADING = re.compile(r"h[1-6]")
_SPACE = re.compile(r"[ \t\r\n\f]+")


def read_html(text, sections):
    reader = _Html(text, sections)
    reader.feed(text)
    reader.close()
    reader.end()


class _Html(HTMLParser):
    def __init__(self, text, sections):
        super().__init__(convert_charrefs=True)
        self.sections = sections
        self.starts = [0]
        for line in text.split("\n"):
            self.starts.append(self.starts[-1] + len(line) + 1)
        self.length = len(text)
        self.open = []  # [(tag, hidden)]
        self.hidden = 0
        self.parts, self.start = [], 0
        self.heading, self.code = None, 0

    def at(self):
        line, column = self.getpos()
        return min(self.starts[min(line, len(self.starts)) - 1] + column, self.length)

    def flush(self, kind="section"):
        text = "".join(self.parts)
        if kind == "section":
            text = "\n".join(line.strip() for line in text.split("\n"))
        self.sections.add(text, self.start, self.at(), kind)
        self.parts, self.start = [], self.at()

    def handle_starttag(self, tag, attributes):
        while self.open and self.open[-1][0] in _CLOSES.get(tag, ()):
            self.close_last()
        if tag in _VOID:
            self.void(tag, dict(attributes))
            return
        given = dict(attributes)
        hidden = tag in _UNSEEN or "hidden" in given or given.get("aria-hidden") == "true" \
            or bool(_HIDDEN_STYLE.search((given.get("style") or "")[:2000]))
        if tag == "math":
            if not self.hidden and given.get("alttext"):
                self.parts.append(f" ${given['alttext']}$ ")
            hidden = True
        self.open.append((tag, hidden))
        self.hidden += hidden
        if len(self.open) > self.sections.limits["nesting"]:
            raise Unreadable(f"elements nested {len(self.open)} deep", f"at most {self.sections.limits['nesting']}")
        if not self.hidden:
            self.seen(tag)

    def seen(self, tag):
        if _HEADING.fullmatch(tag) or tag == "title":
            self.flush()
            self.heading = []
        elif tag == "pre":
            self.flush()
            self.code += 1
        elif tag == "li":
            self.parts.append("\n- ")
        elif tag in ("td", "th"):
            self.parts.append(" | ")
        elif tag in _BLOCKS:
            self.parts.append("\n" if tag == "tr" else "\n\n")

    def void(self, tag, given):
        if self.hidden:
            return
        if tag == "br":
            self.parts.append("\n")
        elif tag == "img" and given.get("alt"):
            self.parts.append(given["alt"])
        elif tag == "hr":
            self.parts.append("\n\n")

    def handle_startendtag(self, tag, attributes):
        if tag in _VOID:
            self.handle_starttag(tag, attributes)
        else:
            self.handle_starttag(tag, attributes)
            self.handle_endtag(tag)

    def handle_endtag(self, tag):
        if any(name == tag for name, _ in self.open):
            while self.close_last() != tag:
                pass

    def close_last(self):
        tag, hidden = self.open.pop()
        was_hidden, self.hidden = self.hidden, self.hidden - hidden
        if was_hidden:
            return tag
        if self.heading is not None and (_HEADING.fullmatch(tag) or tag == "title"):
            words = _SPACE.sub(" ", "".join(self.heading)).strip().rstrip("¶#").strip()
            self.heading, self.start = None, self.at()
            if tag == "title":
                self.sections.title = words[:200]
            else:
                self.sections.heading(int(tag[1]), words)
        elif tag == "pre" and self.code:
            self.code -= 1
            self.flush("code")
        elif tag in _BLOCKS:
            self.parts.append("\n" if tag == "tr" else "\n\n")
        return tag

    def handle_data(self, data):
        if self.hidden:
            return
        if self.heading is not None:
            self.heading.append(data)
        else:
            self.parts.append(data if self.code else _SPACE.sub(" ", data))

    def end(self):
        while self.open:
            self.close_last()
        self.flush()
