"""What the program tests share: calling the real binary, what its errors look like, comparing folders.

Every test is called as TEST GPIOT_BINARY ROOT and ends with 0, or with 77 and a printed reason where it cannot run here.
"""
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

BINARY, ROOT = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
SKIPPED = 77
_ERROR = re.compile(r"^error \(([a-z_]+)\): \[[a-z_]+\.[a-z_]+\] (.+)$", re.MULTILINE)
_FAULTS = ("Traceback", "terminate called", "Sanitizer", "fault of gpiot", "error (internal)")


def python_environment():
    """The Python environment of the sandbox, where gpiot looks for it."""
    home = os.environ.get("GPIOT_HOME")
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    folder = os.path.join(home, "cache") if home else os.path.join(cache, "gpiot")
    return os.environ.get("GPIOT_PYTHON_ENV") or os.path.join(folder, "python")


def environment(**changes):
    """The environment of a call; None takes a variable away."""
    merged = {**os.environ, "GPIOT_ROOT": ROOT, "GPIOT_PYTHON_ENV": python_environment(), **changes}
    return {name: value for name, value in merged.items() if value is not None}


def gpiot(*arguments, timeout_s=150, before=(), binary=BINARY, cwd=None, **changes):
    """Runs gpiot to its end; `before` is put before its name (setpriv ...). A hang is a failure of the test."""
    command = [*before, binary, *[str(argument) for argument in arguments]]
    try:
        return subprocess.run(command, capture_output=True, encoding="utf-8", errors="replace", timeout=timeout_s,
                              stdin=subprocess.DEVNULL, env=environment(**changes), cwd=cwd)
    except subprocess.TimeoutExpired as late:
        fail(f"gpiot {' '.join(map(str, arguments))[:200]} hangs: no end within {timeout_s} s", late.stderr)


def fail(what, details=""):
    print(f"FAILED: {what}\n{details}", flush=True)
    sys.exit(1)


def expect(condition, otherwise, details=""):
    """Ends the test with `otherwise` where the condition does not hold."""
    if not condition:
        fail(otherwise, details)


def check(condition, what, details=""):
    """The same, and says what holds."""
    expect(condition, what, details)
    print(f"ok: {what}", flush=True)


def skip(reason):
    print(f"skipped: {reason}", flush=True)
    sys.exit(SKIPPED)


def need_sandbox():
    """Ends the test as skipped where generated code cannot be run."""
    done = gpiot("doctor", "--json")
    failed = [line for line in done.stdout.splitlines() if '"ok":false' in line and '"disk"' not in line]
    if failed or not os.path.exists(os.path.join(python_environment(), "bin", "python3")):
        skip(f"no sandbox or no Python environment for it: {failed} {python_environment()}")


def shown(done):
    return f"exit {done.returncode}\n{done.stdout[-2000:]}{done.stderr[-4000:]}"


def exit_status(code):
    """The documented exit status of an error code."""
    with open(os.path.join(ROOT, "docs", "errors.md"), encoding="utf-8") as file:
        found = re.search(rf"^\| `{code}` \| (\d+) \|", file.read(), re.MULTILINE)
    return int(found[1]) if found else fail(f"docs/errors.md has no code {code}")


def expect_error(done, code, what, *parts, remedy=True, expected=True):
    """The call ended with that code, its documented status, and one message of the house's form that holds `parts`."""
    message = _ERROR.search(done.stderr)
    expect(message is not None and message[1] == code, f"{what}: no error of the kind {code}", shown(done))
    expect(done.returncode == exit_status(code), f"{what}: the exit status is not {exit_status(code)}", shown(done))
    for part in parts:
        expect(part in message[2], f"{what}: the message does not say '{part}'", shown(done))
    expect(not expected or "expected" in message[2], f"{what}: it is not said what was expected", shown(done))
    expect(not remedy or "\n  what to do: " in done.stderr, f"{what}: no remedy is given", shown(done))
    no_fault(done, what)
    print(f"ok: {what}: {code}", flush=True)


def no_fault(done, what):
    found = [word for word in _FAULTS if word in done.stderr or word in done.stdout]
    if found or done.returncode < 0:
        fail(f"{what}: a fault of gpiot: {found}", shown(done))


def snapshot(folder, but=()):
    """What a folder holds: kind, mode and hash of every entry, without the names in `but` at its top."""
    entries = {}
    for parent, folders, files in os.walk(folder):
        if parent == str(folder):
            folders[:] = [name for name in folders if name not in but]
        for name in folders + files:
            path = os.path.join(parent, name)
            facts = os.lstat(path)
            content = os.readlink(path) if os.path.islink(path) else ""
            if os.path.isfile(path) and not os.path.islink(path):
                with open(path, "rb") as file:
                    content = hashlib.sha256(file.read()).hexdigest()
            entries[os.path.relpath(path, folder)] = (facts.st_mode, content)
    return entries


def write(folder, name, content):
    path = os.path.join(folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(content if isinstance(content, bytes) else content.encode("utf-8"))
    return path


def read_json(*path):
    with open(os.path.join(*path), encoding="utf-8") as file:
        return json.load(file)


class Scratch:
    """A folder that vanishes with the `with`."""

    def __init__(self, parent=None):
        self.path = tempfile.mkdtemp(prefix="gpiot-test-", dir=parent)

    def __enter__(self):
        return self.path

    def __exit__(self, *_):
        shutil.rmtree(self.path, ignore_errors=True)
