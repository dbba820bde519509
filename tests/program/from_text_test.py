"""`gpiot synthesize "words" --data DIR`: a project is made from real ECG records, with labels and without."""
import os
import shutil

from scripted_model import Model, good_answer
from support import ROOT, Scratch, check, expect_error, gpiot, need_sandbox, read_json, shown, snapshot

RECORDS = os.path.join(ROOT, "examples", "heartbeat-detection", "data")
WORDS = "Find every heartbeat in these ECG records."


def answer(text, body):
    """The good answers with the names that words alone give to the data and the result."""
    named = text.replace("`signal`", "`ecg`")
    return good_answer(named, body).replace("ecg", "signal").replace("r_peaks", "events")


def copy_records(folder, endings):
    os.makedirs(folder)
    for record in ("100", "101", "103"):
        for ending in endings:
            shutil.copy(os.path.join(RECORDS, record + ending), folder)
    return folder


def last_report(project):
    return read_json(project, "runs", max(os.listdir(os.path.join(project, "runs"))), "report.json")


def with_labels():
    with Scratch() as folder:
        data = copy_records(os.path.join(folder, "records"), (".hea", ".dat", ".atr"))
        before = snapshot(data)
        model = Model(answer)

        def call(words, *options, **more):
            return gpiot("synthesize", words, "--data", data, *options, *model.options(), "-n", "1", timeout_s=300, **more)

        done = call(WORDS, "-o", os.path.join(folder, "beats"))
        check(done.returncode == 0, "words and records end in an accepted program", shown(done))
        project = os.path.join(folder, "beats")
        with open(os.path.join(project, "requirement.md"), encoding="utf-8") as file:
            requirement = file.read()
        for part in (WORDS, data, 'channel = "MLII"', "rate_hz = 360", '"wfdb-annotations"'):
            check(part in requirement, f"requirement.md says {part}", requirement)
        report = last_report(project)
        pooled = report["measured"]["pooled"]
        check(report["part"] == "final" and min(pooled["precision"], pooled["recall"]) >= 0.95,
              "the labels that lie beside the records measure it", str(pooled))
        check(os.path.exists(os.path.join(project, "app", "main.py")), "the application is there")
        asked = len(model.asked)
        done = call(WORDS, "-o", project)
        check(done.returncode == 0 and "finished already" in done.stderr and len(model.asked) == asked,
              "the same call again says that it is finished", shown(done))
        done = call("Find every step.", "-o", project)
        expect_error(done, "invalid_argument", "other words for the same folder", "is taken")
        done = call(WORDS, cwd=folder)
        check(done.returncode == 0 and os.path.exists(os.path.join(folder, "find_every_heartbeat_in_these",
                                                                   "requirement.md")),
              "without -o the words name the folder", shown(done) + str(os.listdir(folder)))
        check(snapshot(data) == before, "the records are as they were")


def without_labels():
    with Scratch() as folder:
        data = copy_records(os.path.join(folder, "records"), (".hea", ".dat"))
        project = os.path.join(folder, "beats")
        done = gpiot("synthesize", WORDS, "--data", data, "-o", project, *Model(answer).options(), "-n", "1",
                     "--budget-memory", "400", timeout_s=300)
        check(done.returncode == 0, "without labels the contract and the budget are measured", shown(done))
        check("accuracy: not measured, no labels" in done.stdout, "and the result says so", shown(done))
        report = last_report(project)
        check(report["measured"].get("pooled") is None and report["budget"]["within"], "no accuracy is made up",
              str(report["measured"])[:500])


if __name__ == "__main__":
    need_sandbox()
    with_labels()
    without_labels()
