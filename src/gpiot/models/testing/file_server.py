"""A hub for the tests of pull: serves one file on 127.0.0.1, prints its port, ends with its standard input.

    python3 file_server.py FILE MODE      MODE: good | cut (drops the first connection half way) | no-range | lie
"""

import hashlib
import http.server
import pathlib
import sys
import threading

CONTENT = pathlib.Path(sys.argv[1]).read_bytes()
MODE = sys.argv[2]
requests = []


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *arguments):
        pass

    def do_GET(self):
        if self.path == "/requests":
            return self.answer(200, "\n".join(requests).encode(), {})
        if self.path.startswith("/api/models/"):
            return self.answer(200, b'{"cardData": {"license": "research-only"}}', {})
        header = self.headers.get("Range", "")
        requests.append(header or "whole")
        start = int(header[6:-1]) if header and MODE != "no-range" else 0
        told = {"X-Repo-Commit": "c0ffee", "X-Linked-Size": str(len(CONTENT)),
                "X-Linked-Etag": f'"{hashlib.sha256(CONTENT).hexdigest()}"'}
        if start >= len(CONTENT):
            return self.answer(416, b"", told)
        body = CONTENT[start:]
        if MODE == "lie":
            body = bytes(len(body))
        self.answer(206 if start else 200, body, told, cut=MODE == "cut" and len(requests) == 1)

    def answer(self, status, body, headers, cut=False):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if cut else body)
        self.close_connection = True


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
sys.stdin.read()
