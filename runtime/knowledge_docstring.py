"""Docstrings as data: numpydoc, Google style and reST fields. Nothing is imported or run here.

parse(text) -> {"summary", "extended", "deprecated": text or "", "parameters": [{"name", "type", "default", "unit",
"text"}], "returns": [...], "raises": [{"name", "text"}], "see_also": [name], "examples": text, "others": [(title, text)]}.
What is in no known form stays text; no docstring is an error.
"""
import inspect
import re

from knowledge_plain import plain_rst

_TITLES = {
    "parameters": "parameters", "other parameters": "parameters", "args": "parameters", "arguments": "parameters",
    "keyword args": "parameters", "keyword arguments": "parameters", "params": "parameters",
    "returns": "returns", "return": "returns", "yields": "returns", "raises": "raises", "exceptions": "raises",
    "see also": "see_also", "example": "examples", "examples": "examples", "notes": "Notes", "note": "Notes",
    "attributes": "Attributes", "methods": "Methods", "references": "References", "warns": "Warnings",
    "warnings": "Warnings", "warning": "Warnings", "receives": "Receives", "todo": "Todo"}
_DROPPED = {"References", "Methods", "Todo"}
# The same words under 600 functions of SciPy.
_BOILERPLATE = re.compile(r"\*\*Array API Standard Support\*\*.*?(?:dev-arrayapi\S* for more information\.|\Z)", re.S)
_UNIT_WORDS = (r"k?Hz|MHz|GHz|hertz|(?:milli|micro|nano)?seconds?|ms|us|minutes|hours|days|samples|radians?|degrees|"
               r"rad/s|radians/second|radians/sample|dB|decibels?|mV|volts|percent|bytes|bits|pixels|metres|meters|"
               r"half-cycles ?/ ?sample")
_UNIT = re.compile(rf"\b(?:in|units? of|in units of|number of)\s+\(?({_UNIT_WORDS})\b|(?<!\w)[\[(]({_UNIT_WORDS}|s)[\])]")
_SAME_UNIT = re.compile(r"\bsame units? as\s+[`*]*(\w+)")
_DEFAULT = re.compile(r"\bdefaults?(?:\s+value)?(?:\s*[:=]\s*|\s+(?:is\s+|to\s+)?)"
                      r"(`[^`]*`|'[^']*'|\"[^\"]*\"|\{[^}]*\}|\([^)]*\)|\[[^\]]*\]|[-+]?[\w.]*\w)")
_NUMPY_ITEM = re.compile(r"(\*{0,2}[\w.]+(?:\s*,\s*\*{0,2}[\w.]+)*(?:\s*,?\s*\.\.\.)?)\s*(?::\s+(.*)|:?)$")
_GOOGLE_ITEM = re.compile(r"(\*{0,2}[\w.]+)\s*(?:\(((?:[^()]|\([^()]*\))*)\))?\s*:\s*(.*)$")
_FIELD = re.compile(r":(param|parameter|arg|type|returns?|rtype|raises?)\b([^:]*):\s*(.*)$")
_SENTENCE_END = re.compile(r"(?<!\be\.g)(?<!\bi\.e)(?<!\bvs)(?<!\bcf)(?<!\betc)(?<!\bal)(?<!\bFig)(?<!\bEq)(?<!\bRef)"
                           r"[.!?](?=\s+[A-Z0-9`(\[\"]|\s*$)")


def unit_of(text):
    """The unit that a description names: "Hz", "seconds", "as fs"; "" where it names none."""
    same = _SAME_UNIT.search(text)
    if same:
        return "as " + same.group(1)
    match = _UNIT.search(text)
    return next((g for g in match.groups() if g), "") if match else ""


def default_of(text):
    match = _DEFAULT.search(text)
    return match.group(1).strip("`") if match else None


def first_sentence(text):
    text = " ".join(text.split())
    end = _SENTENCE_END.search(text)
    return text[:end.end()] if end else text


def parse(doc, name=""):
    """`name` is that of the function: a first line `name(...)` is its signature, and no summary."""
    lines = inspect.cleandoc(doc if isinstance(doc, str) else "").expandtabs().splitlines()
    found = {"summary": "", "extended": "", "deprecated": "", "parameters": [], "returns": [], "raises": [],
             "see_also": [], "examples": "", "others": []}
    head, sections = _split(_without_signature(lines, name))
    head, fields = _take_fields(head)
    head, found["deprecated"] = _take_deprecated(head)
    paragraphs = [p for p in re.split(r"\n\s*\n", "\n".join(head).strip()) if p.strip()]
    if paragraphs:
        found["summary"] = first_sentence(plain_rst(paragraphs[0]))
        rest = " ".join(plain_rst(paragraphs[0]).split())[len(found["summary"]):].strip()
        found["extended"] = "\n\n".join(filter(None, [rest, plain_rst("\n\n".join(paragraphs[1:])).strip()]))
    for style, title, block in sections:
        _add_section(found, style, title, block)
    for kind, item in fields:
        found[kind].append(item)
    return found


def _without_signature(lines, name):
    """The lines after `name(...)`, which the docstrings of C functions begin with."""
    start = re.compile(rf"(?:[\w.]+\s*=\s*)?(?:\w+\.)?{re.escape(name)}\(") if name else None
    while start and lines and start.match(lines[0]):
        depth = 0
        while lines and lines[0].strip():
            line = lines.pop(0)
            depth += line.count("(") - line.count(")")
            if depth <= 0:
                break
        while lines and not lines[0].strip():
            lines.pop(0)
    return lines


def _split(lines):
    """(lines before the first section, [(style, title, lines)])."""
    head, sections, i = [], [], 0
    current = head
    while i < len(lines):
        line = lines[i].rstrip()
        after = lines[i + 1].strip() if i + 1 < len(lines) else ""
        known = _TITLES.get(line.lower().rstrip(":").strip())
        if line and line[0] != " " and re.fullmatch(r"-{3,}|={3,}", after) and (known or after[0] == "-"):
            current = []
            sections.append(("numpy", known or line, current))
            i += 2
            continue
        if known and line[0] != " " and line.endswith(":") and _indented_next(lines, i + 1):
            current = []
            sections.append(("google", known, current))
        else:
            current.append(line)
        i += 1
    return head, sections


def _indented_next(lines, i):
    while i < len(lines) and not lines[i].strip():
        i += 1
    return i < len(lines) and lines[i][:1] == " "


def _take_fields(lines):
    """(other lines, [(kind, item)]) of `:param name: text`."""
    kept, fields, types, item = [], [], {}, None
    for line in lines:
        match = _FIELD.match(line)
        if match:
            kind, names, text = match.group(1), match.group(2).split(), match.group(3)
            item = None
            if kind in ("param", "parameter", "arg") and names:
                item = _parameter(names[-1], " ".join(names[:-1]), text)
                fields.append(("parameters", item))
            elif kind.startswith("return"):
                item = _parameter("", "", text)
                fields.append(("returns", item))
            elif kind.startswith("raise"):
                item = {"name": " ".join(names), "text": text}
                fields.append(("raises", item))
            elif names or kind == "rtype":
                types[names[-1] if names else ""] = text
        elif item is not None and line[:1] == " ":
            item["text"] = (item["text"] + " " + line.strip()).strip()
        else:
            item = None
            kept.append(line)
    for kind, item in fields:
        if kind != "raises" and not item["type"]:
            item["type"] = types.get(item["name"], "")
    return kept, fields


def _take_deprecated(lines):
    kept, told, inside = [], "", False
    for line in lines:
        if line.startswith(".. deprecated::"):
            told, inside = line[15:].strip() or "deprecated", True
        elif inside and (line[:1] == " " or not line.strip()):
            told = (told + " " + line.strip()).strip()
        else:
            inside = False
            kept.append(line)
    return kept, plain_rst(told)


def _dedent(lines):
    text = inspect.cleandoc("\n" + "\n".join(lines))
    return text.splitlines()


def _add_section(found, style, title, lines):
    lines = _dedent(lines)
    text = "\n".join(lines).strip()
    if not text:
        return
    if title in ("parameters", "returns", "raises"):
        items = _numpy_items(lines, title) if style == "numpy" else _google_items(lines, title)
        found[title] += [{"name": i["name"] or i["type"], "text": i["text"]} for i in items] \
            if title == "raises" else items
    elif title == "see_also":
        found["see_also"] += _see_also(lines)
    elif title == "examples":
        found["examples"] = (found["examples"] + "\n\n" + text).strip()
    elif title not in _DROPPED:
        text = plain_rst(_BOILERPLATE.sub("", text)).strip()
        if text:
            found["others"].append((title, text))


def _parameter(name, kind, text):
    kind = " ".join(plain_rst(kind).split())
    text = " ".join(plain_rst(text).split())
    return {"name": name, "type": kind, "default": default_of(kind), "unit": unit_of(kind + " " + text), "text": text}


def _blocks(lines):
    """[(line at the margin, indented lines after it)]."""
    blocks = []
    for line in lines:
        if line[:1] not in (" ", "") or not blocks:
            blocks.append((line, []))
        else:
            blocks[-1][1].append(line)
    return blocks


def _numpy_items(lines, title):
    items = []
    for first, rest in _blocks(lines):
        text = "\n".join(_dedent(rest)) if rest else ""
        match = _NUMPY_ITEM.match(first)
        if first == "None" and title == "parameters":
            continue
        if title != "parameters" and " : " not in first and not (match and match.group(2)):
            kind = text or re.fullmatch(r"[\w.\[\], |]{1,60}", first)
            items.append(_parameter("", first if kind else "", text if kind else first))  # a type alone, or prose
        elif match:
            names = [n.strip() for n in match.group(1).replace("...", "").split(",")]
            items += [_parameter(n.lstrip("*"), match.group(2) or "", text) for n in names if n]
        elif " : " in first:
            items.append(_parameter(*[p.strip() for p in first.split(" : ", 1)], text))
        elif items:
            items[-1]["text"] = " ".join((items[-1]["text"] + " " + plain_rst(first + "\n" + text)).split())
    return items


def _google_items(lines, title):
    items = []
    if title == "returns":
        match = re.match(r"([\w.\[\], |]{1,80}):\s+(.*)$", lines[0])
        kind, first = match.groups() if match else ("", lines[0])
        return [_parameter("", kind, "\n".join([first] + lines[1:]))]
    for first, rest in _blocks(lines):
        match = _GOOGLE_ITEM.match(first)
        if match:
            items.append(_parameter(match.group(1).lstrip("*"), match.group(2) or "", "\n".join([match.group(3)] + rest)))
        elif items:
            items[-1]["text"] = " ".join((items[-1]["text"] + " " + plain_rst("\n".join([first] + rest))).split())
    return items


def _see_also(lines):
    names = []
    for first, _ in _blocks(lines):
        listed = re.split(r"\s:\s|:\s|:$", plain_rst(first), 1)[0]
        names += re.findall(r"(?<![\w.])[A-Za-z_][\w.]*(?=\s*(?:,|$))", listed.replace("`", ""))
    return list(dict.fromkeys(names))
