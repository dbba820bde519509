"""`synthesize` killed at seeded random moments, and in the middle of each kind of write.

The project stays whole, the next call goes on, and the result is that of an undisturbed call.

Also: no process of the sandbox outlives gpiot, and Ctrl-C ends with status 130.
"""
import ctypes
import os
import random
import signal
import subprocess
import sys
import time

from scripted_model import Model, asked_for, function, good_answer
from small_project import make_project
from support import (BINARY, Scratch, check, environment, expect, expect_error, fail, gpiot, need_sandbox, no_fault,
                     read_json, shown, snapshot)

KILLS = 10
SEED = 4711
PR_SET_CHILD_SUBREAPER = 36


def result(folder):
    """What a synthesis ended with, without times and numbers of runs."""
    finished = read_json(folder, ".gpiot", "finished.json")
    report = read_json(folder, "runs", f"{finished['final_run']:04}", "report.json")
    kept = {name: entry for name, entry in snapshot(folder).items()
            if name.split("/")[0] in ("app", "specs", "subtasks.md", "requirement.md", "data")}
    return {"accepted": finished["accepted"], "measured": report["measured"], "files": kept,
            "codes": read_json(folder, ".gpiot", "chosen.json")["codes"]}


def command(folder, model):
    return [BINARY, "synthesize", folder, *model.options(), "-n", "1"]


def start(folder, model):
    return subprocess.Popen(command(folder, model), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                            stderr=subprocess.DEVNULL, env=environment())


def nothing_survives():
    """Orphans become ours (child subreaper): within a moment there are none."""
    deadline = time.monotonic() + 5
    while True:
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return
        if time.monotonic() > deadline:
            listed = subprocess.run(["ps", "-e", "-o", "pid,ppid,stat,wchan:20,args"], capture_output=True, text=True)
            fail("a process of the sandbox outlives the gpiot that was killed", listed.stdout[-3000:])
        time.sleep(0.02)


def is_whole(folder, moment):
    done = gpiot("status", folder)
    no_fault(done, f"status after {moment}")
    states = [line.split()[0] for line in done.stdout.splitlines() if ".md" in line or "app/" in line]
    expect(done.returncode == 0 and "cannot be understood" not in done.stdout, f"status after {moment}", shown(done))
    expect("edited" not in states, f"after {moment} a generated file counts as edited", shown(done))
    done = gpiot("explain", folder)
    expect(done.returncode == 0, f"explain after {moment}", shown(done))
    no_fault(done, f"explain after {moment}")


def goes_on(folder, model, wanted, what):
    done = gpiot("synthesize", folder, *model.options(), "-n", "1", timeout_s=300)
    check(done.returncode == 0, f"{what}: the next call goes on to the end", shown(done))
    check(result(folder) == wanted, f"{what}: the result is that of an undisturbed call", str(result(folder)))
    left = [name for name in snapshot(folder) if name.endswith(".partial") or name.endswith(".new")]
    check(left == [], f"{what}: nothing half-written is left", str(left))


def killed(model, wanted, seconds):
    chance = random.Random(SEED)
    kills = 0
    while kills < KILLS:
        with Scratch() as folder:
            make_project(folder)
            process = None
            while kills < KILLS:
                delay = chance.uniform(0.02, 0.7 * seconds)
                process = start(folder, model)
                try:
                    process.wait(delay)
                    break
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
                kills += 1
                nothing_survives()
                is_whole(folder, f"kill {kills} at {delay:.2f} s")
                print(f"ok: killed after {delay:.2f} s ({kills} of {KILLS}), the state is whole", flush=True)
            nothing_survives()
            goes_on(folder, model, wanted, f"{kills} kills so far")


MILESTONES = ["subtasks.md", "specs/02-compute_slope_energy.md", ".gpiot/candidates.json", ".gpiot/views/development",
              "app/main.py", "app/select_events.py", "runs/0001"]


def killed_while_writing(model, wanted):
    """Killed as soon as a file shows up: between it and the state that knows it."""
    with Scratch() as folder:
        make_project(folder)
        for name in MILESTONES:
            process = start(folder, model)
            while not os.path.exists(os.path.join(folder, name)) and process.poll() is None:
                time.sleep(0.0005)
            process.kill()
            expect(process.wait() == -signal.SIGKILL, f"{name} did not show up before the end")
            nothing_survives()
            is_whole(folder, f"the kill at {name}")
            print(f"ok: killed when {name} showed up, the state is whole", flush=True)
        goes_on(folder, model, wanted, "kills while writing")


def killed_while_code_runs():
    """Generated code that would go on for long ends with the gpiot that ran it."""
    def answer(text, body):
        if asked_for(text) == "select_events":
            return function("select_events(energy, rate_hz)", '__import__("time").sleep(1000)')
        return good_answer(text, body)

    with Scratch() as folder:
        make_project(folder)
        process = start(folder, Model(answer))
        while not os.path.exists(os.path.join(folder, ".gpiot", "candidates.json")):
            expect(process.poll() is None, "the synthesis ended before its code ran")
            time.sleep(0.01)
        time.sleep(3)  # the check of the candidates is under way, and takes 8 s
        expect(process.poll() is None, "the code did not run for long")
        process.kill()
        process.wait()
        nothing_survives()
        print("ok: running code ends with a gpiot that is killed", flush=True)


def interrupted(model, wanted, seconds):
    with Scratch() as folder:
        make_project(folder)
        for number, what in ((signal.SIGINT, "Ctrl-C"), (signal.SIGTERM, "SIGTERM")):
            process = subprocess.Popen(command(folder, model), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                       stderr=subprocess.PIPE, encoding="utf-8", env=environment())
            time.sleep(0.4 * seconds)
            process.send_signal(number)
            out, err = process.communicate(timeout=60)
            done = subprocess.CompletedProcess(process.args, process.returncode, out, err)
            expect_error(done, "cancelled", what, remedy=False, expected=False)
            nothing_survives()
            is_whole(folder, what)
        goes_on(folder, model, wanted, "after Ctrl-C and SIGTERM")


def two_at_once(model):
    with Scratch() as folder:
        make_project(folder)
        process = start(folder, model)
        lock = os.path.join(folder, ".gpiot", "lock")
        while not os.path.exists(lock) or not os.path.getsize(lock):
            time.sleep(0.01)
        expect_error(gpiot("synthesize", folder, *model.options()), "invalid_argument", "two calls at once",
                     "another gpiot works in", f"process {process.pid}")
        process.kill()
        process.wait()
        nothing_survives()


def main():
    need_sandbox()
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        sys.exit("cannot become a child subreaper")
    model = Model()
    with Scratch() as folder:
        make_project(folder)
        begin = time.monotonic()
        done = gpiot("synthesize", folder, *model.options(), "-n", "1", timeout_s=300)
        seconds = time.monotonic() - begin
        check(done.returncode == 0, f"an undisturbed call ends accepted ({seconds:.1f} s)", shown(done))
        wanted = result(folder)
    killed(model, wanted, seconds)
    killed_while_writing(model, wanted)
    killed_while_code_runs()
    interrupted(model, wanted, seconds)
    two_at_once(model)


if __name__ == "__main__":
    main()
