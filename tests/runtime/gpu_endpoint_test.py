"""bench/serving/gpu_endpoint.py over HTTP, without a GPU: what is asked reaches the loop of answers, and each asker gets its
own, in the endpoint's words; what cannot be answered is refused and the next one still is.

Usage: gpu_endpoint_test.py ROOT
"""
import json
import os
import queue
import sys
import threading
import types
import urllib.error
import urllib.request

sys.path.insert(0, os.path.join(sys.argv[1], "bench", "serving"))
sys.modules["gpu_answers"] = types.ModuleType("gpu_answers")  # wants torch, and a model

import gpu_endpoint  # noqa: E402


def check(condition, what, shown=""):
    if not condition:
        sys.exit(f"FAILED: {what}\n{shown}")
    print(f"ok: {what}")


class Echo:
    """In place of Answers: one answer a turn, the newest first, so that a mixed-up asker is seen."""

    def __init__(self, give):
        self.give, self.waiting, self.live, self.made, self.done = give, [], [], 0, 0

    def turn(self):
        if not self.waiting:
            return False
        request = self.waiting.pop()
        text = request["messages"][-1]["content"]
        self.give(request, {"error": "too long"} if text == "long" else
                  {"text": f"to {text}", "finish": "stop", "prompt_tokens": len(text), "completion_tokens": 2})
        return True


class Endpoint:
    def __init__(self):
        coming, mailboxes = queue.SimpleQueue(), {}
        server = gpu_endpoint.Server(("127.0.0.1", 0), gpu_endpoint.handler_of(coming, mailboxes))
        self.url = f"http://127.0.0.1:{server.server_address[1]}"
        answers = Echo(lambda request, answer: mailboxes[request["key"]].put(answer))
        for work in (server.serve_forever, lambda: gpu_endpoint.answer_for_ever(answers, coming)):
            threading.Thread(target=work, daemon=True).start()

    def ask(self, body):
        request = urllib.request.Request(self.url + "/v1/chat/completions", data=json.dumps(body).encode(), method="POST")
        try:
            with urllib.request.urlopen(request, timeout=60) as reply:
                return reply.status, json.load(reply)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)


def body_of(text):
    return {"messages": [{"role": "user", "content": text}], "max_tokens": 5, "temperature": 0}


def main():
    endpoint = Endpoint()
    with urllib.request.urlopen(endpoint.url + "/ready", timeout=60) as reply:
        check(json.load(reply) == {"ready": True}, "it says that it is ready")
    replies = {}

    def ask(text):
        replies[text] = endpoint.ask(body_of(text))

    threads = [threading.Thread(target=ask, args=(f"{number}",)) for number in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    check(all(replies[text][1]["choices"][0]["message"]["content"] == f"to {text}" for text in map(str, range(40))),
          "forty askers at once get their own answers", str(replies))
    status, reply = endpoint.ask(body_of("seven"))
    check(status == 200 and reply["usage"] == {"prompt_tokens": 5, "completion_tokens": 2}
          and reply["choices"][0]["finish_reason"] == "stop", "with tokens and the reason of the end", str(reply))
    status, reply = endpoint.ask(body_of("long"))
    check(status == 400 and reply["error"]["message"] == "too long", "what does not fit is refused", str(reply))
    status, reply = endpoint.ask({"messages": []})
    check(status == 400 and "max_tokens" in reply["error"]["message"], "what is missing is named", str(reply))
    check(endpoint.ask(body_of("again"))[0] == 200, "and the next one is answered")


main()
