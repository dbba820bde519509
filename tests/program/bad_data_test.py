"""Data that is missing, empty, not to be read, leads out or does not fit; splits and budgets that cannot be kept.

All of it is refused before the model is asked for a single token, and nothing of the user's is changed.
"""
import os
import shutil
import subprocess
import sys

from scripted_model import Model
from small_project import edited, make_project
from support import BINARY, ROOT, Scratch, check, expect_error, gpiot, need_sandbox, snapshot, write

OURS = (".gpiot",)


def refused(what, code, *parts, requirement=None, spoil=None, options=(), **form):
    """`spoil` makes the project bad; synthesize refuses it, asks the model nothing and changes no file of the user's."""
    model = Model()
    with Scratch() as folder:
        make_project(folder, **({"requirement": requirement} if requirement else {}))
        if spoil:
            spoil(folder)
        before = snapshot(folder)
        done = gpiot("synthesize", folder, *model.options(), *options)
        expect_error(done, code, what, *parts, **form)
        check(snapshot(folder, but=OURS) == before, f"{what}: the user's files are as they were")
        check(not model.asked, f"{what}: no token was spent")


def folders():
    def remove(folder):
        shutil.rmtree(os.path.join(folder, "data"))

    def empty(folder):
        remove(folder)
        os.mkdir(os.path.join(folder, "data"))

    def a_file(folder):
        remove(folder)
        write(folder, "data", "not a folder")

    refused("no data folder", "not_found", "no such data folder", "/data", spoil=remove)
    refused("an empty data folder", "data", "no records in", "*.csv", spoil=empty)
    refused("a file in the place of the data folder", "data", "expected a folder", spoil=a_file)
    with Scratch() as folder:
        expect_error(gpiot("synthesize", "Find beats", "--data", os.path.join(folder, "none"), "-o", folder + "/made"),
                     "not_found", "--data without a folder", "no such data folder")
        expect_error(gpiot("synthesize", "Find beats", "--data", folder, "-o", folder + "/made"), "data",
                     "--data with an empty folder", "got no files, expected at least one")
        check(not os.path.exists(folder + "/made"), "no project is made of it")


def unreadable():
    """Root may read everything, so another user calls."""
    if os.geteuid() == 0 and not shutil.which("setpriv"):
        print("skipped: unreadable data: root reads everything, and there is no setpriv to be somebody else", flush=True)
        return
    with Scratch() as folder:
        before = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups") if os.geteuid() == 0 else ()
        binary = BINARY
        if before:  # nobody may not see the build folder
            os.chmod(folder, 0o755)
            binary = shutil.copy(BINARY, os.path.join(folder, "gpiot"))
        reach = subprocess.run([*before, binary, "--version"], capture_output=True)
        if reach.returncode != 0:
            print(f"skipped: unreadable data: another user cannot start gpiot here: {reach.stderr}", flush=True)
            return
        project = make_project(os.path.join(folder, "project"))
        for part in ("prompts", "runtime"):
            shutil.copytree(os.path.join(ROOT, part), os.path.join(folder, "root", part))
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", os.path.join(folder, "home", "cache", "python")],
                       check=True)
        for path in (project, os.path.join(project, "data")):
            os.chmod(path, 0o777)

        def call():
            return gpiot("synthesize", project, "--endpoint", "http://127.0.0.1:9/v1", before=before, binary=binary,
                         GPIOT_ROOT=os.path.join(folder, "root"), GPIOT_HOME=os.path.join(folder, "home"),
                         GPIOT_PYTHON_ENV=None)

        os.chmod(os.path.join(project, "data", "a.csv"), 0)
        expect_error(call(), "data", "a data file that may not be read", "no permission", "a.csv")
        os.chmod(os.path.join(project, "data"), 0)
        expect_error(call(), "data", "a data folder that may not be read", "no permission", "/data")
        os.chmod(os.path.join(project, "requirement.md"), 0)
        expect_error(call(), "io", "a requirement that may not be read", "no permission", "requirement.md",
                     expected=False)
        os.chmod(os.path.join(project, "requirement.md"), 0o644)
        os.chmod(project, 0o555)
        shutil.rmtree(os.path.join(project, ".gpiot"))
        expect_error(call(), "io", "a project that may not be written to", "no permission", ".gpiot", expected=False)


def records():
    def link_out(folder):
        write(folder, "secret/c.csv", "ecg\n1\n")
        os.remove(os.path.join(folder, "data", "c.csv"))
        os.symlink("../secret/c.csv", os.path.join(folder, "data", "c.csv"))

    def dangling(folder):
        os.remove(os.path.join(folder, "data", "c.csv"))
        os.symlink("/nowhere/c.csv", os.path.join(folder, "data", "c.csv"))

    def replace(name, text):
        return lambda folder: write(folder, f"data/{name}", text)

    refused("a link that leads out", "data", "leads out of the data folder", "c.csv", spoil=link_out)
    refused("a link to nowhere", "not_found", "c.csv", spoil=dangling, remedy=False, expected=False)
    refused("a record without its column", "data", "a.csv", 'no column "ecg"', spoil=replace("a.csv", "x\n1\n"),
            remedy=False, expected=False)
    refused("a record without rows", "data", "a.csv", "no rows", spoil=replace("a.csv", "ecg\n"), remedy=False,
            expected=False)
    refused("labels beyond the record", "data", "c.beats", "outside the record", spoil=replace("c.beats", "sample\n9999999\n"),
            remedy=False)
    refused("labels that are no numbers", "data", "c.beats", 'got "soon"', spoil=replace("c.beats", "sample\nsoon\n"),
            remedy=False)
    refused("a record without labels", "not_found", "record c", "*.beats", remedy=False,
            spoil=lambda folder: os.remove(os.path.join(folder, "data", "c.beats")))


def splits_and_budgets():
    refused("a split that leaves no final part", "data", "got 3 development and 0 final of 3",
            requirement=edited('["a", "b"]\nfinal = ["c"]', '["a", "b", "c"]'))
    refused("a split by a share that leaves nothing", "data", "got 3 development and 0 final of 3",
            requirement=edited('development = ["a", "b"]\nfinal = ["c"]', "final_share = 0.01"))
    refused("a split with a record that is not there", "data", 'got "z"', "a, b, c", remedy=False,
            requirement=edited('["c"]', '["z"]'))
    refused("a record in both parts", "format", "split.final", '"a"', requirement=edited('["c"]', '["a"]'), remedy=False)
    refused("a memory budget below the imports", "invalid_argument", "budget.memory_mb", "got 3 MB",
            "importing the packages alone", requirement=edited("memory_mb = 400", "memory_mb = 3"))
    refused("the same by --budget-memory", "invalid_argument", "budget.memory_mb", "got 2 MB",
            options=["--budget-memory", "2"])
    refused("a time budget below the imports", "invalid_argument", "budget.wall_s", "got 0.001 s",
            requirement=edited("memory_mb = 400", "memory_mb = 400\nwall_s = 0.001"))
    refused("a package that is not there", "unsupported", "tensorplow",
            requirement=edited('["numpy", "scipy"]', '["numpy", "tensorplow"]'))
    done = gpiot("synthesize", ".", "--budget-memory", "-5")
    check(done.returncode == 2 and "--budget-memory" in done.stderr, "a negative budget is refused", done.stderr)


if __name__ == "__main__":
    need_sandbox()
    folders()
    unreadable()
    records()
    splits_and_budgets()
