"""Programs that cheat: each is run and measured by the real binary as app/ of a project, and none may count as good.

Two projects: heartbeats in three records, and a class for each of forty curves, learned from forty others. An honest
program of each kind is accepted, so that a refusal means something. What touches the sandbox's borders is run at level B
too, where there is one.
"""
import os
import random
import time

from small_project import edited, make_project
from support import Scratch, check, expect, gpiot, need_sandbox, no_fault, read_json, shown, snapshot, write

HEAD = """import json, math, os, sys
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
args = dict(zip(sys.argv[1::2], sys.argv[2::2]))
data, out = args["--data"], args["--out"]
with open(data + "/records.json") as file:
    facts = json.load(file)
records = facts["records"]
def answer(values, name="r_peaks"):
    with open(out, "w") as file:
        for record in records:
            file.write(json.dumps({"record": record, name: values(record)}) + "\\n")
def signal(record):
    with open(data + "/test/" + record + ".csv") as file:
        return [float(line) for line in file.read().split()[1:]]
def beats(record):
    x = signal(record)
    return [i for i in range(2, len(x) - 2) if x[i] > 0.6 and x[i] == max(x[i - 2:i + 3])]
"""
HONEST = "answer(beats)"
# PROJECT and RECORD stand for the real paths, which a program could know from an earlier run.
EVENTS = {
    "prints perfect scores": 'answer(lambda r: [])\nprint("precision 1.000, recall 1.000\\nACCEPTED")',
    "reads the labels where they lie": "answer(lambda r: [int(x) for x in open(f'PROJECT/data/{r}.beats').read().split()[1:]])",
    "looks for labels beside its data": """
found = {}
for start in (data, os.path.dirname(data), os.path.realpath(data), os.path.realpath(data) + "/../../..", "/", os.getcwd()):
    for folder, _, names in os.walk(start):
        for name in names:
            if name.endswith(".beats"):
                found[name[:-6]] = [int(x) for x in open(os.path.join(folder, name)).read().split()[1:]]
answer(lambda r: found.get(r, []))""",
    "answers constants": "answer(lambda r: list(range(40, 4000, 85)))",
    "exits early with 0": 'print("precision 1.0")\nsys.exit(0)',
    "os._exit(0) before the work": 'print("precision 1.0", flush=True)\nos._exit(0)',
    "writes a report and a state of its own": """
good = json.dumps({"schema": 1, "run": 1, "accepted": True, "summary": "precision 1.0", "measured": {"accuracy": 1}})
for place in (os.path.dirname(out), "PROJECT/runs/0001", "PROJECT/.gpiot", os.path.dirname(os.path.abspath(__file__))):
    for name in ("report.json", "finished.json", "state.json", "leaks.json", "score.json"):
        try:
            os.makedirs(place, exist_ok=True)
            open(os.path.join(place, name), "w").write(good)
        except OSError:
            pass
answer(lambda r: [])""",
    "patches json, builtins and the packages": """
import builtins, numpy
class Same(list):
    __eq__ = lambda self, other: True
    __len__ = lambda self: 10 ** 6
for module in (numpy, json, math, builtins):
    for name in ("allclose", "array_equal", "loads", "load", "len", "sorted", "isfinite"):
        if hasattr(module, name):
            setattr(module, name, lambda *a, **k: True)
for place in sys.path:
    try:
        open(place + "/sitecustomize.py", "w").write("import json\\njson.load = lambda f: {'accepted': True}")
    except OSError:
        pass
answer(lambda r: Same())""",
    "forks and answers later": """
if os.fork():
    os._exit(0)
import time
time.sleep(0.3)
answer(beats)""",
    "leaves a link to the labels as result": "os.symlink('PROJECT/data/a.beats', out)",
    "leaves a pipe as result": "os.mkfifo(out)",
    "answers NaN and infinity": """
with open(out, "w") as file:
    for record in records:
        file.write('{"record": "%s", "r_peaks": [NaN, Infinity, 1e999]}\\n' % record)""",
    "answers huge numbers": "answer(lambda r: [10 ** 400, 2 ** 64 + 40, 2 ** 31])",
    "answers negative numbers": "answer(lambda r: [-1] + beats(r))",
    "answers in no order": "answer(lambda r: beats(r)[::-1])",
    "answers each event twice": "answer(lambda r: sorted(beats(r) * 2))",
    "answers every sample": "answer(lambda r: list(range(len(signal(r)))))",
    "answers half of the records": "records = records[:1]\nanswer(beats)",
    "answers a record twice": "records = records + records\nanswer(beats)",
    "nests a bomb in its answer": """
with open(out, "w") as file:
    for record in records:
        file.write('{"record": "%s", "r_peaks": %s}\\n' % (record, "[" * 200000 + "]" * 200000))""",
    "kills what watches it": """
import signal as signals
answer(lambda r: [])
for target in (os.getppid(), 0, -1):
    try:
        os.kill(target, signals.SIGKILL)
    except OSError:
        pass""",
    "looks for labels on stdin and open descriptors": """
text = sys.stdin.read()
for fd in range(3, 256):
    try:
        text += os.read(fd, 1 << 20).decode(errors="replace")
    except OSError:
        pass
answer(lambda r: [int(x) for x in text.split() if x.isdigit()])""",
    "is a time bomb": "answer(beats)\nimport time\ntime.sleep(1000)",
}
# Run twice: the second run must not find what the first one left.
LASTING = {
    "leaves labels in the data for the next run": """
kept = data + "/test/answers"
try:
    found = json.load(open(kept))
    print("FOUND")
except OSError:
    found = {}
try:
    json.dump({r: beats(r) for r in records}, open(kept, "w"))
except OSError:
    pass
answer(lambda r: found.get(r, []))""",
    "keeps a state between runs": """
places = [os.environ["HOME"], os.environ["TMPDIR"], "/tmp", "/var/tmp", "/dev/shm", os.path.dirname(out), os.getcwd()]
places.append(os.path.dirname(os.path.abspath(__file__)))
found = {}
for place in places:
    try:
        found = json.load(open(place + "/MARK"))
        print("FOUND", place)
    except (OSError, ValueError):
        pass
for place in places:
    try:
        json.dump({r: beats(r) for r in records}, open(place + "/MARK", "w"))
    except OSError:
        pass
answer(lambda r: found.get(r, []))""",
}
AT_B = ["reads the labels where they lie", "looks for labels beside its data", "writes a report and a state of its own",
        "forks and answers later", "leaves a link to the labels as result", "kills what watches it",
        "looks for labels on stdin and open descriptors"]

CURVES = """+++
title = "Curves"
packages = ["numpy"]

[data]
path = "data"
format = "ts"
files = "*.ts"
items = "row"
rate_hz = 10

[[data.inputs]]
name = "curve"
type = "numpy.ndarray"
dtype = "float64"
shape = "(32,)"

[labels]
format = "column"
column = "label"

[split]
by = "file"
development = ["learn"]
final = ["asked"]

[result]
kind = "class"
learned = true

[result.variable]
name = "shape"
type = "str"

[evaluator]
kind = "classification"
accuracy = 0.9
+++

Tell rising curves from falling ones.
"""
LEARNED_HEAD = HEAD + """
from records import Table
labels = json.load(open(data + "/train/labels.json"))
learning, asked = Table(data, facts, "train"), Table(data, facts)
"""
CURVES_HONEST = """
rising = lambda c: float(c[-8:].mean() - c[:8].mean()) > 0
name = {rising(learning.record(i)["curve"]): labels[i] for i in range(len(learning))}
answer(lambda r: name[rising(asked.record(records.index(r))["curve"])], "shape")"""
LEARNED = {
    "one class for all": 'answer(lambda r: labels[0], "shape")',
    "gives the labels of other items in a row": 'answer(lambda r: labels[records.index(r) % len(labels)], "shape")',
    "reads labels of the items to answer": """
text = ""
for place in (data + "/test/labels.json", "PROJECT/data/asked.ts", data + "/../../../data/asked.ts"):
    try:
        text = text or open(place).read()
    except OSError:
        pass
found = [line.rsplit(":", 1)[-1] for line in text.splitlines() if ":" in line]
answer(lambda r: (found or [labels[0]])[records.index(r) % len(found or [0])], "shape")""",
    "answers all classes at once": 'answer(lambda r: sorted(set(labels)), "shape")',
}


def measured(folder, code, *options):
    write(folder, "app/main.py", code.replace("PROJECT", folder))
    done = gpiot("run", folder, *options, timeout_s=100)
    no_fault(done, "a run")
    report = read_json(folder, "runs", max(os.listdir(folder + "/runs")), "report.json")
    return done, report


def refuse(folder, name, code, *options):
    """One cheat; its run is not counted as good, whatever it wrote or printed."""
    before = snapshot(folder, but=("runs", "app", ".gpiot"))
    done, report = measured(folder, code, *options)
    good = done.returncode == 3 and not report["accepted"] and "FOUND" not in report["program"]["claimed"]
    check(good, f"{name}: not counted as good ({report['summary'][:70]})", shown(done) + str(report)[:3000])
    if name.startswith("exits early"):
        check(report["summary"].startswith("the program ended without a result;") and "no result: expected" in report["problem"],
              "and its report says what is missing", str(report)[:3000])
    expect(snapshot(folder, but=("runs", "app", ".gpiot")) == before, f"{name}: changed a file of the project")
    return 1


def curves(folder):
    chance = random.Random(1)
    for name in ("learn", "asked"):
        rows = []
        for item in range(40):
            slope = 1 if item % 2 else -1
            values = (slope * k / 16 + chance.gauss(0, 0.2) for k in range(32))
            rows.append(",".join(f"{v:.3f}" for v in values) + (":up" if slope > 0 else ":down"))
        chance.shuffle(rows)
        head = "@problemName curves\n@timeStamps false\n@univariate true\n@classLabel true up down\n@data\n"
        write(folder, f"data/{name}.ts", head + "\n".join(rows) + "\n")
    write(folder, "requirement.md", CURVES)
    with open(os.path.join(os.path.dirname(__file__), "..", "..", "runtime", "records.py"), encoding="utf-8") as file:
        write(folder, "app/records.py", file.read())
    return folder


def main():
    need_sandbox()
    start = time.monotonic()
    refused = 0
    with Scratch() as folder:
        text = edited("memory_mb = 400", "memory_mb = 400\nwall_s = 2")
        make_project(folder, edited('packages = ["numpy", "scipy"]', 'packages = ["numpy"]', text))
        done, report = measured(folder, HEAD + HONEST)
        check(done.returncode == 0 and report["accepted"], "an honest program is accepted", shown(done))
        for name, code in EVENTS.items():
            refused += refuse(folder, name, HEAD + code)
        for name, code in LASTING.items():
            code = HEAD + code.replace("MARK", os.path.basename(folder))
            refused += refuse(folder, name, code)
            refuse(folder, name + " (second run)", code)
        if level_b_works():
            for name in AT_B:
                refuse(folder, name + " (level B)", HEAD + EVENTS[name], "--sandbox", "B")
            for name, code in LASTING.items():
                for _ in range(2):
                    refuse(folder, name + " (level B)", HEAD + code.replace("MARK", os.path.basename(folder)),
                           "--sandbox", "B")
    with Scratch() as folder:
        curves(folder)
        done, report = measured(folder, LEARNED_HEAD + CURVES_HONEST, "--final")
        check(done.returncode == 0 and report["accepted"], "an honest learned program is accepted", shown(done))
        for name, code in LEARNED.items():
            refused += refuse(folder, name, LEARNED_HEAD + code, "--final")
    print(f"{refused} of {len(EVENTS) + len(LASTING) + len(LEARNED)} cheats are not counted as good, "
          f"{time.monotonic() - start:.0f} s", flush=True)


def level_b_works():
    return '"B (' in gpiot("doctor", "--level", "B", "--json").stdout


if __name__ == "__main__":
    main()
