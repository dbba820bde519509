"""Reads documents that nobody vouches for and tells their sections in order.

Usage: knowledge_text.py --data DIR --out DIR.   Input on stdin: {"files": [paths below DIR], "limits": {...}}, both
optional: without files, all documents below DIR. Formats: Markdown, HTML, LaTeX, reStructuredText, notebooks, plain
text, and PDF where pdftotext is installed. Output: sections.jsonl, a JSON object a line, and documents.json; their form
is in docs/knowledge.md. Each document is read in a process of its own. One that is refused is named on stderr as
`[knowledge.read] FILE: got X, expected Y`, and the exit status is 3; the others are in the output all the same.
"""
import hashlib
import json
import os
import resource
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from children import run_children  # noqa: E402
from knowledge_html import read_html  # noqa: E402
from knowledge_latex import read_latex  # noqa: E402
from knowledge_lines import Refusal, job_from, refuse, run, tell, write_line  # noqa: E402
from knowledge_markdown import read_markdown, read_plain  # noqa: E402
from knowledge_notebook import read_notebook  # noqa: E402
from knowledge_open import decode, open_document, walk  # noqa: E402
from knowledge_pdf import read_pages, to_text  # noqa: E402
from knowledge_rst import read_rst  # noqa: E402
from knowledge_sections import Sections, Unreadable  # noqa: E402
from table_open import one_line  # noqa: E402

LIMITS = {"seconds": 30, "bytes": 32 << 20, "characters": 8 << 20, "sections": 20000, "nesting": 500, "files": 10000,
          "memory_bytes": 1 << 30}
_READERS = {"markdown": read_markdown, "html": read_html, "latex": read_latex, "rst": read_rst,
            "notebook": read_notebook, "text": read_plain}
_SPANS = {"pdf": "page", "notebook": "cell"}


def read_document(root, name, limits):
    """{"document": {...}, "sections": [...]}."""
    path, form, data = open_document(root, name, limits)
    sections, encoding = Sections(limits), ""
    if form == "pdf":
        read_pages(to_text(path, limits), sections)
    else:
        text, encoding = decode(data, form)
        _READERS[form](text, sections)
    if not sections.found:
        raise Unreadable("no text", "a document with text")
    first = next((s["title_path"][0] for s in sections.found if s["title_path"]), "")
    title = sections.title or first or os.path.splitext(os.path.basename(name))[0]
    about = {"document": one_line(name), "format": form, "title": title, "bytes": len(data), "encoding": encoding,
             "sha256": hashlib.sha256(data).hexdigest(), "span": _SPANS.get(form, "character"),
             "sections": len(sections.found)}
    return {"document": about, "sections": sections.found}


def work_on(root, name, limits):
    """The same as a child's answer: refusals in words."""
    memory = int(limits["memory_bytes"])
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    try:
        return {"ok": True, **read_document(root, name, limits)}
    except Unreadable as error:
        got, expected = error.got, error.expected
    except MemoryError:
        got, expected = "more text than fits into memory", f"at most {memory} bytes of memory to be needed"
    except RecursionError:
        got, expected = "something nested too deep", "a flatter document"
    except Exception as error:
        got, expected = f"something that cannot be read ({type(error).__name__})", "a sound document"
    return {"ok": False, "got": got, "expected": expected}


def read_apart(root, name, limits):
    """The answer of the process that reads one document. Raises Refusal."""
    answer = run_children([lambda: work_on(root, name, limits)], limits["seconds"] + 5 * name.lower().endswith(".pdf"))[0]
    if answer.get("ok"):
        return answer
    if answer.get("kind") == "hang":
        raise Refusal(name, f"a document that takes more than {limits['seconds']:g} s", "one that is read faster")
    if "got" in answer:
        raise Refusal(name, answer["got"], answer["expected"])
    raise Refusal(name, "a document whose reader died", f"one that is read in {int(limits['memory_bytes'])} bytes")


def read_all(job, root, out):
    limits, names = job_from(job, LIMITS), job.get("files")
    refused, others = [], 0
    if not os.path.isdir(root):
        raise Refusal("the documents", "no folder", "a folder")
    if names is None:
        try:
            names, others, links = walk(root, limits)
        except Unreadable as error:
            raise Refusal("the documents", error.got, error.expected) from None
        refused = [Refusal(name, why.got, why.expected) for name, why in links]
        if not names and not refused:
            raise Refusal("the documents", f"{others} files of no known format", "at least one document")
    elif not isinstance(names, list) or not names or not all(isinstance(n, str) for n in names):
        raise Refusal("the job", "files " + repr(names)[:200], "a list of paths")
    documents = []
    path = os.path.join(out, "sections.jsonl")
    with open(path + ".partial", "w", encoding="utf-8") as file:
        for name in names:
            try:
                answer = read_apart(root, name, limits)
            except Refusal as error:
                refused.append(error)
                continue
            documents.append(answer["document"])
            for section in answer["sections"]:
                write_line(file, {"document": answer["document"]["document"], **section})
    os.replace(path + ".partial", path)
    tell(out, "documents.json", {
        "format": "gpiot-knowledge-documents-1", "documents": documents, "others": others,
        "refused": [{"document": one_line(r.what), "got": one_line(r.got), "expected": r.expected} for r in refused]})
    return 3 if sum(map(refuse, refused)) else 0


def main():
    return run(read_all)


if __name__ == "__main__":
    sys.exit(main())
