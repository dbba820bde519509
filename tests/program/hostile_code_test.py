"""Generated code that hangs, forks, floods, eats memory, tries the network or plants files.

As samples of a model: each is named in candidates.json, spoils no other sample, and the good one wins. As app/: each
ends within its limits, is named in the report, and is not accepted. The host's files stay as they are.
"""
import os
import subprocess
import sys
import time

from scripted_model import Model, asked_for, function, good_answer
from small_project import edited, make_project
from support import Scratch, check, gpiot, need_sandbox, no_fault, read_json, shown, snapshot, write

HEAD = "select_events(energy, rate_hz)"
# `__import__` passes the static checks, which would refuse `import os` before anything runs. Each with a part of the
# kind and of the problem that candidates.json has to name.
HOSTILE = {
    "hang": ('__import__("time").sleep(1000)', "hang", "no answer within"),
    "fork": ('os = __import__("os")\nwhile True:\n    os.fork()', "", ""),
    "daemons": ('os, time = __import__("os"), __import__("time")\nwhile True:\n    if os.fork() == 0:\n'
                "        os.setsid()\n        time.sleep(1000)", "", ""),
    "flood": ('print("x" * 10_000_000)\nraise RuntimeError("flooded")', "run", "flooded"),
    "network": ('__import__("socket").create_connection(("127.0.0.1", 1))', "run", "OSError"),
    "plant": ('open("/app/planted.py", "w")', "run", "planted"),
    "disk": ('with open("/tmp/big", "wb") as file:\n    while True:\n        file.write(bytes(10_000_000))', "run", "OSError"),
    "memory": ("blocks = []\nwhile True:\n    blocks.append(np.ones(10_000_000))", "crash", "memory_limit"),
    "kill": ('os = __import__("os")\nos.kill(os.getppid(), 9)', "crash", "signalled"),
}


# These bring down the process that checks all samples.
DEADLY = ["memory", "kill"]


def seconds_to_touch(size):
    """How long a process of its own needs for so many bytes of memory."""
    start = time.monotonic()
    subprocess.run([sys.executable, "-c", f"blocks = [bytearray(80_000_000) for _ in range({size} // 80_000_000)]\n"
                    "for one in blocks: one[::4096] = bytes(len(one[::4096]))"], check=True)
    return time.monotonic() - start


def as_samples(names):
    """One synthesis in which these and one good function are samples of the last sub-task."""
    def answer(text, body):
        sample = body.get("seed", 0) - 1
        if asked_for(text) == "select_events" and sample < len(names):
            return function(HEAD, HOSTILE[names[sample]][0])
        return good_answer(text, body)

    with Scratch() as folder:
        make_project(folder)
        before = snapshot(folder)
        start = time.monotonic()
        done = gpiot("synthesize", folder, *Model(answer).options(), "--seed", "1", "-n", str(len(names) + 1),
                     timeout_s=300)
        no_fault(done, "hostile samples")
        check(done.returncode == 0, f"a good sample is accepted beside {', '.join(names)} "
              f"({time.monotonic() - start:.0f} s)", shown(done))
        after = snapshot(folder)
        check(all(after.get(name) == entry for name, entry in before.items()), "the project's own files are as they were")
        candidates = read_json(folder, ".gpiot", "candidates.json")["candidates"]
        check(all(one["ok"] for step in candidates[:2] for one in step), "samples of other sub-tasks are not spoilt")
        for name, candidate in zip(names, candidates[2]):
            _, kind, problem = HOSTILE[name]
            if name == "memory" and candidate["kind"] == "hang" and seconds_to_touch(2 << 30) > 4:
                kind, problem = HOSTILE["hang"][1:]  # this machine hands out memory too slowly for the limit to be met in time
            named = not candidate["ok"] and candidate["kind"] and kind in candidate["kind"] and \
                candidate["problem"] and problem in candidate["problem"]
            check(named, f"sample '{name}' is named: {candidate['kind']}: {candidate['problem'][:80]}", str(candidate))
        check(candidates[2][len(names)]["ok"], "the good sample passes")


def only_hostile():
    """Nothing but a function that brings down its process: the end is an error that says so."""
    def answer(text, body):
        return function(HEAD, HOSTILE["kill"][0]) if asked_for(text) == "select_events" else good_answer(text, body)

    with Scratch() as folder:
        make_project(folder)
        done = gpiot("synthesize", folder, *Model(answer).options(), "-n", "1")
        check(done.returncode == 3 and "no candidate of sub-task 3" in done.stderr and "what to do" in done.stderr,
              "nothing but hostile samples ends with status 3", shown(done))
        no_fault(done, "nothing but hostile samples")


APPS = {
    "hang": ("while True: pass", "wall_limit"),
    "sleep": ("import time\ntime.sleep(1000)", "wall_limit"),
    "fork": ("import os\nwhile True:\n    try: os.fork()\n    except OSError: pass", ""),
    "memory": ("blocks = []\nwhile True: blocks.append(bytearray(50_000_000))", "memory_limit"),
    "network": ("import socket\nsocket.create_connection(('1.1.1.1', 53), 2)", "exited"),
    "plant": ("open('/app/planted.py', 'w')", "exited"),
    "flood": ("while True: print('x' * 1_000_000)", "wall_limit"),
}


def as_app():
    text = edited("memory_mb = 400", "memory_mb = 200\nwall_s = 3")
    with Scratch() as folder:
        make_project(folder, text)
        for name, (code, ending) in APPS.items():
            write(folder, "app/main.py", code + "\n")
            before = snapshot(folder, but=(".gpiot", "runs"))
            start = time.monotonic()
            done = gpiot("run", folder, timeout_s=100)
            seconds = time.monotonic() - start
            no_fault(done, f"app '{name}'")
            check(done.returncode == 3, f"app '{name}' is not accepted", shown(done))
            report = read_json(folder, "runs", sorted(os.listdir(folder + "/runs"))[-1], "report.json")
            program = report["program"]
            check(ending in program["ending"] and report["problem"], f"app '{name}' is named as {ending or 'stopped'}",
                  str(program)[:1500])
            check(program["wall_ms"] < 12_000, f"app '{name}' ends within its limits ({seconds:.1f} s)", str(program)[:500])
            check(len(program["claimed"]) <= 4100, f"app '{name}' floods no report")
            check(snapshot(folder, but=(".gpiot", "runs")) == before, f"app '{name}' changes no file of the project")


def planted_result():
    """A link in the place of the result file is not followed."""
    with Scratch() as folder:
        make_project(folder)
        write(folder, "app/main.py", "import os, sys\nos.symlink('/etc/passwd', sys.argv[sys.argv.index('--out') + 1])\n")
        done = gpiot("run", folder)
        report = read_json(folder, "runs", "0001", "report.json")
        check(done.returncode == 3 and report["program"]["refused"], "a link as result is refused", shown(done))
        check(not os.path.exists(folder + "/runs/0001/result.jsonl"), "and not followed")


if __name__ == "__main__":
    need_sandbox()
    as_samples([name for name in HOSTILE if name not in DEADLY])
    as_samples(DEADLY)
    only_hostile()
    as_app()
    planted_result()
