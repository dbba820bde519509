"""Runs pieces of work in forked processes of their own, several at a time, each with a limit of time."""
import json
import os
import select
import signal
import time


class Child:
    """One forked process: what it has written so far, and when it must have ended."""

    def __init__(self, work, time_limit_s):
        self.time_limit_s = time_limit_s
        self.start = time.monotonic()
        self.parts = []
        self.read_end, write_end = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self.read_end)
            _work_and_leave(work, write_end)
        os.close(write_end)

    def deadline(self):
        return self.start + self.time_limit_s

    def read(self):
        """True while there may be more."""
        part = os.read(self.read_end, 1 << 16)
        self.parts.append(part)
        return bool(part)

    def end(self):
        """The answer; a dict with kind "hang" or "crash" where there is none. The whole process group is gone after."""
        os.close(self.read_end)
        for kill, target in ((os.kill, self.pid), (os.killpg, self.pid)):
            try:
                kill(target, signal.SIGKILL)
            except OSError:
                pass
        os.waitpid(self.pid, 0)
        wall_s = time.monotonic() - self.start
        try:
            answer = json.loads(b"".join(self.parts))
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            late = wall_s >= self.time_limit_s
            answer = {"ok": False, "kind": "hang" if late else "crash",
                      "problem": f"no answer within {self.time_limit_s} s" if late else "the process died"}
        return {**answer, "wall_s": round(wall_s, 3)}


def _work_and_leave(work, write_end):
    try:
        os.setpgid(0, 0)
    except OSError:
        pass  # level B of the sandbox keeps one group for all: what is left of this work ends with the run
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    try:
        data = json.dumps(work(), allow_nan=False).encode()
    except BaseException as error:
        data = json.dumps({"ok": False, "kind": "run", "problem": repr(error)[:300]}).encode()
    while data:
        data = data[os.write(write_end, data):]
    os._exit(0)


def run_children(works, time_limit_s, at_once=None):
    """`work()` of each as JSON, in order, with "wall_s"; at most `at_once` at a time, by default one for each core."""
    at_once = at_once or len(os.sched_getaffinity(0))
    answers = [None] * len(works)
    waiting = list(enumerate(works))[::-1]
    running = {}
    while waiting or running:
        while waiting and len(running) < at_once:
            index, work = waiting.pop()
            child = Child(work, time_limit_s)
            running[child.read_end] = (index, child)
        left = min(child.deadline() for _, child in running.values()) - time.monotonic()
        ready = select.select(list(running), [], [], max(0, left))[0]
        now = time.monotonic()
        for fd, (index, child) in list(running.items()):
            more = fd not in ready or child.read()
            if more and now < child.deadline():
                continue
            del running[fd]
            answers[index] = child.end()
    return answers
