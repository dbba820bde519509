"""Runs one escape attempt inside the sandbox: attempt.py GROUP NAME FACTS OUT, or `attempt.py list`.

OUT, APP and TMP are the program's folders; where they are differs between the levels of the sandbox.

An attempt is a function `try_NAME(facts)`. It returns a text when it got what it must not get, `inside(text)` when it
succeeded within the sandbox only, and raises OSError (or is killed) when it was stopped. The host does not take the
word of an attempt alone: it looks at its canaries, listeners, victim and process list itself.
"""
import ctypes
import importlib.util
import json
import os
import sys

GROUPS = ("files", "process", "network", "resources", "information", "verdict")
libc = ctypes.CDLL(None, use_errno=True)
OUT = sys.argv[4] if len(sys.argv) > 4 else "/out"
APP = os.path.dirname(os.path.abspath(__file__))
TMP = os.environ.get("TMPDIR", "/tmp")


class inside(str):
    """Success that stays in the sandbox."""


def syscall(number, *arguments):
    """A raw system call; OSError when the kernel refuses."""
    words = [a if isinstance(a, (bytes, ctypes._SimpleCData, ctypes.Array, ctypes.Structure)) or a is None
             else ctypes.c_long(a) for a in arguments]
    ctypes.set_errno(0)
    libc.syscall.restype = ctypes.c_long
    result = libc.syscall(ctypes.c_long(number), *words)
    if result == -1:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def load(group):
    sys.modules.setdefault("attempt", sys.modules["__main__"])
    spec = importlib.util.spec_from_file_location(group, os.path.join(os.path.dirname(__file__), group + ".py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return {name[4:]: value for name, value in vars(module).items() if name.startswith("try_")}


def report(state, detail):
    with open(OUT + "/report.json", "w") as file:
        json.dump({"state": state, "detail": str(detail)[:300]}, file)


def main():
    if sys.argv[1] == "list":
        print(json.dumps({group: list(load(group)) for group in GROUPS}))
        return
    group, name, facts = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
    try:
        got = load(group)[name](facts)
    except (OSError, MemoryError, RuntimeError, ModuleNotFoundError) as error:
        report("blocked", f"{type(error).__name__}: {error}")
        return
    if got is None:
        report("blocked", "nothing found")
    else:
        report("inside" if isinstance(got, inside) else "achieved", got)


if __name__ == "__main__":
    main()
