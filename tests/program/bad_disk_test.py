"""A disk that is full and a home that is read-only, in a mount namespace of our own.

A full disk is named, leaves the project whole, and the same call goes on where it stopped once there is space.
"""
import os
import shutil
import subprocess
import sys

from bad_model_test import a_model_without_weights
from scripted_model import EVENTS, Model, asked_for, good_answer
from small_project import edited, make_project
from support import Scratch, check, expect, expect_error, gpiot, need_sandbox, no_fault, shown, skip, snapshot, write

OPTIONS = ["-n", "1", "--no-calibrate"]


def enter_namespace():
    """Starts this test again where it may mount; what it mounts vanishes with it."""
    if os.environ.get("GPIOT_TEST_NAMESPACE"):
        return
    command = ["unshare", "--mount"] + ([] if os.geteuid() == 0 else ["--map-root-user"])
    if not shutil.which("unshare") or subprocess.run([*command, "true"], capture_output=True).returncode != 0:
        skip("no mount namespace is to be had here (root, or unprivileged user namespaces, are needed)")
    os.environ["GPIOT_TEST_NAMESPACE"] = "1"
    os.execvp(command[0], [*command, sys.executable, *sys.argv])


def mount(*arguments):
    subprocess.run(["mount", *arguments], check=True)


def answer(text, body):
    """As the script, with a height that needs no calibration."""
    if asked_for(text) == "select_events":
        return EVENTS.replace("share=1.2", "share=0.3")
    return good_answer(text, body)


def kept(folder):
    return {name: entry for name, entry in snapshot(folder).items()
            if name.split("/")[0] in ("app", "specs", "subtasks.md", "requirement.md")}


def full_disk():
    model = Model(answer)
    with Scratch() as folder:
        data = os.path.join(make_project(os.path.join(folder, "source")), "data")
        disk = os.path.join(folder, "disk")
        os.mkdir(disk)
        requirement = edited('path = "data"', f'path = "{data}"')
        write(folder, "whole/requirement.md", requirement)
        whole = os.path.join(folder, "whole")
        done = gpiot("synthesize", whole, *model.options(), *OPTIONS)
        check(done.returncode == 0, "with enough space the call ends accepted", shown(done))
        data_before = snapshot(data)
        met = set()
        for kilobytes in (8, 20, 36, 100, 260):
            mount("-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", disk)
            write(disk, "requirement.md", requirement)
            done = gpiot("synthesize", disk, *model.options(), *OPTIONS)
            what = f"a disk of {kilobytes} kB"
            expect_error(done, "io", what, "the disk is full", disk, expected=False)
            met.add(done.stderr.split("error (io): [")[1].split("]")[0])
            status = gpiot("status", disk)
            no_fault(status, what)
            expect(status.returncode == 0 and "cannot be understood" not in status.stdout and
                   "edited" not in status.stdout, f"{what}: status of the full disk", shown(status))
            left = [name for name in snapshot(disk) if name.endswith(".partial")]
            expect(left == [], f"{what}: unfinished files take up the space: {left}")
            mount("-o", "remount,size=8m", disk)
            expect(gpiot("status", disk).returncode == 0, f"{what}: status after space was freed")
            done = gpiot("synthesize", disk, *model.options(), *OPTIONS)
            check(done.returncode == 0 and kept(disk) == kept(whole),
                  f"{what}: the same call goes on where it stopped and ends the same", shown(done))
            subprocess.run(["umount", disk], check=True)
        check(len(met) >= 4, f"the disk was full at different stages: {', '.join(sorted(met))}")
        check(snapshot(data) == data_before, "the data is as it was")


def read_only_home():
    model = Model(answer)
    with Scratch() as folder:
        home = os.path.join(folder, "home")
        os.mkdir(home)
        mount("-t", "tmpfs", "tmpfs", home)
        make_project(os.path.join(home, "project"), records="")
        path = write(home, "hollow.gguf", a_model_without_weights())
        mount("-o", "remount,ro", home)
        closed = {"HOME": home, "GPIOT_HOME": None, "XDG_CACHE_HOME": None, "XDG_STATE_HOME": None,
                  "XDG_CONFIG_HOME": None}
        project = make_project(os.path.join(folder, "project"))
        done = gpiot("synthesize", project, *model.options(), *OPTIONS, **closed)
        check(done.returncode == 0, "a read-only home does not matter to a synthesis by an endpoint", shown(done))
        check(gpiot("model", "list", **closed).returncode == 0, "models are listed")
        done = gpiot("decompose", project, "--no-own-functions", "--model", path, **closed)
        expect_error(done, "model", "a model file is hashed and loaded; this one has no weights", "libllama cannot load",
                     remedy=False, expected=False)
        for what, words in (("`model add`", ["model", "add", path]), ("`model add --copy`", ["model", "add", path, "--copy"]),
                            ("`model derive`", ["model", "derive", path, "--format", "q8_0"]),
                            ("`model pull`", ["--yes", "model", "pull", "hf.co/owner/repo:model.gguf"])):
            done = gpiot(*words, HF_ENDPOINT="http://127.0.0.1:9", **closed)
            expect_error(done, "io", what, "read-only", home, expected=False)
        done = gpiot("decompose", home + "/project", *model.options(), **closed)
        expect_error(done, "io", "a project on a read-only disk", "read-only", home + "/project/.gpiot", expected=False)
        done = gpiot("status", home + "/project", **closed)
        check(done.returncode == 0 and "nothing generated yet" in done.stdout, "its status is told", shown(done))
        done = gpiot("model", "list", **{**closed, "HOME": None})
        expect_error(done, "not_found", "no home at all", "HOME is not set", expected=False)
        check("GPIOT_HOME" in done.stderr, "what to set is named")
        subprocess.run(["umount", home], check=True)


if __name__ == "__main__":
    enter_namespace()
    need_sandbox()
    full_disk()
    read_only_home()
