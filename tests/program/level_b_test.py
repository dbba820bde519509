"""Level B of the sandbox through the real binary: taken in place of A and said aloud, or refused; the escape suite as
an ordinary user; a whole synthesis and a learned app with the same files as at level A.
"""
import ctypes
import json
import os
import random
import shutil
import struct
import subprocess
import time

from scripted_model import Model
from small_project import make_project
from support import (BINARY, ROOT, Scratch, check, environment, expect, gpiot, need_sandbox, no_fault, read_json, shown,
                     skip, write)

LANDLOCK_CALL = 444
# What docs/decisions/0006-level-b.md says, and nothing more.
GAPS = {"information.host_name", "information.mapped_paths", "information.names_of_host_files",
        "information.targets_of_host_links", "information.process_numbers"}
# bubblewrap replaced by a program that is none, in a mount namespace of this call only.
WITHOUT_BWRAP = ("unshare", "-m", "sh", "-c", 'mount --bind /bin/false /usr/bin/bwrap && exec "$@"', "sh")


def events(done):
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def no_landlock():
    """For preexec: every Landlock call fails with ENOSYS, as on an old kernel."""
    code = [(0x20, 0, 0, 0), (0x35, 0, 2, LANDLOCK_CALL), (0x25, 1, 0, LANDLOCK_CALL + 2), (0x06, 0, 0, 0x00050026),
            (0x06, 0, 0, 0x7FFF0000)]
    text = b"".join(struct.pack("HBBI", *one) for one in code)
    libc = ctypes.CDLL(None, use_errno=True)
    program = ctypes.create_string_buffer(text)
    head = struct.pack("HxxxxxxP", len(code), ctypes.addressof(program))
    if libc.prctl(22, 2, ctypes.create_string_buffer(head), 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "seccomp")


def level_in_use(folder):
    done = gpiot("run", folder, "--json", before=WITHOUT_BWRAP)
    warnings = [one for one in events(done) if one["kind"] == "warning"]
    check(done.returncode == 0 and len(warnings) == 1 and warnings[0]["facts"]["level"] == "B",
          "where bubblewrap does not work, level B is used, and --json says so", shown(done))
    run = max(os.listdir(folder + "/runs"))
    check(read_json(folder, "runs", run, "report.json")["sandbox"]["level"] == "B", "and so does the report")
    done = gpiot("run", folder, before=WITHOUT_BWRAP)
    check("warning" in done.stderr and "level B" in done.stderr, "and so does the progress", shown(done))
    done = gpiot("run", folder, "--sandbox", "A", before=WITHOUT_BWRAP)
    check(done.returncode == 4 and "bubblewrap" in done.stderr, "who asks for A gets no B", shown(done))
    for how in ({"GPIOT_SANDBOX": "B"}, {}):
        done = gpiot("run", folder, *([] if how else ["--sandbox", "B"]), **how)
        run = max(os.listdir(folder + "/runs"))
        check(done.returncode == 0 and "warning" not in done.stderr and
              read_json(folder, "runs", run, "report.json")["sandbox"]["level"] == "B",
              f"level B by {'the environment' if how else 'the flag'}", shown(done))
    done = gpiot("run", folder)
    run = max(os.listdir(folder + "/runs"))
    check(read_json(folder, "runs", run, "report.json")["sandbox"]["level"] == "A", "without a word it is A", shown(done))


def neither(folder):
    model = Model()
    done = subprocess.run([*WITHOUT_BWRAP, BINARY, "synthesize", folder, "--from", "decompose", *model.options()],
                          capture_output=True, text=True, env=environment(), preexec_fn=no_landlock, timeout=100)
    check(done.returncode == 4 and "no safe sandbox" in done.stderr and model.asked == [],
          "without both it is refused, and no token is spent", shown(done))


def escape(before, who):
    done = gpiot("doctor", "--escape", "--level", "B", "--json", before=before, timeout_s=500, HOME="/nonexistent",
                 GPIOT_HOME="/nonexistent", GPIOT_PYTHON_ENV=None)
    no_fault(done, "the escape suite")
    tried = [one for one in events(done) if one["kind"] == "escape"]
    out = {f"{one['group']}.{one['name']}" for one in tried if one["verdict"] == "ESCAPED"}
    silent = [one for one in tried if one["verdict"] == "error"]
    check(len(tried) >= 200 and out == GAPS and not silent,
          f"level B as {who}: {len(tried) - len(out)} of {len(tried)} held, and the known gaps are the rest",
          f"{sorted(out ^ GAPS)} {silent} {[one for one in tried if one['verdict'] == 'ESCAPED']} {done.stderr[-500:]}")


def survivors(mark):
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                found += [pid] if mark.encode() in file.read() else []
        except OSError:
            pass
    return found


def killed(folder):
    """kill -9 at random moments: no process of the sandbox stays, and the next run removes the folders."""
    chance = random.Random(4711)
    with Scratch() as temporary:
        write(folder, "app/main.py", "import time\ntime.sleep(1000)\n")
        command = [BINARY, "run", folder, "--sandbox", "B"]
        for _ in range(12):
            running = subprocess.Popen(command, env=environment(TMPDIR=temporary), stdout=subprocess.DEVNULL,
                                       stderr=subprocess.DEVNULL)
            time.sleep(chance.uniform(0.01, 1.2))
            running.kill()
            running.wait()
            deadline = time.monotonic() + 3
            while survivors(temporary) and time.monotonic() < deadline:
                time.sleep(0.02)
            left = survivors(temporary)
            expect(not left, "a process of level B outlives the gpiot that was killed", str(left))
        check(True, "no process of level B outlives a gpiot that is killed")
        gpiot("doctor", "--level", "B", TMPDIR=temporary)
        check(os.listdir(temporary) == [], "the next run removes what it left", str(os.listdir(temporary)))


def main():
    need_sandbox()
    if "B (" not in gpiot("doctor", "--level", "B", "--json").stdout:
        skip("the kernel has no Landlock")
    if os.geteuid() != 0 or shutil.which("setpriv") is None:
        skip("hiding bubblewrap and being somebody else needs root")
    with Scratch() as folder:
        make_project(folder)
        done = gpiot("synthesize", folder, *Model().options(), "-n", "1", "--sandbox", "B", timeout_s=300)
        check(done.returncode == 0, "a whole synthesis at level B ends accepted", shown(done))
        level_in_use(folder)
        neither(folder)
        killed(folder)
    with open(os.path.join(ROOT, "docs", "decisions", "0006-level-b.md"), encoding="utf-8") as file:
        text = file.read()
    check(all(f"`{gap}`" in text for gap in GAPS), "the decision names every gap")
    escape(("setpriv", "--reuid=12345", "--regid=12345", "--clear-groups"), "an ordinary user")


if __name__ == "__main__":
    main()
