"""Model files that are missing, cut, of another kind or not the recorded bytes, and prompts beyond the context."""
import hashlib
import json
import http.server
import os
import struct
import threading

from scripted_model import SUBTASKS, Model
from small_project import make_project
from support import Scratch, check, expect_error, gpiot, snapshot, write


def text(value):
    return struct.pack("<Q", len(value)) + value.encode()


def gguf(keys, tensors=0):
    """The header of a GGUF file with text keys."""
    head = b"GGUF" + struct.pack("<IQQ", 3, tensors, len(keys))
    return head + b"".join(text(key) + struct.pack("<I", 8) + text(value) for key, value in keys.items())


def a_model_without_weights():
    return gguf({"general.architecture": "llama", "general.name": "hollow"}) + bytes(64)


def refused(what, code, model, *parts, home=None, **form):
    with Scratch() as folder:
        make_project(folder, records="")
        before = snapshot(folder, but=(".gpiot",))
        done = gpiot("decompose", folder, "--no-own-functions", "--model", model, GPIOT_HOME=home or os.path.join(folder, ".gpiot", "home"))
        expect_error(done, code, what, *parts, **form)
        check(snapshot(folder, but=(".gpiot",)) == before, f"{what}: the project is as it was")


def files():
    with Scratch() as folder:
        def put(name, content):
            return write(folder, name, content)

        refused("a model that is not there", "not_found", folder + "/none.gguf", "no such model", "none.gguf")
        refused("a folder as model", "not_found", folder, "no such model")
        refused("an empty model file", "format", put("empty.gguf", b""), "empty.gguf", remedy=False)
        refused("a model cut in its header", "format", put("cut.gguf", a_model_without_weights()[:40]), "cut short",
                "got 40 bytes")
        tensor = text("a.weight") + struct.pack("<IQIQ", 1, 1 << 20, 0, 0)
        cut = gguf({"general.architecture": "llama"}, tensors=1) + tensor + bytes(5000)
        refused("a model cut in its weights", "format", put("weights.gguf", cut), "cut short", "tensor 'a.weight'")
        refused("a ZIP file as model", "format", put("model.gguf", b"PK\3\4" + bytes(100)), "is not a GGUF model")
        refused("a page of HTML as model", "format", put("page.gguf", "<!DOCTYPE html><html></html>"), "is not a GGUF model")
        refused("weights in safetensors", "format", put("model.safetensors", struct.pack("<Q", 20) + b'{"a":{"dtype":"F32"'),
                "is not a GGUF model")
        adapter = gguf({"general.architecture": "llama", "general.type": "adapter", "adapter.type": "lora"}) + bytes(64)
        refused("an adapter as model", "model", put("adapter.gguf", adapter), "got an adapter")
        refused("a header without weights", "model", put("hollow.gguf", a_model_without_weights()),
                "libllama cannot load", remedy=False, expected=False)


def recorded_bytes():
    """A model of the list whose file is no longer the recorded one."""
    with Scratch() as folder:
        home = os.path.join(folder, "home")
        path = write(folder, "mine.gguf", a_model_without_weights())
        done = gpiot("model", "add", path, "--name", "mine", GPIOT_HOME=home)
        check(done.returncode == 0, "a file is taken into the list", done.stderr)
        right = hashlib.sha256(a_model_without_weights()).hexdigest()
        write(folder, "mine.gguf", a_model_without_weights()[:-1] + b"x")
        refused("other bytes of the same length", "model", "mine", "was changed", f"expected {right}", home=home)
        done = gpiot("model", "verify", GPIOT_HOME=home)
        expect_error(done, "model", "`model verify` of it", "1 of 1 models", expected=False)
        check(done.stdout.startswith("changed"), "`model verify` names the file", done.stdout)
        write(folder, "mine.gguf", a_model_without_weights()[:-1])
        refused("a file of another length", "model", "mine", "was changed", "bytes", home=home)
        os.remove(path)
        refused("a recorded file that is gone", "not_found", "mine", "is gone", "mine.gguf", home=home)
        write(home, "state/models.lock.json", "{nonsense")
        refused("a lock file that is no JSON", "format", "mine", "models.lock.json", home=home)


def download():
    """A hub that announces one hash and sends other bytes."""
    class Hub(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            body = a_model_without_weights()
            if "/api/" in self.path:
                body = b'{"cardData": {"license": "mit"}}'
            self.send_response(200)
            self.send_header("X-Linked-ETag", '"' + "0" * 64 + '"')
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with Scratch() as folder:
        done = gpiot("model", "pull", "hf.co/owner/repo:model.gguf", GPIOT_HOME=folder,
                     HF_ENDPOINT=f"http://127.0.0.1:{server.server_port}")
        expect_error(done, "download", "a download with a wrong hash", "not the pinned ones", expected=False)
        kept = [name for name in os.listdir(folder + "/cache/models") if "guard" not in name]
        check(kept == [], "a download with a wrong hash is not kept", str(kept))


def lora(architecture, width):
    """A LoRA of rank 4 on the first layer's q that changes nothing: B is zero."""
    keys = {"general.architecture": architecture, "general.type": "adapter", "adapter.type": "lora"}
    head = gguf(keys, tensors=2)
    for name, columns, rows, offset in (("a", width, 4, 0), ("b", 4, width, width * 16)):
        head += text(f"blk.0.attn_q.weight.lora_{name}") + struct.pack("<IQQIQ", 2, columns, rows, 0, offset)
    return head + bytes(-len(head) % 32) + struct.pack(f"<{width * 4}f", *[1.0] * (width * 4)) + bytes(width * 16)


def adapters():
    """An adapter that is not there, cut, of another architecture, of another base; and the right one."""
    local = os.environ.get("GPIOT_TEST_MODEL")
    if not local:
        print("skipped: adapters: GPIOT_TEST_MODEL names no model", flush=True)
        return
    width, right = 576, None  # of SmolLM2-135M
    with open(local, "rb") as file:
        right = hashlib.file_digest(file, "sha256").hexdigest()
    with Scratch() as folder:
        make_project(folder, records="")
        write(folder, "subtasks.md", SUBTASKS)
        before = snapshot(folder, but=(".gpiot",))

        def answer(what, code, *parts, option="--tdslm", content=None, manifest=None, command="decompose", **form):
            path = os.path.join(folder, ".gpiot", "adapter.gguf")
            for name, written in ((path, content), (path + ".json", manifest)):
                if os.path.exists(name):
                    os.remove(name)
                if written is not None:
                    write(folder, os.path.relpath(name, folder), written)
            # 500 tokens are too few for the prompt: what gets that far has a model and its adapter in memory.
            done = gpiot(command, folder, "--no-own-functions", "--model", local, option, path, "--context", "500", OMP_WAIT_POLICY="passive",
                         GPIOT_HOME=os.path.join(folder, ".gpiot", "home"))
            expect_error(done, code, what, *parts, **form)
            check(snapshot(folder, but=(".gpiot",)) == before, f"{what}: the project is as it was")

        good = lora("llama", width)
        answer("an adapter that is not there", "not_found", "adapter.gguf", remedy=False, expected=False)
        answer("an adapter that is cut", "format", "cut short", content=good[:-9])
        answer("an adapter of another architecture", "model", "another architecture", "got 'qwen2'", remedy=False,
               content=lora("qwen2", width))
        answer("an adapter of another width", "model", "cannot load the adapter", remedy=False, expected=False,
               content=lora("llama", 64))
        other = json.dumps({"base_sha256": "00ff" * 16})
        for option in ("--tdslm", "--cgslm"):
            answer(f"an adapter of another base ({option})", "model", "another base", f"got base {right}", "00ff00ff",
                   option=option, content=good, manifest=other)
        answer("a manifest that names no base", "format", "does not name its base", content=good, manifest="{}",
               remedy=False)
        answer("the adapter of this base", "capacity", "expected at most 500 together", content=good,
               manifest=json.dumps({"base_sha256": right}))
    with Scratch() as folder:
        make_project(folder, records="")
        model = Model()
        done = gpiot("decompose", folder, *model.options(), "--tdslm", "adapter.gguf")
        expect_error(done, "invalid_argument", "an adapter for an endpoint", "cannot be given to an endpoint")
        check(not model.asked, "the endpoint is not asked")


def context():
    with Scratch() as folder:
        model = Model()
        make_project(folder, records="")
        done = gpiot("decompose", folder, *model.options(), "--context", "500")
        expect_error(done, "capacity", "a prompt beyond a small context", "expected at most 500 together")
        steps = "".join(f"- Implementation step {i}: Filter {'the signal ' * 80}\n" for i in range(1, 40))
        write(folder, "subtasks.md", SUBTASKS.replace("- Implementation step 2: Keep the length of the input.\n", steps))
        done = gpiot("specify", folder, *model.options())
        expect_error(done, "capacity", "a prompt beyond the context of an endpoint", "got about", "8192")
        check(not model.asked, "such a prompt is not sent: nobody cuts it")
        local = os.environ.get("GPIOT_TEST_MODEL")
        if not local:
            print("skipped: a prompt beyond the context of a local model: GPIOT_TEST_MODEL names none", flush=True)
            return
        done = gpiot("decompose", folder, "--no-own-functions", "--model", local, "--context", "500", OMP_WAIT_POLICY="passive",
                     GPIOT_HOME=os.path.join(folder, ".gpiot", "home"))
        expect_error(done, "capacity", "a prompt beyond the context of a local model", "expected at most 500 together")


if __name__ == "__main__":
    files()
    recorded_bytes()
    download()
    adapters()
    context()
