"""The real binary with gpiot's own plans and functions, with a model beside them and without one.

Usage: own_test.py GPIOT_BINARY ROOT.   Exit status 0 when every check holds, 77 when there is no sandbox Python.
"""
import json
import os
import random
import subprocess

from scripted_model import Model, function
from small_project import ROWS, edited, make_project
from support import Scratch, check, expect_error, gpiot, need_sandbox, python_environment, read_json, shown, write

OWN = "gpiot's own function"
LEARNED = ROWS.replace('packages = ["numpy"]', 'packages = ["numpy", "sklearn"]') + '''column = "state"
[split]
by = "index"
final_share = 0.3
[result]
kind = "class"
learned = true
[result.variable]
name = "state"
type = "str"
[evaluator]
kind = "classification"
accuracy = 0.9
+++

Tell the state from u and v.
'''
PLAN = """- Sub-Task 1 [Scale numbers]
- Implementation step 1: Divide both numbers by ten.

- Sub-Task 2 [Combine numbers]
- Implementation step 1: Return both numbers as one vector.

- Sub-Task 3 [Classify states]
- Implementation step 1: Fit a nearest neighbour to the learning items."""
INTERFACES = ["Reasoning: It keeps the shape.\nInputs: `values`\n"
              "Output: `scaled` (numpy.ndarray, float64, (2,), no unit): Numbers divided by ten.\n",
              "Reasoning: It gives one vector.\nInputs: `scaled`\n"
              "Output: `features` (numpy.ndarray, float64, (n_features,)): features of one item\n"]
SCALE = function("scale_numbers(values)", "return values / 10")
COMBINE = function("combine_numbers(scaled)", "return scaled * 0")
CLASSIFY = function("classify_states(train_features, train_labels, features)", "return np.full(len(features), train_labels[0])")


def answer(text, body):
    for name, code in (("scale_numbers", SCALE), ("combine_numbers", COMBINE), ("classify_states", CLASSIFY)):
        if f"def {name}" in text:
            return code
    if "Sub-Task 1 [" in body.get("grammar", ""):
        return PLAN
    if "Inputs: " in body.get("grammar", ""):
        return INTERFACES[1 if "`scaled`" in text else 0]
    return "Computes what its step says and returns it."


def make_states(folder, requirement=LEARNED):
    chance = random.Random(4)
    rows = [(chance.gauss(3 * (i % 3), 0.4), chance.gauss(-2 * (i % 3), 0.4), "abc"[i % 3]) for i in range(150)]
    chance.shuffle(rows)
    write(folder, "requirement.md", requirement)
    write(folder, "data/states.csv", "u,v,state\n" + "".join(f"{u:.3f},{v:.3f},{s}\n" for u, v, s in rows))


def origins(folder):
    return [step["origin"] for step in read_json(folder, ".gpiot", "chosen.json")["steps"]]


def before_the_model():
    model = Model(answer)
    with Scratch() as folder:
        make_states(folder)
        done = gpiot("synthesize", folder, *model.options(own=True), "-n", "1", timeout_s=400)
        check(done.returncode == 0 and not model.asked, "gpiot's own functions come first, and the model is not asked", shown(done))
        check(all(one.startswith(OWN) for one in origins(folder)), "it is written down whose they are", str(origins(folder)))
        check("are gpiot's own, not the model's" in done.stderr, "and said", shown(done))
        texts = [open(os.path.join(folder, "app", name), encoding="utf-8").read() for name in ("classify_items.py", "README.md")]
        check("StratifiedKFold" in texts[0] and "shipped with gpiot" in texts[1], "the application holds code and documentation",
              "\n".join(texts))
    with Scratch() as folder:
        make_states(folder)
        done = gpiot("synthesize", folder, *model.options(), "-n", "1", "--repair", "0", timeout_s=400)
        check(done.returncode in (1, 3) and model.asked, "without them the model's are all there is", shown(done))
    with Scratch() as folder:
        home = os.path.join(folder, "home")
        make_states(folder + "/made")
        done = gpiot("synthesize", folder + "/made", GPIOT_HOME=home)
        check(done.returncode == 0 and not os.path.exists(os.path.join(home, "cache", "models")),
              "no model is downloaded where none is asked", shown(done))
        expect_error(gpiot("synthesize", folder + "/made", "--model", folder + "/none.gguf"), "not_found",
                     "a model that is not there is named before", "none.gguf")
        broken = write(folder, "broken.gguf", b"GGUF")
        expect_error(gpiot("synthesize", folder + "/made", "--model", broken), "format", "and one that is none", "broken.gguf",
                     remedy=False, expected=False)


def more_items_than_a_choice_has():
    """Four items for each step of u are too few to learn the steps from; the whole development part has twenty."""
    model = Model(answer)
    with Scratch() as folder:
        make_states(folder, LEARNED.replace("accuracy = 0.9", "accuracy = 0.93"))
        chance = random.Random(5)
        rows = [chance.uniform(0, 100) for _ in range(5000)]
        write(folder, "data/states.csv", "u,v,state\n" + "".join(f"{u:.4f},1,{'abc'[int(u) % 3]}\n" for u in rows))
        done = gpiot("synthesize", folder, *model.options(own=True), "-n", "1", timeout_s=400)
        check("the whole development part is measured" in done.stderr, "what misses in the choice is measured on all items", shown(done))
        check(done.returncode == 0 and not model.asked, "and where that is good enough no model is asked", shown(done))
        check(len(os.listdir(folder + "/runs")) == 2, "one run of each part", str(os.listdir(folder + "/runs")))


def without_a_model():
    offline = {"GPIOT_ENDPOINT": "http://127.0.0.1:9/v1"}  # nobody answers there
    with Scratch() as folder:
        make_states(folder)
        done = gpiot("synthesize", folder, "--no-model", **offline)
        check(done.returncode == 0, "what is learned needs no model", shown(done))
        check("no model is asked" in done.stderr, "that none is asked is said", shown(done))
        check(gpiot("run", folder, "--final").returncode == 0, "the program runs again")
    with Scratch() as folder:
        make_project(folder, edited('format = "csv"\nfiles = "*.beats"\ncolumn = "sample"', 'format = "marks"\ncolumn = "beat"'))
        mark_beats_in_the_records(folder)
        done = gpiot("synthesize", folder, "--no-model", **offline)
        check(done.returncode == 0, "nor do events with labels, here marked in the records", shown(done))
        with open(os.path.join(folder, ".gpiot", "views", "final", "test", "c.csv"), encoding="utf-8") as file:
            check(file.readline() == "ecg\n", "the program is not shown the marks")
        check("usually 0.8" in done.stderr, "the usual gap is told", shown(done))
        new_recordings(folder)
        check(not os.path.exists(os.path.join(folder, ".gpiot", "answers.jsonl")), "no answer of a model is on record")


def mark_beats_in_the_records(folder):
    for name in "abc":
        rows = open(os.path.join(folder, "data", name + ".csv"), encoding="utf-8").read().splitlines()
        beats = os.path.join(folder, "data", name + ".beats")
        marked = set(open(beats, encoding="utf-8").read().splitlines()[1:])
        os.remove(beats)
        write(folder, f"data/{name}.csv", "\n".join([rows[0] + ",beat"] + [f"{row},{int(str(i) in marked)}" for i, row in enumerate(rows[1:])]))


def new_recordings(folder):
    """The application works on a folder of recordings as they are."""
    results = []
    for data in (("data",), (".gpiot", "views", "final")):
        out = os.path.join(folder, "out.jsonl")
        ran = subprocess.run([os.path.join(python_environment(), "bin", "python3"), os.path.join(folder, "app", "main.py"),
                              "--data", os.path.join(folder, *data), "--out", out], capture_output=True, text=True)
        check(ran.returncode == 0, "the application runs by itself", ran.stderr)
        with open(out, encoding="utf-8") as file:
            results.append({line["record"]: line for line in map(json.loads, file)})
    check(len(results[0]) > len(results[1]) and all(results[0][one] == results[1][one] for one in results[1]),
          "recordings give what their view gives", str(results)[:400])
    with open(os.path.join(folder, "app", "README.md"), encoding="utf-8") as file:
        check("`FOLDER` holds new recordings" in file.read(), "its README says so")


def what_was_chosen_on_other_data_is_chosen_anew():
    with Scratch() as folder:
        make_states(folder)
        check(gpiot("synthesize", folder, "--no-model").returncode == 0, "a program is there")
        status = gpiot("status", folder).stdout
        check("finished: " in status and "changed" not in status, "it is finished", status)
        os.makedirs(os.path.join(folder, "app", "__pycache__"))
        write(folder, "app/__pycache__/main.cpython-311.pyc", "left by who ran it")
        done = gpiot("synthesize", folder, "--no-model")
        check("finished already" in done.stderr, "having been run does not change it", shown(done))

        write(folder, "requirement.md", LEARNED.replace("final_share = 0.3", "final_share = 0.3\nseed = 7"))
        status = gpiot("status", folder).stdout
        check("requirement.md changed since the last result" in status and "finished: " not in status,
              "another split is seen", status)
        done = gpiot("run", folder, "--final")
        check("doubt (chosen_elsewhere)" in done.stderr, "what was chosen on other parts is doubted", shown(done))
        done = gpiot("synthesize", folder, "--no-model")
        check(done.returncode == 0 and "chosen by running on the development part" in done.stderr and
              "chosen_elsewhere" not in done.stderr, "what is measured at the end was not chosen on", shown(done))

        rows = open(os.path.join(folder, "data", "states.csv"), encoding="utf-8").read().splitlines()
        write(folder, "data/states.csv", "\n".join(rows[:1] + rows[3:]) + "\n")
        status = gpiot("status", folder).stdout
        check("the data changed since the last result" in status, "so is other data", status)
        check("finished already" not in gpiot("synthesize", folder, "--no-model").stderr, "and it is worked on")

        write(folder, "requirement.md", LEARNED.replace("accuracy = 0.9", "accuracy = 1.0\nmacro_f1 = 1.0"))
        write(folder, "data/states.csv", "\n".join(rows[:1] + [row[:-1] + "abc"[i % 3] for i, row in enumerate(rows[1:])]) + "\n")
        done = gpiot("synthesize", folder, "--no-model")
        check(done.returncode == 3 and "not accepted: accuracy: got " in done.stdout, "what is missed is said", shown(done))
        check("finished already" in gpiot("synthesize", folder, "--no-model").stderr, "and stands without a model")
        done = gpiot("synthesize", folder, GPIOT_ENDPOINT="http://127.0.0.1:9/v1", GPIOT_MODEL="script")
        check(done.returncode == 3 and "the model cannot be had" in done.stderr and "final part" in done.stdout,
              "where the model cannot be had, what is there is measured", shown(done))
        again = [folder, *Model(answer).options(own=True), "-n", "1", "--plans", "2", "--repair", "0"]
        done = gpiot("synthesize", *again, timeout_s=400)
        plans = read_json(folder, ".gpiot", "plans.json")["plans"]
        check("the model is asked now" in done.stderr and [one.get("outcome") is not None for one in plans][:2] == [True, True],
              "a model goes on from there", shown(done))
        stored = read_json(folder, ".gpiot", "plans", "2", "candidates.json")["candidates"]
        kinds = [[one["origin"].startswith(OWN) for one in step] for step in stored]
        check(kinds == [[False], [True, False], [True, False]], "gpiot's functions stand beside its", str(kinds))
        check("finished already" in gpiot("synthesize", *again).stderr, "once")


def what_gpiot_has_no_functions_for():
    with Scratch() as folder:
        unlabelled = edited('[labels]\nformat = "csv"\nfiles = "*.beats"\ncolumn = "sample"\n', "")
        make_project(folder, edited('kind = "events"\ntolerance_ms = 150\nprecision = 0.95\nrecall = 0.95\n',
                                    'kind = "contract"\n', unlabelled))
        expect_error(gpiot("synthesize", folder, "--no-model"), "unsupported", "events without labels", "--no-model")
    with Scratch() as folder:
        make_states(folder, LEARNED.replace(', "sklearn"', ""))
        expect_error(gpiot("synthesize", folder, "--no-model"), "unsupported", "a learner without its package", "sklearn")


if __name__ == "__main__":
    need_sandbox()
    without_a_model()
    before_the_model()
    more_items_than_a_choice_has()
    what_was_chosen_on_other_data_is_chosen_anew()
    what_gpiot_has_no_functions_for()
