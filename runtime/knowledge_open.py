"""Opens documents that nobody vouches for: regular files below one folder, of a known format, as text."""
import os
import re
import stat

from knowledge_sections import Unreadable
from table_open import kind_of

FORMATS = {".md": "markdown", ".markdown": "markdown", ".html": "html", ".htm": "html", ".xhtml": "html",
           ".tex": "latex", ".latex": "latex", ".rst": "rst", ".ipynb": "notebook", ".txt": "text", ".text": "text",
           ".pdf": "pdf"}
_KNOWN = ", ".join(sorted(FORMATS))
_ENCODING = re.compile(r"utf-?8|us-ascii|ascii|latin-?1|iso-?8859-?\d{1,2}|windows-125\d|cp125\d|koi8-[ru]|shift[-_]jis|"
                       r"euc-jp|euc-kr|gb2312|gbk|gb18030|big5", re.I)
_STATED = {"html": re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?([\w.:-]{1,40})", re.I),
           "latex": re.compile(rb"\\usepackage\s*\[([\w.:-]{1,40})\]\s*\{inputenc\}")}
_TEX_NAMES = {"latin1": "iso-8859-1", "latin9": "iso-8859-15", "ansinew": "windows-1252", "applemac": "mac-roman"}
_MARKS = [(b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe\0\0", "utf-32"), (b"\0\0\xfe\xff", "utf-32"), (b"\xff\xfe", "utf-16"),
          (b"\xfe\xff", "utf-16")]


def walk(root, limits):
    """(relative paths of documents, number of other files, [(path, Unreadable)] of links out of the folder)."""
    found, others, refused, seen = [], 0, [], 0
    for folder, folders, files in os.walk(root):
        for name in sorted(folders):
            path = os.path.join(folder, name)
            if os.path.islink(path) and not _inside(root, path):
                refused.append((os.path.relpath(path, root), Unreadable("a link out of the folder", "a folder")))
        folders[:] = sorted(f for f in folders if not f.startswith("."))
        for name in sorted(files):
            seen += 1
            if seen > limits["files"]:
                raise Unreadable(f"more than {limits['files']} files", "fewer")
            if os.path.splitext(name)[1].lower() in FORMATS:
                found.append(os.path.relpath(os.path.join(folder, name), root))
            else:
                others += 1
    return found, others, refused


def _inside(root, path):
    root = os.path.realpath(root)
    return os.path.commonpath([root, os.path.realpath(path)]) == root


def open_document(root, name, limits):
    """(path, format, bytes)."""
    form = FORMATS.get(os.path.splitext(name)[1].lower())
    if os.path.isabs(name) or ".." in name.split("/") or "\0" in name:
        raise Unreadable("a path out of the folder", "one below it")
    path = os.path.join(root, name)
    if not os.path.lexists(path):
        raise Unreadable("no file", "a document")
    if not _inside(root, path):
        raise Unreadable("a link out of the folder", "a file in it")
    if form is None:
        raise Unreadable("an unknown ending", f"one of {_KNOWN}")
    path = os.path.realpath(path)
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError as error:
        raise Unreadable(f"a file that does not open ({error.strerror})", "a document") from None
    with os.fdopen(handle, "rb") as file:
        state = os.fstat(file.fileno())
        if not stat.S_ISREG(state.st_mode):
            raise Unreadable("no regular file", "a document")
        if state.st_size > limits["bytes"]:
            raise Unreadable(f"{state.st_size} bytes", f"at most {int(limits['bytes'])}")
        data = file.read(int(limits["bytes"]) + 1)
    check_content(data, form, limits)
    return path, form, data


def check_content(data, form, limits):
    if len(data) > limits["bytes"]:
        raise Unreadable(f"more than {int(limits['bytes'])} bytes", "fewer")
    if not data.strip():
        raise Unreadable("an empty file", "a document")
    is_pdf = b"%PDF-" in data[:1024]
    if (form == "pdf") != is_pdf and (form == "pdf" or data.startswith(b"%PDF-")):
        raise Unreadable("a PDF" if is_pdf else kind_of(data[:1024]) or "something else",
                         "a PDF" if form == "pdf" else f"{form} as text")
    if form != "pdf" and kind_of(data[:1024]):
        raise Unreadable(kind_of(data[:1024]), f"{form} as text")


def decode(data, form):
    """(text, encoding): by its mark, as UTF-8, or as the document itself says."""
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8")
    if encoding == "utf-8":
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError as error:
            text, encoding = _as_stated(data, form, error.start)
    else:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            raise Unreadable(f"bytes that are not the {encoding} their mark says", "UTF-8") from None
    if "\0" in text[:1 << 20]:
        raise Unreadable("binary data", f"{form} as text")
    return text, encoding


def _as_stated(data, form, place):
    match = _STATED[form].search(data[:4096]) if form in _STATED else None
    stated = match.group(1).decode("ascii").lower() if match else ""
    stated = _TEX_NAMES.get(stated, stated)
    if _ENCODING.fullmatch(stated) and not re.fullmatch(r"utf-?8", stated):
        try:
            return data.decode(stated), stated
        except (UnicodeDecodeError, LookupError):
            raise Unreadable(f"bytes that are not the {stated} it states", "UTF-8") from None
    raise Unreadable(f"bytes that are not UTF-8 (at byte {place})", "UTF-8, or an encoding that the document states")
