"""The knowledge base built in the background, through the real binary: the call returns at once, the process is one of its
own and of the lowest priority, searches go on, a second one changes nothing, kill -9 loses nothing, and it is started
unasked only where it may be.
"""
import contextlib
import json
import os
import shutil
import signal
import time

from support import ROOT, Scratch, check, expect, expect_error, gpiot, need_sandbox, python_environment, shown, skip, write

EMBEDDER = os.environ.get("GPIOT_TEST_EMBEDDER")
PACKAGE = "pywt"  # one of the default set


class Knowledge:
    """A user of his own: the knowledge base lies below his GPIOT_HOME. Whatever is built is ended with the `with`."""

    def __init__(self, home, **changes):
        self.home, self.folder = home, os.path.join(home, "state", "knowledge")
        self.changes = {"GPIOT_HOME": home, "GPIOT_EMBEDDER": EMBEDDER, "GPIOT_KNOWLEDGE": None, "CI": None,
                        "GPIOT_KNOWLEDGE_BACKGROUND": None, **changes}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.call("add", "--stop")
        expect(self.gone(), "processes are left behind", str(self.processes()))

    def gone(self, within_s=60):
        """Whether all processes end by themselves; one that has said its last word may wait long for the processor."""
        end = time.monotonic() + within_s
        while self.processes() and time.monotonic() < end:
            time.sleep(0.2)
        return not self.processes()

    def call(self, *arguments, timeout_s=150, **changes):
        return gpiot("knowledge", *arguments, timeout_s=timeout_s, **{**self.changes, **changes})

    def facts(self, *arguments, **changes):
        done = self.call(*arguments, "--json", **changes)
        expect(done.returncode == 0, f"knowledge {arguments[0]} failed", shown(done))
        return [json.loads(line) for line in done.stdout.splitlines()]

    def build(self):
        return self.facts("stats")[0]["build"]

    def ended(self, within_s=400):
        """The record of the build when it has ended."""
        end = time.monotonic() + within_s
        while (build := self.build())["state"] == "running":
            expect(time.monotonic() < end, "the build does not end", str(build))
            time.sleep(0.3)
        expect(self.gone(), "the process stays when all is said", str(build))
        return build

    def readers(self):
        """The processes below the builder that read sources in the sandbox."""
        parents, named = {}, []
        for number in map(int, filter(str.isdigit, os.listdir("/proc"))):
            with contextlib.suppress(OSError):
                parents[number] = int(status_of(number, "PPid"))
                with open(f"/proc/{number}/cmdline", "rb") as file:
                    words = file.read().split(b"\0")
                if b"python" in words[0] and b"/app/knowledge_read.py" in words:
                    named.append(number)
        builder = self.build()["process"]
        return [one for one in named if builder in ancestors(one, parents)]

    def processes(self):
        """Those of gpiot that belong to this user."""
        found = []
        for number in filter(str.isdigit, os.listdir("/proc")):
            with contextlib.suppress(OSError):
                with open(f"/proc/{number}/environ", "rb") as file:
                    mine = f"GPIOT_HOME={self.home}\0".encode() in file.read() + b"\0"
                with open(f"/proc/{number}/stat", encoding="utf-8") as file:
                    alive = file.read().rpartition(") ")[2][0] not in "ZX"
                if mine and alive:
                    found.append(int(number))
        return found


def documents(scratch, name, count=10):
    folder = os.path.join(scratch, name)
    for i in range(count):
        write(folder, f"{i:04}.md", f"# Title {i}\n\nText {i} tells of heel strikes and of drift.\n")
    return folder


def ancestors(process, parents):
    found = []
    while process in parents and len(found) < 64:
        process = parents[process]
        found.append(process)
    return found


def status_of(process, key):
    with open(f"/proc/{process}/status", encoding="utf-8") as file:
        return next(line.split()[1] for line in file if line.startswith(key + ":"))


def session_niceness(process):
    """Of the scheduler's group of the session; None where it has none."""
    with contextlib.suppress(OSError), open(f"/proc/{process}/autogroup", encoding="ascii") as file:
        return int(file.read().rpartition(" ")[2])
    return None


def at_once_and_by_itself(scratch, environment_of):
    papers = documents(scratch, "papers")
    with Knowledge(os.path.join(scratch, "one"), **environment_of) as knowledge:
        expect_error(knowledge.call("stats"), "not_found", "nothing is there", "no knowledge base yet", expected=False)
        begin = time.monotonic()
        started = knowledge.facts("add", papers, PACKAGE, "--background")[0]
        took_s = time.monotonic() - begin
        process = started["process"]
        check(started["started"] and took_s < 10 and process in knowledge.processes(), f"returns at once ({took_s:.1f} s)",
              str(started))
        check(os.getsid(process) not in (os.getsid(0), os.getpid()) and status_of(process, "PPid") != str(os.getpid()) and
              os.getpgid(process) != os.getpgid(0), "a session of its own, and no child of ours")
        check(session_niceness(process) in (None, 19), "its session, too", str(session_niceness(process)))
        check(os.getpriority(os.PRIO_PROCESS, process) == 19 and os.sched_getscheduler(process) == os.SCHED_IDLE,
              "the lowest priority")
        streams = [os.path.realpath(f"/proc/{process}/fd/{n}") for n in range(3)]
        check(streams == ["/dev/null", started["log"], started["log"]], "its words go to the log", str(streams))
        second = knowledge.facts("add", papers, "--background")[0]
        check(not second["started"] and second["process"] == process and "already" in second["message"],
              "a second one says so and changes nothing", str(second))
        build = knowledge.build()
        check(build["state"] == "running" and build["background"] and build["process"] == process and build["started_at"]
              and build["total"] in (0, 2), "stats tells that it runs, since when and how far", str(build))
        text = knowledge.call("stats").stdout
        check("being built in the background since" in text and started["log"] in text, "in words, too", text)
        searches_while_it_grows(knowledge)
        os.kill(process, signal.SIGKILL)
        check(knowledge.ended()["state"] == "killed" and "was killed" in knowledge.call("stats").stdout, "a kill -9 is told")
        check(knowledge.call("verify").returncode == 0, "and leaves a whole store")
        write(papers, "9999.md", "# Last\n\nThe very last words.\n")
        check(knowledge.facts("add", papers, PACKAGE, "--background")[0]["started"], "it can be started again")
        build = knowledge.ended()
        with open(started["log"], encoding="utf-8") as file:
            log = file.read()
        check(build["state"] == "finished" and build["done"] == 2 and "2 read, 10 unchanged" in log,
              "and reads only what is missing", f"{build}\n{log}")
        stats = knowledge.facts("stats")[0]
        check((stats["documents"], stats["refused"]) == (12, 0) and stats["embedded"] == stats["texts"],
              "to the end", str(stats))
        check(knowledge.call("add", "--stop").stdout.startswith("nothing is being built"), "nothing to be stopped is no error")


def searches_while_it_grows(knowledge):
    """Words of the first documents are found before the build is at its end."""
    end = time.monotonic() + 120
    while True:
        begin = time.monotonic()
        done = knowledge.call("search", "heel strikes", "--by", "words", "-n", "1")
        took_s, build = time.monotonic() - begin, knowledge.build()
        expect(build["state"] == "running", "the build was at its end too early for this test", shown(done))
        if done.returncode == 0 and "Title" in done.stdout:
            break
        expect(time.monotonic() < end, "words are not found while it is built", shown(done))
        time.sleep(0.1)
    check(took_s < 10, f"words are found while it is built ({took_s:.1f} s)")


def failures_and_stops(scratch, environment_of):
    with Knowledge(os.path.join(scratch, "two"), **environment_of) as knowledge:
        expect(knowledge.facts("add", "no-such-package", "--background")[0]["started"], "a build does not start")
        build = knowledge.ended()
        error = build["error"] or {"code": "", "message": ""}
        check(build["state"] == "failed" and error["code"] == "not_found" and "no-such-package" in error["message"],
              "stats tells why it failed", str(build))
        text = knowledge.call("stats").stdout
        check("failed at" in text and "no-such-package" in text and knowledge.folder in text, "in words, with the log", text)
        expect(knowledge.facts("add", PACKAGE, "--background")[0]["started"], "a build does not start after a failure")
        check(knowledge.facts("add", "--stop")[0]["stopped"] and not knowledge.processes(), "it can be stopped")
        check(knowledge.build()["state"] == "stopped", "which is told", str(knowledge.build()))
        done = knowledge.call("add", "--background", "--knowledge", "/proc/nowhere")
        expect(done.returncode != 0 and "error (" in done.stderr and "/proc/nowhere" in done.stderr,
               "a folder that cannot be made is not told", shown(done))


def small_environment(scratch):
    """A Python environment whose default set is one package, which takes a while to be read."""
    folder, whole = os.path.join(scratch, "environment"), python_environment()
    shutil.copytree(whole, folder, symlinks=True, ignore=lambda path, names: [n for n in names if n == "site-packages"])
    packages = next(os.path.join(folder, os.path.relpath(path, whole), "site-packages")
                    for path, folders, _ in os.walk(os.path.join(whole, "lib")) if "site-packages" in folders)
    write(packages, f"{PACKAGE}/__init__.py", '"""Beats."""\nimport time\n\ntime.sleep(20)\n\n\n'
                                              'def count_beats(signal):\n    """Counts the beats of a signal."""\n')
    write(packages, f"{PACKAGE}-1.0.dist-info/METADATA", f"Name: {PACKAGE}\nVersion: 1.0\n")
    write(packages, f"{PACKAGE}-1.0.dist-info/RECORD", f"{PACKAGE}/__init__.py,,\n")
    return folder


def unasked(scratch, environment_of):
    for reason, changes, more in (("the setting is off", {"GPIOT_KNOWLEDGE_BACKGROUND": "off"}, ()),
                                  ("CI is set", {"CI": "true"}, ()),
                                  ("a folder is named for one call", {}, ("--knowledge", os.path.join(scratch, "other")))):
        with Knowledge(os.path.join(scratch, "off"), **environment_of, **changes) as knowledge:
            expect_error(knowledge.call("search", "beats", *more), "not_found", reason, "no knowledge base yet", expected=False)
            check(knowledge.call("add", "--auto", *more).returncode == 0 and not knowledge.processes() and
                  not os.path.exists(knowledge.folder), f"nothing is started where {reason}")
    write(os.path.join(scratch, "key"), "config/config.toml", "knowledge-background = false\n")
    with Knowledge(os.path.join(scratch, "key"), **environment_of) as knowledge:
        done = knowledge.call("search", "beats")
        check("background" not in done.stderr and not knowledge.processes(), "nor by the key of config.toml", shown(done))
    with Knowledge(os.path.join(scratch, "project"), **environment_of) as knowledge:
        project = os.path.join(scratch, "heart")
        os.makedirs(project)
        shutil.copy(os.path.join(ROOT, "examples", "heartbeat-detection", "requirement.md"), project)
        for more, starts in (((), False), (("--retrieval", "on"), True)):
            done = gpiot("decompose", project, "--no-own-functions", "--endpoint", "http://127.0.0.1:9/v1", *more, **knowledge.changes)
            expect("127.0.0.1:9" in done.stderr, "no endpoint was asked", shown(done))
            check(("is being built in the background" in done.stderr) == starts and bool(knowledge.processes()) == starts,
                  f"a project's command {'starts it with' if starts else 'starts nothing without'} --retrieval on", shown(done))
    with Knowledge(os.path.join(scratch, "on"), **environment_of) as knowledge:
        done = knowledge.call("search", "beats", "--by", "words")
        check("default knowledge base is being built in the background" in done.stderr and "--stop" in done.stderr and
              "knowledge-background" in done.stderr, "a search of nothing starts it, and says so", shown(done))
        expect(done.returncode == 0 or "nothing to be searched yet" in done.stderr, "no words for that", shown(done))
        done = knowledge.call("search", "beats", "--by", "words")
        end, niceness = time.monotonic() + 200, set()
        while not niceness or not niceness <= {None, 19}:  # it is set as soon as the reader runs
            expect(time.monotonic() < end, "its readers take more of the machine", f"{niceness} {knowledge.build()}")
            niceness = {session_niceness(one) for one in knowledge.readers()}
        check(True, "its readers take no more of the machine")
        check("still being built" in done.stderr, "the next one says how far it is", shown(done))
        build = knowledge.build()
        expect(build["process"], "the build was at its end too early for this test", str(build))
        os.kill(build["process"], signal.SIGKILL)
        knowledge.ended()
        check("is being built" in knowledge.call("add", "--auto").stderr, "what was killed is gone on with")
        for _ in range(2):
            os.kill(knowledge.build()["process"], signal.SIGKILL)
            knowledge.ended()
            done = knowledge.call("add", "--auto")
        check(not done.stderr and not knowledge.processes(), "not for ever: three are killed, and it waits for a day",
              shown(done))
        record = os.path.join(knowledge.folder, "knowledge.build.json")
        with open(record, encoding="utf-8") as file:
            kept = json.load(file)
        write(knowledge.folder, os.path.basename(record), json.dumps({**kept, "default_set_s": kept["default_set_s"] - 90_000}))
        check("is being built" in knowledge.call("add", "--auto").stderr, "after which it is tried again")
        check(knowledge.facts("add", "--stop")[0]["stopped"], "it is stopped")
        check(not knowledge.call("add", "--auto").stderr and not knowledge.processes(), "and stays so")
        expect(knowledge.facts("add", "--background")[0]["started"], "it is not started when asked for")
        build = knowledge.ended()
        check(build["state"] == "finished" and build["default_set"] == "complete", "asked for, it comes to its end", str(build))
        done = knowledge.call("search", "count the beats", "--by", "words")
        check(f"{PACKAGE}.count_beats" in done.stdout and "built" not in done.stderr, "and is found", shown(done))
        done = knowledge.call("remove", PACKAGE, GPIOT_EMBEDDER="/no/such.gguf")
        check(done.returncode == 0, "a source is forgotten without an embedding model", shown(done))
        done = knowledge.call("search", "beats", "--by", "words")
        check("built" not in done.stderr and not knowledge.processes(), "what was removed does not come back", shown(done))


def main():
    if not EMBEDDER or not shutil.which("bwrap"):
        skip("needs GPIOT_TEST_EMBEDDER and the sandbox")
    need_sandbox()
    with Scratch() as scratch:
        environment_of = {"GPIOT_PYTHON_ENV": small_environment(scratch)}
        at_once_and_by_itself(scratch, environment_of)
        failures_and_stops(scratch, environment_of)
        unasked(scratch, environment_of)


main()
