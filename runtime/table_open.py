"""Finds the data files and looks at their first bytes before anything parses them; errors of bad data."""
import difflib
import glob
import itertools
import os
import re

MAX_FILES = 100_000
MAX_BYTES = 1 << 30  # of one file, packed and unpacked
MAX_ITEMS = 2_000_000

ENDINGS = {"wfdb": "*.hea", "csv": "*.csv", "npy": "*.npy", "npz": "*.npz", "wav": "*.wav", "mat": "*.mat",
           "jsonl": "*.jsonl", "arff": "*.arff", "ts": "*.ts"}
TEXT_FORMATS = ("csv", "jsonl", "arff", "ts")

_MAGIC = [(b"PK\x03\x04", "a zip archive"), (b"PK\x05\x06", "an empty zip archive"), (b"\x1f\x8b", "a gzip archive"),
          (b"BZh", "a bzip2 archive"), (b"\xfd7zXZ\x00", "an xz archive"), (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
          (b"Rar!", "a rar archive"), (b"\x28\xb5\x2f\xfd", "a zstd archive"), (b"\x89HDF\r\n\x1a\n", "an HDF5 file"),
          (b"\x93NUMPY", "an npy file"), (b"RIFF", "a RIFF (wav) file"), (b"PAR1", "a parquet file"),
          (b"SQLite format 3\x00", "an SQLite database"), (b"MATLAB 5.0", "a MAT file (v5)")]
_OLD_PICKLE = re.compile(rb"\(?[dl]p\d+\r?\n|c[A-Za-z_][\w.]*\n[A-Za-z_]\w*\n")
_EXPECTED = {"npy": "an npy file", "npz": "a zip archive", "wav": "a RIFF (wav) file"}


class DataError(Exception):
    """The data is not what the job says; the text is for the user."""


def bad(what, got, expected):
    return DataError(f"{what}: got {got}, expected {expected}")


def one_line(text, limit=600):
    """`text` without line ends, control characters and lone surrogates: what a log or a JSON reader can hold."""
    text = str(text).encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    text = "".join(c if c.isprintable() else " " if c.isspace() else "?" for c in text)
    return text if len(text) <= limit else text[:limit - 3] + "..."


def name_error(what, name, names):
    """An unknown name, with the nearest ones there are."""
    names = [str(n) for n in names]
    near = difflib.get_close_matches(str(name), names, 5, 0.5) or names[:12]
    more = ", ..." if len(names) > len(near) else ""
    return bad(what, repr(name), "one of " + ", ".join(map(repr, near)) + more if near else "a name; there are none")


def find_files(root, pattern):
    """Relative paths of the regular files that match, sorted."""
    parts = pattern.replace("\\", "/").split("/")
    if not pattern or os.path.isabs(pattern) or ".." in parts:
        raise bad("[data] files", repr(pattern), "a pattern below the data folder")
    if not os.path.isdir(root):
        raise bad("[data] path", "no folder", "a folder with the data files")
    matches = glob.iglob(pattern, root_dir=root, recursive=True)
    found = list(itertools.islice((m for m in matches if os.path.isfile(os.path.join(root, m))), MAX_FILES + 1))
    if len(found) > MAX_FILES:
        raise bad(f"[data] files {pattern!r}", f"more than {MAX_FILES} files", "fewer")
    if not found:
        raise bad(f"[data] files {pattern!r}", "no file", "at least one; there are " + _what_is_there(root))
    return sorted(set(found))


def _what_is_there(root):
    names = []
    for folder, _, files in os.walk(root):
        names += [os.path.relpath(os.path.join(folder, name), root) for name in sorted(files)[:3]]
        if len(names) >= 5:
            break
    return ", ".join(map(repr, names[:5])) or "no files at all"


def kind_of(head):
    """What the first bytes say a file is; "" where they say nothing."""
    for magic, name in _MAGIC:
        if head.startswith(magic):
            return name
    if head[:1] == b"\x80" and head[1:2] in (b"\x02", b"\x03", b"\x04", b"\x05") or _OLD_PICKLE.match(head):
        return "a pickle"
    if head[257:262] == b"ustar":
        return "a tar archive"
    if head.startswith(b"MATLAB 7.3") or head[512:520] == b"\x89HDF\r\n\x1a\n":
        return "a MAT file v7.3 (HDF5)"
    return ""


def read_head(path, size=1024):
    with open(path, "rb") as file:
        return file.read(size)


def check_content(path, name, form):
    """Refuses by size and first bytes: pickles, archives, and what is plainly another format."""
    size = os.path.getsize(path)
    if size > MAX_BYTES:
        raise bad(name, f"{size} bytes", f"at most {MAX_BYTES}")
    if size == 0:
        raise bad(name, "an empty file", f"{form} data")
    head = read_head(path, 8192)
    kind = kind_of(head)
    expected = _EXPECTED.get(form, "")
    if form == "mat" and (kind.startswith("a MAT file v7.3") or kind == "an HDF5 file"):
        raise bad(name, "a MAT file v7.3 (HDF5)", "v5 (MATLAB: save(..., '-v7'))")
    if (kind or expected) and kind != expected and not (form == "mat" and kind.startswith("a MAT file")):
        raise bad(name, kind or "something else", f"a file of format {form}")
    if form in TEXT_FORMATS and b"\x00" in head:
        raise bad(name, "binary data or UTF-16", f"{form} as UTF-8 text")


def open_text(path, name, notes):
    """The file as text lines; what is not UTF-8 is read as Latin-1, with a note."""
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            while file.read(1 << 20):
                pass
        encoding = "utf-8-sig"
    except UnicodeDecodeError:
        encoding = "latin-1"
        notes.append(f"{name}: not UTF-8, read as Latin-1")
    return open(path, encoding=encoding, newline="")
