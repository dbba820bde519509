#!/usr/bin/env python3
"""An endpoint whose answers are made elsewhere: what it has no answer for waits until one is brought.

    bench/serving/relay.py STORE [--port 8712]

gpiot asks it with `--endpoint http://127.0.0.1:8712/v1 --endpoint-timeout 86400 --endpoint-parallel 512`. GET /pending gives the
requests that wait, as JSON lines with a key; POST /answers takes JSON lines {key, text, finish, prompt_tokens,
completion_tokens} (gpu_answers.py makes them), keeps them in STORE and lets the waiting ones go on. A request asked again is
answered from STORE: so a run can be repeated. It listens on this machine alone."""
import argparse
import hashlib
import http.server
import json
import os
import threading


def key_of(body):
    wanted = {name: value for name, value in body.items() if name not in ("model", "stream")}
    return hashlib.sha256(json.dumps(wanted, sort_keys=True).encode()).hexdigest()[:24]


def completion_of(answer):
    """An answer {text, finish, prompt_tokens, completion_tokens} in the words of an OpenAI-style endpoint."""
    return {"choices": [{"message": {"role": "assistant", "content": answer["text"]}, "finish_reason": answer["finish"]}],
            "usage": {name: answer[name] for name in ("prompt_tokens", "completion_tokens")}}


class Store:
    def __init__(self, path):
        self.path, self.answers, self.pending, self.news = path, {}, {}, threading.Condition()
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                self.answers = {answer["key"]: answer for answer in map(json.loads, file)}

    def bring(self, lines):
        with self.news, open(self.path, "a", encoding="utf-8") as file:
            for answer in map(json.loads, lines):
                self.answers[answer["key"]] = answer
                self.pending.pop(answer["key"], None)
                file.write(json.dumps(answer) + "\n")
            self.news.notify_all()

    def answer_to(self, body):
        key = key_of(body)
        with self.news:
            if key not in self.answers:
                self.pending[key] = {"key": key, **body}
            self.news.wait_for(lambda: key in self.answers)
            return self.answers[key]


def handler_of(store):
    class Handler(http.server.BaseHTTPRequestHandler):
        def reply(self, text):
            data = text.encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            try:
                self.wfile.write(data)
            except BrokenPipeError:
                pass  # the asker did not wait

        def do_GET(self):
            with store.news:
                self.reply("".join(json.dumps(body) + "\n" for body in store.pending.values()))

        def do_POST(self):
            text = self.rfile.read(int(self.headers["Content-Length"])).decode()
            if self.path == "/answers":
                store.bring(text.splitlines())
                return self.reply("{}")
            self.reply(json.dumps(completion_of(store.answer_to(json.loads(text)))))

        def log_message(self, *_):
            pass

    return Handler


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 4096
    daemon_threads = True


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("store")
    parser.add_argument("--port", type=int, default=8712)
    arguments = parser.parse_args()
    Server(("127.0.0.1", arguments.port), handler_of(Store(arguments.store))).serve_forever()
