"""bench/requirements/plain.py: the two baselines over HTTP, with stand-ins for the model and for `gpiot run`.

Usage: baselines_test.py ROOT
"""
import http.server
import json
import os
import stat
import sys
import tempfile
import threading
import types

sys.path.insert(0, os.path.join(sys.argv[1], "bench", "requirements"))
import plain  # noqa: E402

REQUIREMENT = """+++
[data]
format = "csv"
channel = "ecg"
[result]
kind = "events"
[result.variable]
name = "beats"
+++
Find the beats.
"""
# A program's text says how its run ends.
RUN = f"""#!{sys.executable}
import json, os, sys
folder = sys.argv[2]
code = open(os.path.join(folder, "app", "main.py")).read()
runs = os.path.join(folder, "runs")
os.makedirs(runs, exist_ok=True)
run = os.path.join(runs, "%04d" % (len(os.listdir(runs)) + 1))
os.mkdir(run)
report = {{"accepted": "good" in code, "problem": "what went wrong: " + code.strip(), "final": "--final" in sys.argv}}
if "keeps" in code or "good" in code:
    report["measured"] = {{"contract": {{"kept": True}}}}
json.dump(report, open(os.path.join(run, "report.json"), "w"))
"""


def check(condition, what, shown=""):
    if not condition:
        sys.exit(f"FAILED: {what}\n{shown}")
    print(f"ok: {what}")


class Model:
    """Gives its answers one after the other, and keeps what it was asked."""

    def __init__(self, answers):
        self.asked, left = [], list(answers)
        asked = self.asked

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                data = json.dumps({"choices": [{"message": {"content": left.pop(0)}}],
                                   "usage": {"prompt_tokens": 70, "completion_tokens": 30}}).encode()
                self.send_response(200)
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_):
                pass

        self.server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/v1"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


def fenced(code):
    return f"Here it is:\n```python\n{code}\n```\nIt works."


def looped(place, name, answers, tokens):
    folder = os.path.join(place, name)
    os.makedirs(folder)
    model = Model(answers)
    asked = types.SimpleNamespace(gpiot=os.path.join(place, "gpiot"), endpoint=model.url, model="", seed=5)
    plain.loop(asked, folder, REQUIREMENT, tokens)
    with open(os.path.join(folder, "turns.json"), encoding="utf-8") as file:
        turns = json.load(file)
    with open(os.path.join(folder, "app", "main.py"), encoding="utf-8") as file:
        return model.asked, turns, file.read(), plain.last_report(folder)


def test_until_accepted(place):
    asked, turns, code, report = looped(place, "accepted", map(fenced, ["bad", "good", "never asked"]), 1000)
    check([turn["accepted"] for turn in turns] == [False, True], "the loop ends where a program is accepted", turns)
    check([turn["tokens"] for turn in turns] == [100, 200], "the tokens are those that the endpoint counts", turns)
    check([body["seed"] for body in asked] == [5, 6], "each round has a seed of its own")
    first, second = (body["messages"][0]["content"] for body in asked)
    check(second.startswith(first) and "bad\n```" in second and "what went wrong: bad" in second,
          "the task, the program and its problem are told", second)
    check(code.strip() == "good" and report["final"], "the accepted program is measured on the final part", report)


def test_until_tokens_are_used(place):
    answers = map(fenced, ["bad", "keeps, the first", "keeps, the second", "bad again", "never asked"])
    _, turns, code, report = looped(place, "used", answers, 400)
    check(len(turns) == 4 and turns[-1]["tokens"] == 400, "the loop ends where the tokens are used up", turns)
    check(code.strip() == "keeps, the second" and report["final"], "the last program that kept its contract is measured", code)


def test_none_is_any_good(place):
    _, _, code, report = looped(place, "none", ["no fence at all", "neither here"], 200)
    check(code == "neither here" and not report["accepted"], "an answer without a fence is taken as it is", code)


with tempfile.TemporaryDirectory() as made:
    with open(os.path.join(made, "gpiot"), "w", encoding="utf-8") as program:
        program.write(RUN)
    os.chmod(os.path.join(made, "gpiot"), stat.S_IRWXU)
    test_until_accepted(made)
    test_until_tokens_are_used(made)
    test_none_is_any_good(made)
