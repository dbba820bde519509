#!/usr/bin/python3
"""docs/errors.md must hold the table of src/gpiot/base/error.cpp, with the meanings of error.h.

    check_errors.py [ROOT]           status 1 when it does not
    check_errors.py --write [ROOT]   writes the page
    check_errors.py --self-test
"""

import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROW = re.compile(r'\{(\w+), "(\w+)", (\d+), (\d+), "(\w+)"\}')
MEANING = re.compile(r"^\s*(\w+),(?:\s*///<\s*(.*))?$", re.M)
PAGE = """# Errors

Every failure of gpiot has a stable code. On the command line it ends the process with the exit status below, prints
`error (code): [module.action] what is wrong` and, where a remedy is known, `what to do: ...` on stderr; with `--json`
the last line on stdout is `{{"schema":1,"kind":"error","code":...,"message":...,"remedy":...}}`.
Status 0 means success; a process that was stopped by Ctrl-C ends with 130.

This page is compared with `src/gpiot/base/error.cpp` by a test; `tests/layers/check_errors.py --write` writes it anew.

| code | exit status | HTTP status | OpenAI error type | meaning |
|---|---|---|---|---|
{rows}
"""
UNSAID = {"timeout": "a time limit was reached", "cancelled": "stopped on request",
          "unsupported": "this version, build or machine cannot do it", "internal": "a fault of gpiot: please report it"}


def page(root):
    header = (root / "src/gpiot/base/error.h").read_text()
    enum = header[header.index("enum class ErrorCode"):]
    meanings = dict(MEANING.findall(enum[:enum.index("};")]))
    rows = ROW.findall((root / "src/gpiot/base/error.cpp").read_text())
    if len(rows) != len(meanings):
        sys.exit(f"error.cpp has {len(rows)} rows, error.h {len(meanings)} codes")
    lines = [f"| `{name}` | {status} | {http} | `{kind}` | {meanings[code] or UNSAID[name]} |"
             for code, name, status, http, kind in rows]
    return PAGE.format(rows="\n".join(lines))


def differs(root, text):
    return text.strip() != page(root).strip()


def main():
    words = sys.argv[1:]
    flags = [word for word in words if word.startswith("--")]
    roots = [word for word in words if not word.startswith("--")]
    root = pathlib.Path(roots[0]).resolve() if roots else HERE.parent.parent
    target = root / "docs/errors.md"
    if "--write" in flags:
        target.write_text(page(root))
        return 0
    if "--self-test" in flags:
        changed = page(root).replace("| 2 | 404 |", "| 3 | 404 |")
        return 0 if differs(root, changed) and not differs(root, page(root)) else 1
    if differs(root, target.read_text() if target.exists() else ""):
        print("docs/errors.md is not what error.cpp says: run tests/layers/check_errors.py --write")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
