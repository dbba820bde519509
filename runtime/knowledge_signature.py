"""What a call of an object takes: by inspect, or by the first lines of its docstring where it is written in C."""
import inspect
import re

_KINDS = {inspect.Parameter.POSITIONAL_ONLY: "positional_only",
          inspect.Parameter.POSITIONAL_OR_KEYWORD: "positional_or_keyword",
          inspect.Parameter.VAR_POSITIONAL: "var_positional", inspect.Parameter.KEYWORD_ONLY: "keyword_only",
          inspect.Parameter.VAR_KEYWORD: "var_keyword"}
_ADDRESS = re.compile(r" at 0x[0-9a-f]+")
_LONGEST = 200  # characters of a default
_OPENING, _CLOSING = "([{", ")]}"


def short_repr(value):
    """The same text in every run."""
    try:
        text = _ADDRESS.sub("", repr(value))
    except Exception:
        text = f"<{type(value).__name__}>"
    return text if len(text) <= _LONGEST else text[:_LONGEST - 3] + "..."


def signature_of(obj, name, doc, drop_first=False):
    """{"signature", "signature_from": "inspect|docstring|none", "call_known", "parameters"}; each parameter has "name",
    "kind" as inspect names it, "required", and "default" as text or None. `drop_first` leaves out self."""
    try:
        found = list(inspect.signature(obj).parameters.values())
    except Exception:
        return from_docstring(doc, name, drop_first)
    if drop_first and found and found[0].kind in (found[0].POSITIONAL_ONLY, found[0].POSITIONAL_OR_KEYWORD):
        found = found[1:]
    if [p.kind for p in found] == [inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD]:
        told = from_docstring(doc, name, drop_first)  # a wrapper that says nothing
        if told["signature"]:
            return told
    parameters = [_plain(p) for p in found]
    return {"signature": written(parameters), "signature_from": "inspect", "call_known": True, "parameters": parameters}


def _plain(parameter):
    has_default = parameter.default is not inspect.Parameter.empty
    variable = parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
    return {"name": parameter.name, "kind": _KINDS[parameter.kind], "required": not has_default and not variable,
            "default": short_repr(parameter.default) if has_default else None}


def written(parameters):
    """The signature without annotations, as inspect writes it."""
    parts, star = [], False
    for i, p in enumerate(parameters):
        before = parameters[i - 1]["kind"] if i else ""
        if before == "positional_only" and p["kind"] != "positional_only":
            parts.append("/")
        if p["kind"] == "keyword_only" and not star:
            parts.append("*")
        star = star or p["kind"] in ("keyword_only", "var_positional")
        prefix = {"var_positional": "*", "var_keyword": "**"}.get(p["kind"], "")
        default = "" if p["default"] is None else "=" + p["default"]
        parts.append(prefix + p["name"] + default)
    if parameters and parameters[-1]["kind"] == "positional_only":
        parts.append("/")
    return "(" + ", ".join(parts) + ")"


def from_docstring(doc, name, drop_first=False):
    """The same by the call that the docstring begins with."""
    text = inspect.cleandoc(doc if isinstance(doc, str) else "")[:4000].replace("\\*", "*")
    match = re.match(rf"(?:[\w., ]{{1,60}}=\s*)?(?:\w+\.)?{re.escape(name)}\(", text)
    inside = match and _to_closing(text[match.end():])
    if not match or inside is None:
        return {"signature": "", "signature_from": "none", "call_known": False, "parameters": []}
    parameters, sure = _read(inside)
    if drop_first and parameters and parameters[0]["name"] == "self":
        parameters = parameters[1:]
    again = text[match.end() + len(inside) + 1:].lstrip().startswith(name + "(")  # a second form of the call
    return {"signature": "(" + re.sub(r"^self(, |$)", "", " ".join(inside.split())) + ")", "signature_from": "docstring",
            "call_known": sure and not again, "parameters": parameters}


def _to_closing(text):
    """What stands before the bracket that closes the one before `text`; None where none does."""
    depth, quote = 1, ""
    for i, c in enumerate(text):
        if quote:
            quote = "" if c == quote else quote
        elif c in "'\"":
            quote = c
        elif c in _OPENING:
            depth += 1
        elif c in _CLOSING:
            depth -= 1
            if depth == 0:
                return text[:i]
    return None


def _read(inside):
    """([parameters], whether one can tell by them which calls bind)."""
    parameters, sure, kind = [], True, "positional_or_keyword"
    for part, optional in _parts(inside):
        star = re.match(r"\*{0,2}", part).group()
        name, _, default = part[len(star):].partition("=")
        name = name.split(":")[0].strip()
        if part == "/":
            for p in parameters:
                p["kind"] = "positional_only"
        elif part == "*":
            kind = "keyword_only"
        elif not name.isidentifier():
            sure = False
        else:
            own = {"*": "var_positional", "**": "var_keyword"}.get(star, kind)
            kind = "keyword_only" if star == "*" else kind
            required = not (optional or default or star)
            sure = sure and not (required and own != "keyword_only" and any(not p["required"] for p in parameters))
            parameters.append({"name": name, "kind": own, "required": required,
                               "default": default.strip()[:_LONGEST] or None})
    return parameters, sure


def _parts(inside):
    """(text between commas, whether it stands in brackets that mark it as optional)."""
    part, depth, optional, quote, default = "", 0, 0, "", False
    found = []
    for c in inside + ",":
        if quote or c in "'\"":
            quote = "" if c == quote else quote or c
        elif c == "," and depth == 0:
            if part.strip():
                found.append((part.strip(), optional > 0 or "\0" in part))
            part, default = "", False
            continue
        elif c == "[" and not default:
            optional += 1
            if part.strip():  # "x[, y]": x itself is needed
                found.append((part.strip(), optional > 1))
                part = ""
            continue
        elif c == "]" and not depth:
            optional = max(0, optional - 1)
            part += "\0"
            continue
        elif c in _OPENING:
            depth += 1
        elif c in _CLOSING:
            depth -= 1
        default = default or c == "="
        part += c
    return [(p.replace("\0", "").strip(), o) for p, o in found if p.replace("\0", "").strip()]
