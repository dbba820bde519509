"""The real binary from a plan to a measured program that learns, on real windows of a smartphone, split by person.

Usage: learned_test.py GPIOT_BINARY ROOT.   Exit status 0 when every check holds, 77 when there is no sandbox Python.
"""
import json
import os
import shutil
import tempfile

from scripted_model import Model, function
from support import ROOT, check, gpiot, need_sandbox, read_json, write

EXAMPLE = os.path.join(ROOT, "examples", "activity-recognition")
PLAN = """- Sub-Task 1 [Normalize levels]
- Implementation step 1: Subtract the mean of each channel from the window.

- Sub-Task 2 [Extract features]
- Implementation step 1: Compute mean, spread and size of changes of each channel.

- Sub-Task 3 [Classify activity]
- Implementation step 1: Fit a random forest of 100 trees to the learning items.
"""
INTERFACES = ["Reasoning: It keeps the shape.\nInputs: `window`, `rate_hz`\n"
              "Output: `centred` (numpy.ndarray, float64, (128, 9), no unit): Window without its mean.\n",
              "Reasoning: It gives one vector.\nInputs: `centred`, `window`, `rate_hz`\n"
              "Output: `features` (numpy.ndarray, float64, (n_features,)): features of one item\n"]
CENTRE = function("normalize_levels(window, rate_hz)", "return window - window.mean(axis=0)")
FEATURES = function("extract_features(centred, window, rate_hz)", """
changes = np.abs(np.diff(centred, axis=0)).mean(axis=0)
return np.concatenate([window.mean(axis=0), centred.std(axis=0), changes, window.min(axis=0), window.max(axis=0)])
""")
LEARNER = function("classify_activity(train_features, train_labels, features, trees=100)", """
model = RandomForestClassifier(n_estimators=trees, random_state=0)
model.fit(train_features, train_labels)
return model.predict(features)
""", "import numpy as np\nfrom sklearn.ensemble import RandomForestClassifier")
CONSTANT = function("classify_activity(train_features, train_labels, features, trees=100)",
                    'return np.full(len(features), "SITTING")')


def answer(text, body):
    grammar = body.get("grammar", "")
    for name, code in (("normalize_levels", CENTRE), ("extract_features", FEATURES)):
        if f"def {name}" in text:
            return code
    if "def classify_activity" in text:
        return LEARNER if body.get("seed", 0) % 2 else CONSTANT
    if "Sub-Task 1 [" in grammar:
        return PLAN
    if "Inputs: " in grammar:
        return INTERFACES[1 if "`centred`" in text else 0]
    return "Computes what its step says and returns it."


def main():
    need_sandbox()
    model = Model(answer)
    folder = tempfile.mkdtemp(prefix="gpiot-test-")
    with open(os.path.join(EXAMPLE, "requirement.md"), encoding="utf-8") as file:
        text = file.read().replace('path = "data"', f'path = "{EXAMPLE}/data"')
    write(folder, "requirement.md", text)

    done = gpiot("synthesize", folder, *model.options(), "-n", "2", timeout_s=400)
    shown = done.stdout + done.stderr
    check(done.returncode == 0, "the synthesis ends accepted", shown)
    check("always 'LAYING'" in shown or "always 'STANDING'" in shown or "always 'WALKING" in shown,
          "the commonest label stands beside the accuracy", shown)
    reports = [read_json(folder, "runs", run, "report.json") for run in sorted(os.listdir(os.path.join(folder, "runs")))]
    final = reports[-1]
    classes = final["measured"]["classes"]
    check(final["part"] == "final" and classes["accuracy"] >= 0.85, "the final persons are recognised", str(classes))
    check(sum(sum(row.values()) for row in classes["confusion"].values()) == classes["items"],
          "the confusion matrix holds every item", str(classes["confusion"]))

    candidates = read_json(folder, ".gpiot", "candidates.json")["candidates"]
    check(not [c for step in candidates for c in step if c["origin"].startswith("gpiot's own")], "none of gpiot's own", "")
    check([c for c in candidates[2] if "same answer for all" in c.get("problem", "")],
          "a constant learner is refused", json.dumps(candidates[2])[:800])
    facts = read_json(folder, ".gpiot", "views", "final", "records.json")
    check(not set(facts["records"]) & set(facts["train"]), "no item is on both sides", "")
    view = os.path.join(folder, ".gpiot", "views", "final")
    check(sorted(os.listdir(os.path.join(view, "test"))) == ["window.npy"], "the items to answer have no labels",
          str(os.listdir(os.path.join(view, "test"))))
    check("labels.json" in os.listdir(os.path.join(view, "train")), "the learning items have theirs", "")
    subjects = [report["measured"]["classes"]["items"] for report in reports]
    check(len(set(subjects)) == 2, "the development persons are parted once more", str(subjects))

    # A program that answers the labels of the learning items in a row is measured, and refused.
    write(folder, "app/main.py", "import json, sys\nargs = dict(zip(sys.argv[1::2], sys.argv[2::2]))\n"
          "facts = json.load(open(args['--data'] + '/records.json'))\n"
          "labels = json.load(open(args['--data'] + '/train/labels.json'))\n"
          "print('accuracy: 1.0')\nopen(args['--out'], 'w').write(''.join(json.dumps({'record': r, 'activity': "
          "labels[i % len(labels)]}) + '\\n' for i, r in enumerate(facts['records'])))\n")
    done = gpiot("run", folder, "--final")
    check(done.returncode == 3, "an invented accuracy does not count", done.stdout + done.stderr)
    write(folder, "app/main.py", "import json, sys\nargs = dict(zip(sys.argv[1::2], sys.argv[2::2]))\n"
          "facts = json.load(open(args['--data'] + '/records.json'))\nopen(args['--out'], 'w').write(''.join("
          "json.dumps({'record': r, 'activity': 'SITTING'}) + '\\n' for r in facts['records']))\n")
    done = gpiot("run", folder, "--final")
    check(done.returncode == 3 and "doubt (same_answer)" in done.stderr, "one answer for all items is named", done.stderr)

    # The same windows dealt out at random: overlapping neighbours and the same persons are on both sides.
    write(folder, "requirement.md", text.replace('by = "subject"\nsubject = "subject"\nfinal = ["9", "13", "24"]',
                                                 'by = "index"\nfinal_share = 0.3'))
    done = gpiot("run", folder)
    check("doubt (neighbours)" in done.stderr, "neighbouring windows on both sides are named", done.stderr)
    # A user's own evaluator runs in a sandbox of its own, and its bounds decide.
    write(folder, "score.py", "import os\n\n\ndef score(truth, predicted):\n"
          "    assert not os.path.exists('/data'), 'no data here'\n"
          "    lying = [id for id, one in truth.items() if one == 'LAYING']\n"
          "    return {'lying_found': sum(predicted[id] == 'LAYING' for id in lying) / len(lying)}\n")
    own = text.replace('kind = "classification"\naccuracy = 0.85',
                       'kind = "file"\nfile = "score.py"\nwanted = ["lying_found >= 0.5"]')
    write(folder, "requirement.md", own)
    done = gpiot("run", folder, "--final")
    check(done.returncode == 3 and "lying_found 0" in done.stdout, "an own evaluator measures", done.stdout + done.stderr)
    write(folder, "score.py", "def score(truth, predicted):\n    raise RuntimeError('my own fault')\n")
    done = gpiot("run", folder, "--final")
    check(done.returncode == 3 and "my own fault" in done.stderr, "an evaluator that fails is named", done.stderr)
    write(folder, "requirement.md", text)

    # From words and a folder alone: what is read, what is guessed, and a project that runs.
    made = os.path.join(folder, "made")
    words = "Tell what the person with the phone is doing, in windows of 2.56 s."
    done = gpiot("init", words, "--data", f"{EXAMPLE}/data", "-o", made, "--rate", "50")
    check(done.returncode == 0 and "guessed, please check: labels from key y" in done.stdout, "init says what it guesses",
          done.stdout + done.stderr)
    with open(os.path.join(made, "requirement.md"), encoding="utf-8") as file:
        drafted = file.read()
    for line in ('shape = "(128, 9)"', 'key = "X"', 'key = "y"', 'names_key = "labels"', 'subject = "subject"',
                 'kind = "classification"', "learned = true"):
        check(line in drafted, f"init finds {line}", drafted)
    done = gpiot("init", words, "--data", f"{EXAMPLE}/data", "-o", made)
    check(done.returncode == 2 and "already" in done.stderr, "init overwrites no requirement", done.stderr)
    write(made, "requirement.md", drafted.replace('name = "signal"', 'name = "window"').replace('"label"\ntype', '"activity"\ntype'))
    done = gpiot("synthesize", made, *model.options(), "-n", "1", timeout_s=400)
    check(done.returncode == 0, "what init wrote can be synthesized", done.stdout + done.stderr)
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
