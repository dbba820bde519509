"""Which files of an unknown folder are alike: the format of each by its content, and a signature of its structure."""
import collections
import glob
import json
import os
import re

from table_csv import read_dialect
from table_open import DataError, kind_of, read_head

MAX_LOOKED = 5000  # files whose first bytes are read
_PROSE = re.compile(r"(readme|licen[cs]e|copying|changelog|sha\d+sums|md5sums|records$|annotators$)"
                    r"|\.(md|rst|html?|pdf|py)$", re.I)


def walk(root):
    """Relative paths of all regular files, sorted; hidden ones are left out."""
    found = []
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(f for f in folders if not f.startswith("."))
        for name in sorted(names):
            path = os.path.join(folder, name)
            if not name.startswith(".") and os.path.isfile(path):
                found.append(os.path.relpath(path, root).replace(os.sep, "/"))
    return found


def format_of(root, name):
    """The format, or "" and what the file seems to be."""
    path = os.path.join(root, name)
    if os.path.getsize(path) == 0:
        return "", "empty"
    if _PROSE.search(os.path.basename(name)):
        return "", "text about the data"
    head = read_head(path, 1 << 16)
    kind = kind_of(head)
    known = {"an npy file": "npy", "a RIFF (wav) file": "wav", "a MAT file (v5)": "mat"}
    if kind in known:
        return known[kind], ""
    if kind == "a zip archive" and name.lower().endswith(".npz"):
        return "npz", ""
    if kind:
        return "", kind
    if name.lower().endswith(".hea"):
        return "wfdb", ""
    if b"\x00" in head:
        return "", "binary data of no known format"
    return _text_format(path, name, head.decode("utf-8", "replace"))


def _text_format(path, name, text):
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    starts = {line.split()[0].lower() for line in lines if line.startswith("@")}
    if "@attribute" in starts:
        return "arff", ""
    if "@problemname" in starts or "@classlabel" in starts or name.lower().endswith(".ts"):
        return "ts", ""
    single = name.lower().endswith(".json") and (len(lines) < 2 or not _is_json(lines[1]))
    if lines and lines[0][0] == "{" and _is_json(lines[0]) and not single:
        return "jsonl", ""
    if lines and lines[0][0] in "[{" and name.lower().endswith(".json"):
        return "", "JSON"
    return _table_or_text(path, name)


def _is_json(line):
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _table_or_text(path, name):
    try:
        dialect = read_dialect(path, name, [])
    except (DataError, OSError, ValueError):
        return "", "text"
    # Of texts alone a table is one where its name and its header say so: what a device sent, and what that means.
    said = name.lower().endswith((".csv", ".tsv")) and dialect.header == 1 and len(dialect.names) > 1
    return ("csv", "") if dialect.even and (dialect.values >= 0.3 or said) else ("", "text")


def claimed_by_headers(root, names):
    """Signal and annotation files that belong to a WFDB header: {file: header}."""
    claimed = {}
    there = set(names)
    for name in names:
        if not name.lower().endswith(".hea"):
            continue
        folder = os.path.dirname(name)
        stem = os.path.splitext(name)[0]
        lines = read_head(os.path.join(root, name), 1 << 16).decode("utf-8", "replace").splitlines()
        for line in lines[1:]:
            if line.strip() and not line.startswith("#"):
                claimed[os.path.join(folder, line.split()[0])] = name
        for ending in (".atr", ".qrs", ".ecg", ".xyz", ".dat"):
            claimed.setdefault(stem + ending, name)
    return {f: h for f, h in claimed.items() if f in there}


def signature(root, name, form):
    """What like files have in common; files of one signature form a group."""
    from table_arrays import NpzFields, mat_headers, npy_header

    path = os.path.join(root, name)
    if form == "npy":
        with open(path, "rb") as file:
            shape, dtype = npy_header(file, name)
        return (dtype.kind, len(shape))
    if form == "npz":
        return tuple((k, d.kind, len(s)) for k, (s, d) in NpzFields(path, name).headers.items())
    if form == "mat":
        return tuple((k, len(s)) for k, (s, _) in sorted(mat_headers(path, name).items()))
    if form == "csv":
        dialect = read_dialect(path, name, [])
        return (dialect.separator, dialect.header > 0, tuple(dialect.names))
    if form == "wfdb":
        first = next((line for line in read_head(path).decode("utf-8", "replace").splitlines()
                      if line.strip() and line[0] != "#"), "").split()
        return tuple(first[1:3])  # number of signals and rate
    return _text_signature(path, name, form)


def _text_signature(path, name, form):
    from table_open import open_text
    from table_text import read_ts_header

    if form == "ts":
        with open_text(path, name, []) as file:
            header = read_ts_header(file, name)
        return (header.get("problemname"), header.get("dimensions"), header.get("classlabel"))
    if form == "jsonl":
        with open_text(path, name, []) as file:
            return tuple(sorted(json.loads(next(filter(str.strip, file)))))
    if form == "arff":
        lines = read_head(path, 1 << 16).decode("utf-8", "replace").splitlines()
        return tuple(line.strip() for line in lines if line.lower().startswith("@attribute"))
    return ()


def group_files(root, names):
    """([{"format", "files"}], [{"file", "what"}]): groups of like files, and what is none."""
    claimed = claimed_by_headers(root, names)
    groups, others = collections.OrderedDict(), []
    for name in names[:MAX_LOOKED]:
        if name in claimed:
            continue
        form, what = format_of(root, name)
        try:
            key = (form, signature(root, name, form)) if form else None
        except Exception as error:  # one broken file must not hide the others; the libraries fail in many ways
            key, what = None, str(error)
        if key is None:
            others.append({"file": name, "what": what})
        else:
            groups.setdefault(key, []).append(name)
    split = [(key[0], part) for key, files in groups.items() for part in split_by_names(root, files)]
    return [{"format": form, "files": files} for form, files in split], others


def split_by_names(root, files):
    """A group that no pattern describes falls into those whose names differ in their digits alone."""
    if glob_of(root, files):
        return [files]
    parts = collections.OrderedDict()
    for name in files:
        parts.setdefault(re.sub(r"\d+", "#", name), []).append(name)
    return list(parts.values())


def glob_of(root, files, apart=()):
    """A pattern that matches these files and no other, but perhaps all of those `apart`; "" where no simple one does."""
    if len(files) == 1:
        return glob.escape(files[0])
    names = [os.path.basename(f) for f in files]
    start, end = os.path.commonprefix(names), os.path.commonprefix([n[::-1] for n in names])[::-1]
    ending = os.path.splitext(end)[1] or end
    folders = sorted({os.path.dirname(f) for f in files})
    top = os.path.commonpath(folders) if all(folders) else ""
    depths = {f.count("/") for f in files}
    below = depths.pop() - (top.count("/") + 1 if top else 0) if len(depths) == 1 else None
    middle = "**/" if below is None else "*/" * below
    masks = {"".join(c if c == d else "?" for c, d in zip(names[0], n)) for n in names}
    even = len(set(map(len, names))) == 1
    mask = "".join("?" if "?" in column else column[0] for column in zip(*masks)) if even else ""
    for last in filter(None, ("*" + ending, start + "*" + ending, "*" + end, start + "*" + end, mask)):
        pattern = (glob.escape(top) + "/" if top else "") + middle + last
        found = {f.replace(os.sep, "/") for f in glob.iglob(pattern, root_dir=root, recursive=True)}
        if found == set(files) or (apart and found == set(files) | set(apart)):
            return pattern
    return ""
