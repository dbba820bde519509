"""One object of a package as a line of the knowledge base: facts for a call check, and a passage to read."""
import knowledge_docstring
from knowledge_docstring import first_sentence
from knowledge_errors import errors_of
from knowledge_plain import plain_rst, squeeze, visible
from knowledge_signature import signature_of

_EMPTY = {"signature": "", "signature_from": "none", "call_known": False, "parameters": []}
MAX_ALIASES = 300


def describe(name, kind, obj, about, drop_first=False):
    """`about` is {"package", "version", "aliases", "max_characters"} and more fields that go into the object."""
    last = name.rsplit(".", 1)[-1]
    about = dict(about)
    limit = about.pop("max_characters")
    doc = obj.__doc__ if isinstance(getattr(obj, "__doc__", None), str) else ""
    own = getattr(obj, "__name__", last)
    own = own if isinstance(own, str) and own.isidentifier() else last
    callable_here = kind in ("function", "class", "method") or callable(obj)
    call = signature_of(obj, own, doc, drop_first) if callable_here and kind != "module" else dict(_EMPTY)
    if kind == "module":
        parsed = {**knowledge_docstring.parse(""), "summary": _module_summary(doc), "extended": plain_rst(_clean(doc))}
    else:
        parsed = knowledge_docstring.parse(doc, own)
    parameters = merge(call["parameters"], parsed["parameters"])
    thing = {"name": name, "kind": kind, **about, "aliases": about["aliases"][:MAX_ALIASES],
             "signature": call["signature"], "signature_from": call["signature_from"], "call_known": call["call_known"],
             "summary": parsed["summary"], "deprecated": parsed["deprecated"], "parameters": parameters,
             "returns": [{k: r[k] for k in ("name", "type", "unit", "text")} for r in parsed["returns"]],
             "raises": parsed["raises"], "examples": parsed["examples"], "see_also": parsed["see_also"]}
    said = errors_of(obj) if callable_here and kind != "module" else []
    thing["errors"] = [[visible(message) for message in level] for level in said]
    thing["text"] = visible(passage(thing, parsed))[:limit]
    return thing


def _clean(doc):
    import inspect
    return inspect.cleandoc(doc)


def _module_summary(doc):
    """The first sentence that is no heading."""
    for paragraph in _clean(doc).split("\n\n"):
        lines = [line for line in paragraph.splitlines() if line.strip(" =-~*^") and not line.startswith(".. ")]
        if lines and len(lines) == len(paragraph.splitlines()):
            return first_sentence(plain_rst(" ".join(lines)))[:300]
    return ""


def merge(taken, told):
    """Parameters in the order of the signature with what the docstring says of them; then those it names alone."""
    by_name = {}
    for item in told:
        by_name.setdefault(item["name"], item)
    merged = []
    for p in taken:
        words = by_name.pop(p["name"], {"type": "", "default": None, "unit": "", "text": ""})
        merged.append({**p, "type": words["type"], "unit": words["unit"], "text": words["text"],
                       "default": p["default"] if p["default"] is not None or p["required"] else words["default"]})
    merged += [{"name": item["name"], "kind": "documented", "required": False, "default": item["default"],
                "type": item["type"], "unit": item["unit"], "text": item["text"]} for item in by_name.values()]
    return merged


def _line(item):
    head = " : ".join(part for part in (item["name"], item["type"]) if part)
    unit = f" [{item['unit']}]" if item.get("unit") and item["unit"] not in item["text"] else ""
    return head + unit + (("\n    " if head else "") + item["text"] if item["text"] else "")


def passage(thing, parsed):
    """Signature, summary and sections under "## " headings, with an empty line between paragraphs."""
    parts = [thing["name"] + (thing["signature"] if thing["kind"] not in ("module", "object") else "")]
    if thing["deprecated"]:
        parts.append("Deprecated: " + thing["deprecated"])
    if thing["kind"] != "module":
        parts.append(thing["summary"])
    parts.append(parsed["extended"])
    told = [p for p in thing["parameters"] if p["text"] or p["type"]]
    for title, items in (("Parameters", told), ("Returns", thing["returns"]), ("Raises", thing["raises"])):
        lines = [_line({"type": "", **item}) for item in items]
        if lines:
            parts.append(f"## {title}\n" + "\n\n".join(lines))
    for title, text in parsed["others"]:
        parts.append(f"## {title}\n{text}")
    if thing["see_also"]:
        parts.append("## See also\n" + ", ".join(thing["see_also"]))
    if thing["examples"]:
        parts.append("## Examples\n" + thing["examples"])
    if thing.get("methods"):
        parts.append("## Methods\n" + ", ".join(thing["methods"]))
    return squeeze("\n\n".join(part.strip("\n") for part in parts if part.strip()))
