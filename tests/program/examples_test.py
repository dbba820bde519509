"""Every example of examples/ with data from a plan to a program measured on its final part, by a scripted model.

The heartbeat and smartphone examples have tests of their own (synthesize, learned). Examples whose data the user brings
end in an error that names their README; they are measured where GPIOT_EXAMPLE_DATA names a folder with a folder for
each, such as csi-activity/wiar.npz.

Usage: examples_test.py GPIOT_BINARY ROOT.   Exit status 0 when every check holds, 77 when there is no sandbox Python.
"""
import os
import re
import shutil
import sys

import example_programs
from scripted_model import Model
from support import ROOT, Scratch, check, expect_error, gpiot, need_sandbox, read_json, write

EXAMPLES = os.path.join(ROOT, "examples")
TARGET = "Computes what its step says and returns it."


class Script:
    """Answers as a model that knows one example's program: three sub-tasks, each with its code."""

    def __init__(self, program):
        self.program = program

    def __call__(self, text, body):
        grammar = body.get("grammar", "")
        for step in self.program.steps:
            if f"def {step.function}(" in text:
                return step.code
        if "Sub-Task 1 [" in grammar:
            return self.program.plan()
        if "Inputs: " in grammar:
            first = self.program.steps[0]
            return self.program.steps[1 if f"`{first.output}`" in text else 0].interface
        return TARGET


def requirement_of(name, data):
    with open(os.path.join(EXAMPLES, name, "requirement.md"), encoding="utf-8") as file:
        text = file.read()
    check('path = "data"' in text, f"{name}: the data is taken from the folder data", text[:400])
    return text.replace('path = "data"', f'path = "{data}"')


def measured(name, data):
    program = example_programs.PROGRAMS[name]
    with Scratch() as folder:
        write(folder, "requirement.md", requirement_of(name, data))
        model = Model(Script(program))
        done = gpiot("synthesize", folder, *model.options(), "-n", "1", timeout_s=400)
        shown = done.stdout + done.stderr
        check(done.returncode in (0, 3), f"{name}: ends measured", shown)
        reports = [read_json(folder, "runs", run, "report.json") for run in sorted(os.listdir(folder + "/runs"))]
        final = reports[-1]
        check(final["part"] == "final" and final["measured"]["contract"]["kept"], f"{name}: the final part is measured",
              shown)
        check(final["budget"]["within"], f"{name}: within its budget", str(final["budget"]))
        figures = final["measured"]["classes" if program.figure == "accuracy" else "values"]
        value = figures[program.figure]
        good = value <= program.bound if program.figure == "mae" else value >= program.bound
        check(good, f"{name}: {program.figure} {value:.3f} where {program.bound} is asked of the script",
              re.sub(r"\s+", " ", shown)[-1500:])
        check(bool(final["accepted"]) == (done.returncode == 0), f"{name}: accepted: {final['accepted']}", shown)
        done = gpiot("status", folder)
        check(done.returncode == 0, f"{name}: status shows it", done.stderr)


def without_data(name):
    """The data of these is not in the repository: the error names the README that says where it comes from."""
    with Scratch() as folder:
        for file in ("requirement.md", "README.md"):
            shutil.copy(os.path.join(EXAMPLES, name, file), folder)
        readme = os.path.join(folder, "README.md")
        model = Model()
        done = gpiot("synthesize", folder, *model.options())
        expect_error(done, "not_found", f"{name} without its data", "no such data folder")
        check(readme in done.stderr, f"{name}: the error names the README", done.stderr)
        os.mkdir(os.path.join(folder, "data"))
        done = gpiot("synthesize", folder, *model.options())
        expect_error(done, "data", f"{name} with an empty folder", "got no file")
        check(readme in done.stderr and not model.asked, f"{name}: named again, and no token is spent", done.stderr)


def main():
    need_sandbox()
    wanted = sys.argv[3:]
    given = os.environ.get("GPIOT_EXAMPLE_DATA", "")
    for name in wanted or example_programs.PROGRAMS:
        shipped = os.path.join(EXAMPLES, name, "data")
        brought = os.path.join(given, name)
        if os.path.isdir(shipped) and name not in example_programs.BROUGHT:
            measured(name, shipped)
            continue
        without_data(name)
        if given and os.path.isdir(brought):
            measured(name, brought)
        else:
            print(f"skipped: {name}: GPIOT_EXAMPLE_DATA names no folder with its data", flush=True)


if __name__ == "__main__":
    main()
