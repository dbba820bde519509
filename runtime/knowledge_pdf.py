"""PDF through poppler's pdftotext, a process of its own under limits. Spans are pages, counted from 1, both ends within."""
import collections
import os
import re
import resource
import shutil
import subprocess
import tempfile

from knowledge_sections import Unreadable

_NUMBERED = re.compile(r"(\d{1,2}(?:\.\d{1,2}){0,3})\.?[ \t]{1,8}([A-Z][^\n]{2,90})")
_NAMED = re.compile(r"(?:\d{1,2}\.?\s{1,4})?(abstract|introduction|related work|conclusions?|discussion|references|"
                    r"bibliography|acknowledg\w{0,10})", re.I)
_LAST = re.compile(r"references|bibliography", re.I)


def to_text(path, limits):
    """The text of all pages, with a form feed after each."""
    program = shutil.which("pdftotext")
    if not program:
        raise Unreadable("a PDF, and no pdftotext on this machine", "poppler-utils to be installed")
    memory, seconds = int(limits["memory_bytes"]), limits["seconds"]

    def limit():
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CPU, (int(seconds) + 1, int(seconds) + 1))
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(limits["characters"]) * 4, int(limits["characters"]) * 4))

    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "text")
        try:
            done = subprocess.run([program, "-q", "-enc", "UTF-8", os.path.abspath(path), out], stdin=subprocess.DEVNULL,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=seconds, preexec_fn=limit)
        except subprocess.TimeoutExpired:
            raise Unreadable(f"a PDF that takes more than {seconds:g} s", "one that is read faster") from None
        if done.returncode or not os.path.isfile(out):
            size = os.path.getsize(out) if os.path.exists(out) else 0
            if size >= int(limits["characters"]) * 4:
                raise Unreadable(f"more than {int(limits['characters'])} characters of text", "fewer")
            why = (done.stderr.decode("utf-8", "replace").strip().splitlines() or [f"status {done.returncode}"])[-1]
            raise Unreadable(f"a PDF that pdftotext does not read ({why[:200]})", "a sound PDF")
        with open(out, encoding="utf-8", errors="replace") as file:
            return file.read()


def read_pages(text, sections):
    """Sections by headings that are numbered in order, or have a usual name; the references are left out."""
    pages = [page.split("\n") for page in text.split("\f")]
    pages = _without_margins(pages[:-1] if pages and not "".join(pages[-1]).strip() else pages)
    if not any(line.strip() for page in pages for line in page):
        raise Unreadable("a PDF without text (pictures of pages?)", "one with text")
    kept, first, number, skipping = [], 1, (0,), False
    for n, page in enumerate(pages, 1):
        before = ""
        for line in page:
            heading = _heading(line.strip(), number, before)
            if heading:
                if not skipping:
                    sections.add(_joined(kept), first, n)
                kept, first = [], n
                number, level, title = heading
                skipping = bool(_LAST.fullmatch(title.split(" ", 1)[-1]))
                sections.heading(level, title)
            else:
                kept.append(line)
            before = line
        kept.append("")
    if not skipping:
        sections.add(_joined(kept), first, len(pages))


def _heading(line, number, before):
    """(number, level, title) of a heading that may follow `number`; else None."""
    match = _NAMED.fullmatch(line)
    if match:
        own = re.match(r"\d+", line)
        return ((int(own.group()),) if own else number), 1, line
    match = _NUMBERED.fullmatch(line)
    after_text = before.strip() and not before.rstrip().endswith((".", "!", "?", ":", ")", "]"))
    if not match or after_text or line.endswith((".", ",", ";")) or len(line.split()) > 14:
        return None
    own = tuple(int(part) for part in match.group(1).split("."))
    follows = own[:-1] + (own[-1] - 1,)
    follows = follows if follows[-1] else follows[:-1]
    return (own, len(own), line) if follows == number[:len(follows)] and own > number else None


def _without_margins(pages):
    """Without the lines at top and bottom that most pages share, and page numbers."""
    if len(pages) < 4:
        return pages
    def plain(line):
        return re.sub(r"\d+", "#", " ".join(line.split()))
    def edges(page):
        filled = [i for i, line in enumerate(page) if line.strip()]
        return set(filled[:2] + filled[-2:])
    seen = collections.Counter(text for page in pages for text in {plain(page[i]) for i in edges(page)})
    common = {text for text, count in seen.items() if count > len(pages) * 0.4}
    return [[line for i, line in enumerate(page) if not (i in edges_here and plain(line) in common)]
            for page in pages for edges_here in [edges(page)]]


def _joined(lines):
    text = "\n".join(lines)
    return re.sub(r"(?<=[a-z])-\n(?=[a-z])", "", text)
