"""Jupyter notebooks: their Markdown and code, without outputs. Spans are cells, counted from 1, both ends within."""
import json

from knowledge_markdown import read_markdown
from knowledge_sections import Unreadable


def read_notebook(text, sections):
    try:
        book = json.loads(text)
    except RecursionError:
        raise Unreadable("JSON nested too deep", "a notebook") from None
    except ValueError as error:
        raise Unreadable(f"no JSON ({error})", "a notebook") from None
    cells = book.get("cells") if isinstance(book, dict) else None
    if cells is None and isinstance(book, dict) and isinstance(book.get("worksheets"), list):  # before version 4
        cells = [c for sheet in book["worksheets"] if isinstance(sheet, dict) for c in sheet.get("cells") or []]
    if not isinstance(cells, list):
        raise Unreadable("JSON without cells", "a notebook")
    language = _language(book)
    for number, cell in enumerate(cells, 1):
        if not isinstance(cell, dict):
            continue
        source = cell.get("source", cell.get("input"))
        if isinstance(source, list):
            source = "".join(part for part in source if isinstance(part, str))
        if not isinstance(source, str):
            continue
        if cell.get("cell_type") == "markdown":
            read_markdown(source, sections, place=(number, number))
        elif cell.get("cell_type") == "heading" and isinstance(cell.get("level"), int):
            sections.heading(cell["level"], source)
        elif cell.get("cell_type") == "code":
            sections.add(source, number, number, "code", language=language)


def _language(book):
    told = book.get("metadata")
    told = told.get("kernelspec") if isinstance(told, dict) else None
    language = told.get("language") if isinstance(told, dict) else None
    return language[:40] if isinstance(language, str) else "python"
