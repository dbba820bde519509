"""LaTeX: the text between \\begin{document} and the bibliography, in sections. Spans are characters of the source.

Macros of text become what they show; formulas stay as they are written. Nothing is included or expanded but macros
without arguments that stand for plain text.
"""
import re

from knowledge_sections import Unreadable, blanked

_LEVELS = {"part": 1, "chapter": 2, "section": 3, "subsection": 4, "subsubsection": 5, "paragraph": 6, "subparagraph": 7}
_COMMENT = re.compile(r"(?<!\\)((?:\\\\){0,20})%[^\n]*")
_CODE = ("verbatim", "lstlisting", "minted", "Verbatim", "alltt")
_MATH = ("equation", "align", "gather", "multline", "eqnarray", "displaymath", "math", "flalign", "alignat")
_UNSEEN = ("tikzpicture", "thebibliography", "comment", "tabular", "filecontents", "CCSXML")
_BEGIN = re.compile(r"\\begin\s{0,3}\{(\w{1,40})(\*?)\}")
_TITLE = re.compile(r"\\(" + "|".join(_LEVELS) + r"|title|abstract)\*?\s{0,3}(?:\[[^\]\n]{0,300}\])?\s{0,3}\{")
_MACRO = re.compile(r"\\(?:re)?newcommand\*?\s{0,3}\{?\\([A-Za-z]{1,40})\}?\s{0,3}\{([^{}\\\n]{0,200})\}")
_TOKEN = re.compile(r"\\([A-Za-z@]{1,60})\*?[ \t]{0,8}|\\(.)|(\${1,2})|([{}~])", re.S)
_WITHOUT_ARGUMENT = {"label", "ref", "eqref", "pageref", "autoref", "cref", "Cref", "cite", "citep", "citet", "citealp",
                     "citeauthor", "nocite", "bibliography", "bibliographystyle", "includegraphics", "vspace", "hspace",
                     "input", "include", "usepackage", "pagestyle", "thispagestyle", "setlength", "setcounter", "begin",
                     "end", "hypersetup", "newcommand", "renewcommand", "IEEEauthorblockA", "IEEEauthorblockN", "author",
                     "affiliation", "email", "thanks", "date", "acmConference", "orcid", "institution", "color",
                     "addtocounter", "vskip", "resizebox", "definecolor", "keywords", "ccsdesc"}
_SHOWN = {"item": "\n- ", "par": "\n\n", "ldots": "...", "dots": "...", "textbackslash": "\\", "LaTeX": "LaTeX",
          "TeX": "TeX", "percent": "%", "textmu": "\u00b5", "degree": "\u00b0", "times": "x", "newline": "\n",
          "ss": "\u00df", "S": "\u00a7", "copyright": "", "quad": " ", "qquad": " ", "caption": "\n\n"}
_ESCAPED = {"\\": "\n", "%": "%", "&": "&", "_": "_", "#": "#", "$": "$", "{": "{", "}": "}", " ": " ", ",": " ",
            "-": "", "/": "", "@": "", "!": "", ";": " ", ":": " ", "'": "", "`": "", '"': "", "^": "", "~": "", "=": "",
            ".": "", "\n": " "}
_OPEN_MATH, _CLOSE_MATH = {"(": r"\)", "[": r"\]"}, {"(": "$", "[": "\n$$"}


def read_latex(source, sections):
    text, code = _without_code(source)
    text = _COMMENT.sub(lambda m: m.group(1) + " " * (len(m.group()) - len(m.group(1))), text)
    macros = dict(_MACRO.findall(text))
    start, end = text.find(r"\begin{document}"), text.find(r"\end{document}")
    title = re.search(r"\\title\s{0,3}(?:\[[^\]\n]{0,300}\])?\{", text)
    if title:
        sections.title = " ".join(plain(text[title.end():closing(text, title.end())], macros).split())[:200]
    start, end = (start + len(r"\begin{document}") if start >= 0 else 0), (end if end > start else len(text))
    for name in ("thebibliography",):
        at = text.find(rf"\begin{{{name}}}", start, end)
        end = at if at >= 0 else end
    _Latex(text, code, macros, sections).read(start, end)


def _without_code(source):
    """(the source with listings blanked, [(start, end, code)])."""
    code, at, parts = [], 0, []
    for match in re.finditer(r"\\begin\{(" + "|".join(_CODE) + r")\}(?:\[[^\]\n]{0,300}\])?(?:\{[\w+-]{1,30}\})?", source):
        if match.start() < at:
            continue
        stop = rf"\end{{{match.group(1)}}}"
        last = source.find(stop, match.end())
        if last < 0:
            break
        code.append((match.start(), last + len(stop), source[match.end():last]))
        parts += [source[at:match.start()], blanked(source[match.start():last + len(stop)])]
        at = last + len(stop)
    return "".join(parts + [source[at:]]), code


def closing(text, at):
    """Where the brace is that closes the one before `at`, at most 20000 characters on."""
    depth, last = 1, min(len(text), at + 20000)
    while at < last:
        c = text[at]
        if c == "\\":
            at += 1
        elif c in "{}":
            depth += 1 if c == "{" else -1
            if depth == 0:
                return at
        at += 1
    return last


class _Latex:
    def __init__(self, text, code, macros, sections):
        self.text, self.code, self.macros, self.sections = text, code, macros, sections

    def read(self, start, end):
        events = [(m.start(), "title", m) for m in _TITLE.finditer(self.text, start, end) if m.group(1) != "title"]
        events += [(m.start(), "abstract", m) for m in re.finditer(r"\\begin\{abstract\}", self.text[:end])
                   if m.start() >= start]
        events += [(first, "code", (last, body)) for first, last, body in self.code if start <= first < end]
        for at, kind, what in sorted(events, key=lambda e: e[0]):
            if at < start:
                continue
            self.add(start, at)
            if kind == "code":
                start, body = what
                self.sections.add(body.strip("\n"), at, start, "code")
            elif kind == "abstract" or what.group(1) == "abstract":
                self.sections.heading(3, "Abstract")
                start = what.end()
            else:
                start = closing(self.text, what.end()) + 1
                self.sections.heading(_LEVELS[what.group(1)], plain(self.text[what.end():start - 1], self.macros))
        self.add(start, end)

    def add(self, start, end):
        if end > start:
            self.sections.add(plain(_without_unseen(self.text[start:end]), self.macros), start, end)


def _without_unseen(text):
    """Without pictures and tables, in one walk."""
    kept, at = [], 0
    for match in _BEGIN.finditer(text):
        if match.start() < at or match.group(1) not in _UNSEEN:
            continue
        last = text.find(rf"\end{{{match.group(1)}{match.group(2)}}}", match.end())
        kept.append(text[at:match.start()])
        at = len(text) if last < 0 else last
        if last < 0:
            break
    return "".join(kept + [text[at:]])


def plain(text, macros):
    parts, at, depth = [], 0, 0
    while True:
        match = _TOKEN.search(text, at)
        if not match:
            break
        parts.append(text[at:match.start()])
        name, escaped, dollars, brace = match.groups()
        at = match.end()
        if name is not None:
            at = _command(text, at, name, macros, parts)
        elif dollars or escaped in _OPEN_MATH:
            at = _formula(text, at, dollars or escaped, parts)
        elif escaped is not None:
            parts.append(_ESCAPED.get(escaped, escaped))
        elif brace == "~":
            parts.append(" ")
        else:
            depth += 1 if brace == "{" else -1
            if depth > 500:
                raise Unreadable("braces nested more than 500 deep", "at most 500")
    text = "".join(parts + [text[at:]]).replace("``", '"').replace("''", '"').replace("---", " - ").replace("--", "-")
    return re.sub(r"[ \t]{2,}", " ", re.sub(r"(?m)^[ \t]+|[ \t](?=[,.;:)])", "", text))


def _command(text, at, name, macros, parts):
    """Takes a command and those of its arguments that are not shown; where to go on."""
    if name == "begin":
        match = re.compile(r"\{(\w{1,40}\*?)\}").match(text, at)
        if match and match.group(1).rstrip("*") in _MATH:
            last = text.find(rf"\end{{{match.group(1)}}}", match.end())
            last = len(text) if last < 0 else last
            parts.append("\n$$" + re.sub(r"\\label\{[^{}]{0,100}\}", "", text[match.end():last]).strip() + "$$\n")
            return min(len(text), last + len(match.group()) + 4)
    if name in macros:
        parts.append(macros[name])
    else:
        parts.append(_SHOWN.get(name, ""))
    while text[at:at + 1] == "[":
        last = text.find("]", at, at + 500)
        if last < 0:
            break
        at = last + 1
    dropped = name in _WITHOUT_ARGUMENT
    while dropped and text[at:at + 1] == "{":
        at = closing(text, at + 1) + 1
    return at


def _formula(text, at, opening, parts):
    stop = _OPEN_MATH.get(opening, opening)
    last = text.find(stop, at, at + 20000)
    if last < 0:
        return at
    mark = "$$" if opening in ("[", "$$") else "$"
    parts.append(mark + text[at:last].strip() + mark)
    return last + len(stop)
