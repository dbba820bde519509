"""Plain text out of marked-up lines, and texts that a JSON reader can hold. Every pattern takes time linear in the text."""
import re
import unicodedata

_ROLE = re.compile(r":[A-Za-z][\w:+-]{0,40}:`([^`\n]{1,400})`")
_VERSION_NOTE = re.compile(r"^([ ]*)\.\. (?:versionadded|versionchanged|index|currentmodule|plot|testsetup)::[^\n]*$", re.M)
_LINK = re.compile(r"`([^`<]{1,300})\s<[^`>]{1,500}>`__?")
_FOOTNOTE = re.compile(r" ?\[[#\w]{1,20}\]_\b")


def plain_rst(text):
    """Roles and links become what they show; notes on versions go."""
    text = _ROLE.sub(lambda m: _shown(m.group(1)), text)
    text = _LINK.sub(r"\1", text)
    text = _FOOTNOTE.sub("", text)
    return _VERSION_NOTE.sub("", text).replace("``", "`")


def _shown(target):
    if target.endswith(">") and " <" in target:
        return target.split(" <", 1)[0]
    return target[1:].rsplit(".", 1)[-1] if target[:1] == "~" else target


_INVISIBLE = {"Cf", "Cc", "Cs", "Co"}
_KEPT = "\n\t"


def visible(text):
    """`text` without control characters, invisible ones (zero width, direction, tags) and lone surrogates."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n")
    if text.isascii() and text.replace("\n", "").replace("\t", "").isprintable():
        return text
    wrong = {c for c in set(text) if c not in _KEPT and unicodedata.category(c) in _INVISIBLE}
    return text.translate({ord(c): None for c in wrong}) if wrong else text


def squeeze(text):
    """At most one empty line in a row, no blanks at line ends."""
    text = "\n".join(line.rstrip() for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n")
