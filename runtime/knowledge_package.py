"""Tells what installed packages offer: one object for each public function, class, method and module.

Usage: knowledge_package.py --out DIR.   Input on stdin: {"packages": [import or distribution name], "limits": {"seconds":
600 and "cpu_seconds": 120 for each package, "objects": 20000 for each, "characters": 60000 of a text}}, limits optional.
Output: objects.jsonl, a JSON object a line, and packages.json: {"packages": [{"package", "version", "objects", "modules",
"skipped": [{"module", "why"}], "cut": "" or why objects are missing, "seconds", "cpu_seconds"}]}; the form of both is in
docs/knowledge.md.
Every package is imported in a process of its own, whose output goes nowhere. A package that is not installed, or gives
no object, is named on stderr, and the exit status is 3; the others are in the output all the same.
"""
import argparse
import inspect
import json
import os
import re
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from children import run_children  # noqa: E402
from knowledge_lines import Refusal, job_from, refuse, tell, write_line  # noqa: E402
from knowledge_names import (Deadline, import_name, methods_of, names_of, own_name, path_rank,  # noqa: E402
                             public_modules, version_of)
from knowledge_object import describe  # noqa: E402

LIMITS = {"seconds": 600, "cpu_seconds": 120, "objects": 20000, "characters": 60000}


def gather(package, deadline, skipped):
    """([module], [(object, [paths, the best first])]), both in the order of their names."""
    modules, found = [], {}
    for module in public_modules(package, deadline, skipped):
        names = names_of(module, package)
        if names:
            modules.append(module)
        for name, obj in names.items():
            found.setdefault(id(obj), (obj, []))[1].append(f"{module.__name__}.{name}")
    things = [(obj, sorted(set(paths), key=lambda p, o=obj: path_rank(p, own_name(o)))) for obj, paths in found.values()]
    return modules, sorted(things, key=lambda t: t[1][0])


def kind_of(obj):
    if inspect.isclass(obj):
        return "class"
    return "function" if inspect.isroutine(obj) or type(obj).__name__ == "ufunc" or not obj_has_methods(obj) else "object"


def obj_has_methods(obj):
    return not callable(obj) or any(not n.startswith("_") and callable(getattr(type(obj), n, None)) for n in dir(type(obj)))


def objects_of(package, limits, deadline, skipped):
    """Yields the objects: modules, then the rest by name, the methods of a class after it."""
    about = {"package": package, "version": version_of(package), "aliases": [], "max_characters": limits["characters"]}
    modules, things = gather(package, deadline, skipped)
    for module in modules:
        yield describe(module.__name__, "module", module, {**about, "names": sorted(names_of(module, package))})
    members = {paths[0]: methods_of(obj, package) for obj, paths in things if inspect.isclass(obj)}
    homes = homes_of({paths[0]: obj for obj, paths in things if inspect.isclass(obj)}, members)
    for obj, paths in things:
        own, attributes = members.get(paths[0], ({}, []))
        more = {"methods": sorted(own), "attributes": attributes} if inspect.isclass(obj) else {}
        yield describe(paths[0], kind_of(obj), obj, {**about, "aliases": paths[1:], **more})
        for name, (value, key, drop) in own.items():
            if homes[key][0] == f"{paths[0]}.{name}":
                yield describe(f"{paths[0]}.{name}", "method", value, {**about, "aliases": homes[key][1:]}, drop)


def homes_of(classes, members):
    """{key of a method: paths}, first that in the class that defines it, or in the one with the shortest path."""
    homes = {}
    for path, (own, _) in members.items():
        for name, (_, key, _) in own.items():
            homes.setdefault(key, []).append((key[0] is not classes[path], path_rank(f"{path}.{name}", name)))
    return {key: [rank[-1] for _, rank in sorted(paths)] for key, paths in homes.items()}


def read_package(package, path, limits):
    """Appends the objects to the file at `path` as they come, so that those before an end by force are kept."""
    deadline = Deadline(limits["seconds"], limits["cpu_seconds"])
    skipped, count, cut = [], 0, ""
    modules = 0
    with open(path, "a", buffering=1, encoding="utf-8") as file:
        for thing in objects_of(package, limits, deadline, skipped):
            if count >= limits["objects"]:
                cut = f"more than {limits['objects']} objects"
                break
            if deadline.passed():
                break
            write_line(file, thing)
            count += 1
            modules += thing["kind"] == "module"
    cut = deadline.words() if deadline.passed() and not cut else cut
    return {"ok": True, "package": package, "version": version_of(package), "objects": count, "modules": modules,
            "skipped": skipped, "cut": cut, "cpu_seconds": round(time.process_time(), 2)}


def whole_lines(path, start):
    """Cuts a line that was not written to its end; how many there are after `start`."""
    with open(path, "r+b") as file:
        file.seek(start)
        data = file.read()
        file.truncate(start + data.rfind(b"\n") + 1)
    return data.count(b"\n")


def read_apart(package, path, limits):
    start = os.path.getsize(path)
    grace = limits["seconds"] * 1.25 + 5
    answer = run_children([lambda: read_package(package, path, limits)], grace)[0]
    count = whole_lines(path, start)
    seconds = answer.pop("wall_s")
    if not answer.pop("ok", False):
        answer = {"package": package, "version": "", "objects": count, "modules": 0, "skipped": [], "cpu_seconds": None,
                  "cut": "stopped: " + str(answer.get("problem", ""))}
    return {**answer, "seconds": seconds}


def read_all(job, out):
    limits, packages = job_from(job, LIMITS), job.get("packages")
    if not isinstance(packages, list) or not packages or not all(isinstance(p, str) for p in packages):
        raise Refusal("the job", f"packages {packages!r}"[:200], "a list of names")
    path = os.path.join(out, "objects.jsonl.partial")
    open(path, "w").close()
    answers, refused = [], 0
    for asked in dict.fromkeys(packages):
        name = import_name(asked) if re.fullmatch(r"[A-Za-z0-9][\w.-]{0,100}", asked) else None
        if name is None:
            refused += refuse(Refusal(asked, "no package of this name", "one that is installed"))
            continue
        answers.append(read_apart(name, path, limits))
        if not answers[-1]["objects"]:
            why = answers[-1]["cut"] or next((s["why"] for s in answers[-1]["skipped"]), "nothing public")
            refused += refuse(Refusal(asked, why, "a package with functions or classes"))
    os.replace(path, path[:-len(".partial")])
    tell(out, "packages.json", {"format": "gpiot-knowledge-packages-1", "packages": answers})
    return 3 if refused else 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", required=True)
    options = parser.parse_args()
    try:
        return read_all(json.load(sys.stdin), options.out)
    except (Refusal, ValueError, RecursionError) as error:
        return 3 * refuse(error if isinstance(error, Refusal) else Refusal("the job", str(error), "a JSON object"))


if __name__ == "__main__":
    sys.exit(main())
