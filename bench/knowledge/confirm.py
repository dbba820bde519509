#!/usr/bin/env python3
"""Is what raw_names.py says true? Samples are run, without any check before, and what they raise stands beside what was said.

    bench/knowledge/confirm.py DIR [--samples 6] [--draw 100] [--seed 1]     with the Python of the generated programs

DIR as for raw_names.py. Half of the drawn answers are ones of which it says that a call does not exist or does not bind, half
ones of which it does not. Each runs on the synthetic inputs of the checks, in a bubblewrap sandbox without network whose only
writable folder is its own /tmp. JSON on stdout: how many of both raised an ImportError, an AttributeError of a module or
class, or a TypeError of a call that does not bind; the rest by what they did."""
import argparse
import collections
import glob
import json
import multiprocessing
import os
import random
import re
import subprocess
import sys

from raw_names import INVENTED, code_of, first_problem, packages_of, specifications

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
RUNTIME = os.path.join(ROOT, "runtime")
RAISED = re.compile(r"^(ImportError|ModuleNotFoundError|AttributeError: (module|type object)|TypeError: .*(unexpected keyword|positional"
                    r"|required argument|multiple values|not take))")


def variables(text):
    found = re.findall(r"^- `(\w+)` \((.*)\)(?:: (.*))?$", text, re.MULTILINE)
    variable = []
    for name, facts, description in found:
        parts = re.split(r", (?![^(]*\))", facts)
        array = parts[0] == "numpy.ndarray" and len(parts) >= 3
        variable.append({"name": name, "type": parts[0], "dtype": parts[1] if array else "", "shape": parts[2] if array else "",
                         "unit": parts[-1] if len(parts) > 1 else "", "description": description})
    return variable


def interfaces(project):
    found = []
    for path in sorted(glob.glob(os.path.join(project, "specs", "*.md"))):
        with open(path, encoding="utf-8") as file:
            inputs, outputs = file.read().split("**Input Specifications**")[1].split("**Output Specifications**")
        found.append((variables(inputs), variables(outputs.split("**Implementation steps**")[0])))
    return found


def samples_of(folder, samples):
    for project in sorted(glob.glob(os.path.join(folder, "*-off")) + glob.glob(os.path.join(folder, "*-on"))):
        with open(os.path.join(project, ".gpiot", "answers.jsonl"), encoding="utf-8") as file:
            answers = [a["answer"] for a in map(json.loads, file) if a["stage"] == "generate"]
        specs, faces, packages = specifications(project), interfaces(project), packages_of(project)
        for i, answer in enumerate(answers):
            code = code_of(answer)
            if answer != "MISSING" and code:
                (function, inputs), (given, results) = specs[i // samples], faces[i // samples]
                kind, words = first_problem(code, function, inputs, packages, False)
                yield {"code": code, "function": function, "inputs": given, "outputs": results, "steps": "",
                       "packages": packages, "said": kind in INVENTED, "words": words}


def run_inside():
    """In the sandbox: each sample in a process of its own; what happened, one JSON line for each."""
    sys.path.insert(0, RUNTIME)
    import check_candidates
    check_candidates.check_module = lambda *_: None
    for line in sys.stdin:
        sample = json.loads(line)
        ours, theirs = multiprocessing.Pipe()

        def run():
            report = check_candidates.check_code(sample["code"], sample, sample["packages"], 1, {})
            theirs.send("ran" if report["ok"] else f"{report['problem']}" if report["kind"] == "run" else f"check: {report['problem']}")

        child = multiprocessing.get_context("fork").Process(target=run)
        child.start()
        said = ours.recv() if ours.poll(20) else "no end"
        child.kill()
        print(json.dumps(said), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--samples", type=int, default=6)
    parser.add_argument("--draw", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--list", help="what was said and what happened goes there")
    arguments = parser.parse_args()
    every, draw = list(samples_of(arguments.folder, arguments.samples)), random.Random(arguments.seed)
    chosen = []
    for said in (True, False):
        chosen += draw.sample([s for s in every if s["said"] == said], arguments.draw // 2)
    command = ["bwrap", "--unshare-all", "--die-with-parent", "--new-session", "--ro-bind", "/", "/", "--tmpfs", "/tmp", "--ro-bind", ROOT, ROOT, "--dev",
               "/dev", "--proc", "/proc", "--clearenv", "--setenv", "OMP_NUM_THREADS", "1", sys.executable, os.path.abspath(__file__), "--inside"]
    done = subprocess.run(command, input="".join(json.dumps(s) + "\n" for s in chosen), capture_output=True, text=True, check=True)
    happened = [json.loads(line) for line in done.stdout.splitlines()]
    counts = {"said": collections.Counter(), "not said": collections.Counter()}
    for sample, what in zip(chosen, happened, strict=True):
        kind = "raised it" if RAISED.match(what) else what.split(":")[0][:40]
        counts["said" if sample["said"] else "not said"][kind] += 1
    if arguments.list:
        with open(arguments.list, "w", encoding="utf-8") as file:
            file.writelines(json.dumps({"said": s["words"], "happened": w}) + "\n" for s, w in zip(chosen, happened))
    print(json.dumps({"bench": "knowledge-confirm", "seed": arguments.seed, "of": len(every),
                      **{k: dict(v.most_common()) for k, v in counts.items()}}, indent=1))


if __name__ == "__main__":
    run_inside() if sys.argv[1:2] == ["--inside"] else main()
