"""bench/serving/relay.py and bring.py over HTTP: what has no answer waits, what has one is answered at once, also after a
restart.

Usage: relay_test.py ROOT
"""
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

SERVING = os.path.join(sys.argv[1], "bench", "serving")
ANSWERING = """import json, sys
with open(sys.argv[1]) as requests, open(sys.argv[2], "w") as answers:
    for request in map(json.loads, requests):
        text = "to " + request["messages"][0]["content"]
        answers.write(json.dumps({"key": request["key"], "text": text, "finish": "length", "prompt_tokens": 3,
                                  "completion_tokens": 2}) + "\\n")
"""


def check(condition, what, shown=""):
    if not condition:
        sys.exit(f"FAILED: {what}\n{shown}")
    print(f"ok: {what}")


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def fetch(url, body=None):
    data = None if body is None else body.encode()
    with urllib.request.urlopen(urllib.request.Request(url, data=data, method="POST" if body else "GET"), timeout=60) as reply:
        return reply.read().decode()


class Relay:
    def __init__(self, store):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process = subprocess.Popen([sys.executable, os.path.join(SERVING, "relay.py"), store, "--port", str(self.port)])

    def __enter__(self):
        for _ in range(200):
            try:
                fetch(self.url + "/pending")
                return self
            except OSError:
                time.sleep(0.05)
        raise SystemExit("the relay did not start")

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(30)


def asked(relay, text, seed=1, model="any"):
    """A thread that asks, and where its reply will be."""
    replies = []
    body = json.dumps({"model": model, "messages": [{"role": "user", "content": text}], "seed": seed})
    thread = threading.Thread(target=lambda: replies.append(json.loads(fetch(relay.url + "/v1/chat/completions", body))))
    thread.start()
    return thread, replies


def pending(relay, count):
    for _ in range(200):
        lines = [json.loads(line) for line in fetch(relay.url + "/pending").splitlines()]
        if len(lines) == count:
            return lines
        time.sleep(0.05)
    raise SystemExit(f"FAILED: {count} requests wait: {lines}")


def text_of(reply):
    return reply["choices"][0]["message"]["content"]


def test_waits_for_answers(store):
    with Relay(store) as relay:
        first, replies = asked(relay, "one")
        second, others = asked(relay, "one", seed=2)
        lines = pending(relay, 2)
        check(len({line["key"] for line in lines}) == 2, "another seed is another request")
        mine = next(line for line in lines if line["seed"] == 1)
        answer = {"key": mine["key"], "text": "made elsewhere", "finish": "stop", "prompt_tokens": 7, "completion_tokens": 2}
        fetch(relay.url + "/answers", json.dumps(answer) + "\n")
        first.join(30)
        check(text_of(replies[0]) == "made elsewhere", "the waiting request is answered")
        check(replies[0]["usage"] == {"prompt_tokens": 7, "completion_tokens": 2}, "with its tokens")
        check(not others and len(pending(relay, 1)) == 1, "the other one still waits")
        again, more = asked(relay, "one", model="another name")
        again.join(30)
        check(text_of(more[0]) == "made elsewhere", "asked again, it does not wait")
        fetch(relay.url + "/answers", json.dumps({**answer, "key": pending(relay, 1)[0]["key"], "text": "late"}) + "\n")
        second.join(30)
        check(text_of(others[0]) == "late", "and the other one is answered in its turn")


def test_keeps_answers(store):
    with Relay(store) as relay:
        thread, replies = asked(relay, "one")
        thread.join(30)
        check(text_of(replies[0]) == "made elsewhere", "a new relay has the answers of the old one")


def test_bring(store, folder):
    program = os.path.join(folder, "answering.py")
    with open(program, "w", encoding="utf-8") as file:
        file.write(ANSWERING)
    with Relay(store) as relay:
        thread, replies = asked(relay, "two")
        pending(relay, 1)
        command = [sys.executable, os.path.join(SERVING, "bring.py"), "--port", str(relay.port), "--once", "--", sys.executable]
        done = subprocess.run([*command, program, "{requests}", "{answers}"], capture_output=True, text=True, timeout=60)
        thread.join(30)
        check(done.returncode == 0 and "1 answers" in done.stderr, "bring.py answers what waits", done.stderr)
        check(text_of(replies[0]) == "to two" and replies[0]["choices"][0]["finish_reason"] == "length", "by the program given")
        asked(relay, "three")
        pending(relay, 1)
        failed = subprocess.run([*command, "-c", "import sys; sys.exit(3)"], capture_output=True, text=True, timeout=60)
        check(failed.returncode != 0, "a program that fails ends it")
        subprocess.run([*command, program, "{requests}", "{answers}"], check=True, timeout=60)


with tempfile.TemporaryDirectory() as place:
    kept = os.path.join(place, "store.jsonl")
    test_waits_for_answers(kept)
    test_keeps_answers(kept)
    test_bring(kept, place)
