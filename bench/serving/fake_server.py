#!/usr/bin/env python3
"""Stands in for llama-server in the self-test: answers /health and /completion with the numbers of tokens asked for."""
import http.server
import json
import sys


class Handler(http.server.BaseHTTPRequestHandler):
    def reply(self, value):
        text = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def do_GET(self):
        self.reply({"status": "ok"})

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        prompt = len(body["prompt"])
        answer = {"tokens_predicted": body["n_predict"], "tokens_evaluated": prompt, "truncated": False,
                  "timings": {"prompt_n": prompt}}
        count = body.get("n_cmpl", 1)
        self.reply(answer if count == 1 else [answer] * count)

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    if "--version" in sys.argv:
        print("version: fake")
    else:
        port = int(sys.argv[sys.argv.index("--port") + 1])
        http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()
