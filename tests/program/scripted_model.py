"""A model server with scripted answers, and the answers of a small program that finds heartbeats.

`Model` speaks the OpenAI chat form. Its `answer(text, body)` may be replaced to answer anything else.
"""
import http.server
import json
import threading

SUBTASKS = """- Sub-Task 1 [Filter heart band]
- Implementation step 1: Filter the signal from 5 Hz to 15 Hz.
- Implementation step 2: Keep the length of the input.

- Sub-Task 2 [Compute slope energy]
- Implementation step 1: Square the band.
- Implementation step 2: Average it over 0.12 s.

- Sub-Task 3 [Select events]
- Implementation step 1: Find the maxima above a share of the typical maximum.
- Implementation step 2: Return their indices in increasing order.
"""
TARGET = "Computes what its step says and returns it."
INTERFACES = ["Reasoning: The next step needs the band.\nInputs: `ecg`, `rate_hz`\n"
              "Output: `band` (numpy.ndarray, float64, (n_samples,), mV): Band of the heart.\n",
              "Reasoning: The next step needs the energy.\nInputs: `band`, `rate_hz`\n"
              "Output: `energy` (numpy.ndarray, float64, (n_samples,), mV): Energy of the slopes.\n",
              "Reasoning: The result is wanted.\nInputs: `energy`, `rate_hz`\n"
              "Output: `r_peaks` (numpy.ndarray, int64, (n_peaks,), samples): Beats.\n"]


def function(head, body, imports="import numpy as np"):
    """An answer with one function."""
    lines = "\n".join("    " + line for line in body.strip().splitlines())
    return f"```python\n{imports}\n\n\ndef {head}:\n{lines}\n```\n\n### Documentation\nIt does what it says.\n"


BAND = function("filter_heart_band(ecg, rate_hz, low_hz=5.0, high_hz=15.0)", """
sos = butter(2, [low_hz, high_hz], btype="bandpass", fs=rate_hz, output="sos")
return sosfiltfilt(sos, ecg)
""", "import numpy as np\nfrom scipy.signal import butter, sosfiltfilt")
ENERGY = function("compute_slope_energy(band, rate_hz, window_s=0.12)", """
return uniform_filter1d(band ** 2, max(1, int(round(window_s * rate_hz))))
""", "import numpy as np\nfrom scipy.ndimage import uniform_filter1d")
# The height is far too high as written: the calibration has to bring it down.
EVENTS = function("select_events(energy, rate_hz, share=1.2, distance_s=0.3)", """
return find_peaks(energy, height=share * np.percentile(energy, 98), distance=max(1, int(distance_s * rate_hz)))[0]
""", "import numpy as np\nfrom scipy.signal import find_peaks")
CODES = {"filter_heart_band": BAND, "compute_slope_energy": ENERGY, "select_events": EVENTS}


def asked_for(text):
    """The function whose code is asked for, None where none is."""
    return next((name for name in CODES if f"def {name}" in text), None)


def good_answer(text, body):
    """What a model that knows everything would answer."""
    grammar = body.get("grammar", "")
    if asked_for(text):
        return CODES[asked_for(text)]
    if "Sub-Task 1 [" in grammar:
        return SUBTASKS
    if "Inputs: " in grammar:
        return INTERFACES[2 if "`energy`" in text else 1 if "`band`" in text else 0]
    return TARGET


def reply_with(text):
    """A response of the chat form."""
    choice = {"message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
    return json.dumps({"choices": [choice], "usage": {"prompt_tokens": 10, "completion_tokens": 20}}).encode()


class Model:
    """Serves until the process ends. `asked` holds the texts of all prompts."""

    def __init__(self, answer=good_answer):
        self.answer = answer
        self.asked = []
        handler = type("Handler", (_Handler,), {"model": self})
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.server.daemon_threads = True
        self.server.handle_error = lambda *_: None  # a client that goes away is no fault here
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.endpoint = f"http://127.0.0.1:{self.server.server_port}/v1"

    def options(self, own=False):
        """The options of gpiot that name this server; its functions alone, or with gpiot's own before and beside them."""
        return ["--endpoint", self.endpoint, "--model", "script", *([] if own else ["--no-own-functions"])]

    def respond(self, handler, body):
        """Answers one request; tests that want another status or nonsense replace it."""
        text = "\n".join(message["content"] for message in body["messages"])
        self.asked.append(text)
        answer = self.answer(text, body)
        last = body["messages"][-1]
        start = last["content"] if last["role"] == "assistant" else ""
        handler.send(200, reply_with(answer[len(start):] if answer.startswith(start) else answer))


class _Handler(http.server.BaseHTTPRequestHandler):
    model = None

    def do_POST(self):
        self.model.respond(self, json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

    def send(self, status, reply, kind="application/json"):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(reply)))
        self.end_headers()
        self.wfile.write(reply)

    def log_message(self, *_):
        pass
