#!/usr/bin/env python3
"""An OpenAI-style endpoint of a Qwen2 GGUF on one GPU: many answers at a time, by gpiot's own sampler and grammars.

    bench/serving/gpu_endpoint.py MODEL.gguf --sampler build/release/bench/serving/gpiot-bench-sampler [--port 8713]

For benches on a machine with a GPU: gpiot and the baselines ask it with `--endpoint http://127.0.0.1:8713/v1`. What comes while
others are being answered joins them. It listens on this machine alone; GET /ready answers once the model stands; progress on
stderr. With a Python that has torch, numpy and gguf."""
import argparse
import http.server
import json
import queue
import sys
import threading
import time

import gpu_answers
from relay import Server, completion_of

IDLE_S = 0.01
SAY_EVERY_S = 10
REQUIRED = ("messages", "max_tokens", "temperature")


def handler_of(coming, mailboxes):
    class Handler(http.server.BaseHTTPRequestHandler):
        def reply(self, status, body):
            data = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            try:
                self.wfile.write(data)
            except BrokenPipeError:
                pass  # the asker did not wait

        def do_GET(self):
            self.reply(200, {"ready": True})

        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            missing = [name for name in REQUIRED if name not in body]
            if missing:
                return self.reply(400, {"error": {"message": f"missing: {', '.join(missing)}"}})
            key = threading.get_ident()  # a thread has one request at a time
            mailboxes[key] = queue.SimpleQueue()
            coming.put({**body, "key": key})
            answer = mailboxes[key].get()
            if "error" in answer:
                return self.reply(400, {"error": {"message": answer["error"]}})
            self.reply(200, completion_of(answer))

        def log_message(self, *_):
            pass

    return Handler


def answer_for_ever(answers, coming):
    said, made = time.monotonic(), 0
    while True:
        while not coming.empty():
            answers.waiting.append(coming.get())
        if not answers.turn():
            time.sleep(IDLE_S)
        passed = time.monotonic() - said
        if passed > SAY_EVERY_S and answers.made > made:
            print(f"{answers.done} answers, {len(answers.live)} being written, {len(answers.waiting)} wait, "
                  f"{(answers.made - made) / passed:.0f} tokens/s", file=sys.stderr, flush=True)
            said, made = time.monotonic(), answers.made


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--port", type=int, default=8713)
    gpu_answers.add_options(parser)
    arguments = parser.parse_args()
    coming, mailboxes = queue.SimpleQueue(), {}
    answers = gpu_answers.Answers(*gpu_answers.load(arguments), lambda request, answer: mailboxes[request["key"]].put(answer))
    server = Server(("127.0.0.1", arguments.port), handler_of(coming, mailboxes))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    answer_for_ever(answers, coming)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
