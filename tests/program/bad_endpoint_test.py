"""A model server that is down, refuses, hangs or answers nonsense: each is named, and the project stays as it was."""
import socket
import time

from scripted_model import Model, reply_with
from small_project import make_project
from support import Scratch, check, expect_error, gpiot, snapshot


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def refused(what, code, respond, *parts, options=(), endpoint=None, environment=None, **form):
    """`decompose` with a server that calls `respond(handler, body)` for each request."""
    model = Model()
    model.respond = respond
    with Scratch() as folder:
        make_project(folder, records="")
        before = snapshot(folder, but=(".gpiot",))
        done = gpiot("decompose", folder, "--no-own-functions", "--endpoint", endpoint or model.endpoint, "--model", "script",
                     *options, timeout_s=60, **(environment or {}))
        expect_error(done, code, what, *parts, **form)
        check(snapshot(folder, but=(".gpiot",)) == before, f"{what}: the project is as it was")
        check(gpiot("status", folder).returncode == 0, f"{what}: the project has a status")
        return done


def answers(status, body, kind="application/json"):
    return lambda handler, _: handler.send(status, body, kind)


def no_answer():
    down = f"http://127.0.0.1:{free_port()}/v1"
    refused("a server that is down", "download", None, down, "cannot be reached", endpoint=down, expected=False)
    refused("a server that closes the connection", "download", lambda handler, _: handler.connection.close(),
            "cannot be reached", expected=False)
    start = time.monotonic()
    refused("a server that hangs", "download", lambda *_: time.sleep(30), "did not answer in time", expected=False,
            options=["--endpoint-timeout", "2"])
    check(time.monotonic() - start < 20, "a server that hangs is left at --endpoint-timeout")

    def drip(handler, _):
        handler.send_response(200)
        handler.end_headers()
        for _ in range(300):
            handler.wfile.write(b" ")
            time.sleep(0.1)

    refused("a server that drips blanks", "download", drip, "did not answer in time", expected=False,
            options=["--endpoint-timeout", "2"])


def wrong_status():
    refused("a server with status 500", "download", answers(500, b'{"error": {"message": "out of memory"}}'),
            "got HTTP status 500", "out of memory", "expected 200", remedy=False)
    refused("a server that wants a key", "download", answers(401, b'{"error": "no key"}'), "got HTTP status 401")
    refused("a wrong path", "download", answers(404, b"<html>not here</html>", "text/html"), "got HTTP status 404")
    refused("a redirection", "download", answers(302, b""), "got HTTP status 302", remedy=False)
    done = refused("an error body with control bytes", "download", answers(500, b"\x1b[2J\x07 boom"), "boom", remedy=False)
    check("\x1b" not in done.stderr, "control bytes of a server do not reach the terminal")


def nonsense():
    refused("HTML in the place of JSON", "format", answers(200, b"<html>Welcome</html>", "text/html"),
            "did not answer with JSON", "<html>")
    for body in (b"", b"{}", b"[]", b"null", b'{"choices": []}', b'{"choices": 3}'):
        refused(f"the answer {body or 'of no bytes'}", "format", answers(200, body), "expected a chat completion")
    refused("an answer without text", "format", answers(200, b'{"choices": [{"message": {"content": null}}]}'),
            "without a text")
    refused("an answer nested 100000 deep", "format", answers(200, b"[" * 100_000), "expected a chat completion")
    refused("an answer of 20 MB", "capacity", answers(200, b" " * 20_000_000), "too large", remedy=False)
    for text in ("", "I am sorry, I cannot do that.", "- Sub-Task 1 [", "\x00\x1b[2J" * 50, "ä" * 5000):
        refused(f"a decomposition that reads {text[:12]!r}", "format", answers(200, reply_with(text)),
                "could not be read", expected=False)
    key = "secret-key-4711"
    done = refused("a server that repeats the key", "download", answers(500, key.encode()),
                   environment={"GPIOT_API_KEY": key}, remedy=False)
    check(key not in done.stderr + done.stdout, "the key of the endpoint is not shown")


if __name__ == "__main__":
    no_answer()
    wrong_status()
    nonsense()
