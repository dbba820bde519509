#!/usr/bin/python3
"""Compares every #include under src, apps and bench with the table of allowed ones, and prints a size report.

    check_layers.py [ROOT]       status 1 and one line per finding when something is not allowed
    check_layers.py --self-test  proves that a wrong include is found

The table stands in docs/architecture.md between the lines <!-- layers:begin --> and <!-- layers:end -->; until it
does, in allowed.txt beside this file.
"""

import pathlib
import re
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"][^>"]+)[>"]')
LIMIT, HEADER_LIMIT = 350, 200
TOP_MODULES = ("apps", "bench")  # folders of the root that are one module each


def read_table(root):
    """({module: set of modules}, {header prefix: set of modules})"""
    page = root / "docs" / "architecture.md"
    text = page.read_text() if page.exists() else ""
    found = re.search(r"<!-- layers:begin -->(.*?)<!-- layers:end -->", text, re.S)
    lines = (found.group(1) if found else (HERE / "allowed.txt").read_text()).splitlines()
    modules, owners = {}, {}
    for line in lines:
        line = line.strip()
        if "<-" not in line or line.startswith("#"):
            continue
        left, right = line.rsplit("<-", 1)
        (owners if left.startswith("<") else modules)[left.strip()] = set(right.split())
    return modules, owners


def module_of(path, root):
    parts = path.relative_to(root).parts
    return parts[0] if parts[0] in TOP_MODULES else parts[2]


def source_files(root):
    depth = {"src/gpiot": 2, **dict.fromkeys(TOP_MODULES, 1)}
    return sorted(path for folder, parts in depth.items() for path in (root / folder).rglob("*")
                  if path.suffix in (".h", ".cpp") and len(path.relative_to(root / folder).parts) >= parts)


def problem_of(module, include, modules, owners):
    """Why `module` may not include it, or None. `include` still has its first bracket or quote."""
    name = include[1:]
    if name.startswith("gpiot/"):
        target = name.split("/")[1]
        if target not in modules:
            return f"{target} is not in the table"
        if target != module and target not in modules[module] and "*" not in modules[module]:
            return f"{module} may not include {target}"
        return None
    for prefix, allowed in owners.items():
        if name.startswith(prefix[1:]) and module not in allowed:
            return f"{module} does not own {prefix[1:]}: only {', '.join(sorted(allowed))} may include it"
    return None


def findings(root):
    modules, owners = read_table(root)
    for path in source_files(root):
        module = module_of(path, root)
        if module not in modules:
            yield f"{path.relative_to(root)}: module {module} is not in the table"
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            match = INCLUDE.match(line)
            problem = match and problem_of(module, match.group(1), modules, owners)
            if problem:
                yield f"{path.relative_to(root)}:{number}: {problem}"


def size_report(root):
    lines = {path: len(path.read_text().splitlines()) for path in source_files(root)}
    if not lines:
        return
    per_module = {}
    for path, count in lines.items():
        per_module.setdefault(module_of(path, root), []).append(count)
    print(f"{'module':<10} {'files':>5} {'lines':>6} {'median':>6} {'largest':>7}")
    for module, counts in sorted(per_module.items()):
        print(f"{module:<10} {len(counts):>5} {sum(counts):>6} {sorted(counts)[len(counts) // 2]:>6} {max(counts):>7}")
    print(f"{'all':<10} {len(lines):>5} {sum(lines.values()):>6}")
    for path, count in lines.items():
        if count > (HEADER_LIMIT if path.suffix == ".h" else LIMIT):
            print(f"longer than wanted: {path.relative_to(root)} ({count} lines)")


def self_test():
    wrong = {
        "src/gpiot/core/a.h": ('#include "gpiot/llm/session.h"', "core may not include llm"),
        "src/gpiot/agents/a.cpp": ("#include <llama.h>", "agents does not own llama"),
        "src/gpiot/eval/a.cpp": ("  #  include <nlohmann/json.hpp>", "eval does not own nlohmann/"),
        "src/gpiot/new/a.cpp": ("", "module new is not in the table"),
        "apps/a.cpp": ("#include <curl/curl.h>", "apps does not own curl/"),
        "bench/form/a.cpp": ("#include <openssl/evp.h>", "bench does not own openssl/"),
    }
    right = {
        "src/gpiot/core/b.h": '#include "gpiot/base/error.h"\n#include <vector>',
        "src/gpiot/llm/b.cpp": "#include <llama.h>\n#include <ggml-cpu.h>",
        "apps/b.cpp": '#include "gpiot/llm/b.h"\n#include "command_model.h"',
        "bench/form/b.cpp": '#include "gpiot/agents/b.h"\n#include "form_check.h"\n#include <CLI/CLI.hpp>',
    }
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for name, content in {**right, **{name: line for name, (line, _) in wrong.items()}}.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(content + "\n")
        found = list(findings(root))
        for name, (_, expected) in wrong.items():
            if not any(line.startswith(name) and expected in line for line in found):
                sys.exit(f"self-test: {name} was not found: {expected}\n" + "\n".join(found))
        if len(found) != len(wrong):
            sys.exit("self-test: something allowed was found:\n" + "\n".join(found))
    print(f"self-test: {len(wrong)} wrong includes found, {len(right)} right files left alone")


def main():
    if sys.argv[1:] == ["--self-test"]:
        return self_test()
    root = pathlib.Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else HERE.parent.parent
    size_report(root)
    found = list(findings(root))
    print("\n".join(found) if found else "every include is allowed")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
