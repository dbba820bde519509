"""The real binary from a requirement alone: a first plan that is not good enough gives way to the next one.

Usage: plans_test.py GPIOT_BINARY ROOT.   Real ECG records, a scripted model server; exit status 0 when every check holds.
"""
import http.server
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading

BINARY, ROOT = sys.argv[1], sys.argv[2]
DATA = os.path.join(ROOT, "examples", "heartbeat-detection", "data")

POOR = """- Sub-Task 1 [Remove offset]
- Implementation step 1: Subtract the mean.

- Sub-Task 2 [Compute size]
- Implementation step 1: Take the absolute value.

- Sub-Task 3 [Mark regular instants]
- Implementation step 1: Return one position every 0.5 s."""
GOOD = """- Sub-Task 1 [Filter band]
- Implementation step 1: Keep 5 to 15 Hz.

- Sub-Task 2 [Compute energy]
- Implementation step 1: Square and average over 0.12 s.

- Sub-Task 3 [Detect events]
- Implementation step 1: Find the maxima above a share of the typical maximum."""

ARRAY = "(numpy.ndarray, float64, (n_samples,), mV): One value for every sample."
INTERFACES = {"Remove offset": "Inputs: `ecg`, `rate_hz`\nOutput: `level` " + ARRAY,
              "Compute size": "Inputs: `level`, `rate_hz`\nOutput: `size` " + ARRAY,
              "Mark regular instants": "Inputs: `size`, `rate_hz`\nOutput: `r_peaks` (...)",
              "Filter band": "Inputs: `ecg`, `rate_hz`\nOutput: `band` " + ARRAY,
              "Compute energy": "Inputs: `band`, `rate_hz`\nOutput: `energy` " + ARRAY,
              "Detect events": "Inputs: `energy`, `rate_hz`\nOutput: `r_peaks` (...)"}
FUNCTIONS = {
    "remove_offset": "def remove_offset(ecg, rate_hz):\n    return ecg - np.mean(ecg)\n",
    "compute_size": "def compute_size(level, rate_hz):\n    return np.abs(level)\n",
    "mark_regular_instants": "def mark_regular_instants(size, rate_hz, distance_s=0.5):\n"
                             "    return np.arange(1, len(size) - 1, max(1, int(distance_s * rate_hz)))\n",
    "filter_band": "from scipy.signal import butter, sosfiltfilt\n\n\ndef filter_band(ecg, rate_hz, low_hz=5.0, high_hz=15.0):\n"
                   "    sos = butter(2, [low_hz, high_hz], btype='bandpass', fs=rate_hz, output='sos')\n"
                   "    return sosfiltfilt(sos, ecg)\n",
    "compute_energy": "from scipy.ndimage import uniform_filter1d\n\n\ndef compute_energy(band, rate_hz, window_s=0.12):\n"
                      "    return uniform_filter1d(band ** 2, max(1, int(round(window_s * rate_hz))))\n",
    "detect_events": "from scipy.signal import find_peaks\n\n\ndef detect_events(energy, rate_hz, share=0.2, distance_s=0.3):\n"
                     "    limit = share * np.percentile(energy, 98)\n"
                     "    return find_peaks(energy, height=limit, distance=max(1, int(distance_s * rate_hz)))[0]\n"}


def answer_to(body):
    system, last = body["messages"][0]["content"], body["messages"][-1]["content"]
    if "You plan small Python programs" in system:
        return POOR if body["seed"] == 1 else GOOD
    if "You define the interfaces" in system:
        name = re.search(r"Function \d+ \[(.*?)\]", last).group(1)
        return "Reasoning: It needs what was computed before it.\n" + INTERFACES[name]
    wanted = re.findall(r"Write `def (\w+)\(", last)
    if wanted:
        return f"```python\nimport numpy as np\n{FUNCTIONS[wanted[-1]]}```\n\n### Documentation\nText.\n"
    return "Computes what its steps say."


class Model(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        reply = json.dumps({"choices": [{"message": {"role": "assistant", "content": answer_to(body)},
                                         "finish_reason": "stop"}],
                            "usage": {"prompt_tokens": 10, "completion_tokens": 20}}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(reply)))
        self.end_headers()
        self.wfile.write(reply)

    def log_message(self, *_):
        pass


def gpiot(*arguments):
    return subprocess.run([BINARY, *arguments], capture_output=True, text=True, timeout=400,
                          env={**os.environ, "GPIOT_ROOT": ROOT})


def check(condition, what, shown=""):
    if not condition:
        print(f"FAILED: {what}\n{shown}")
        sys.exit(1)
    print(f"ok: {what}")


def make_project(folder):
    with open(os.path.join(ROOT, "examples", "heartbeat-detection", "requirement.md"), encoding="utf-8") as file:
        text = file.read().replace('path = "data"', f'path = "{DATA}"')
    lines = [line for line in text.splitlines() if not line.startswith(("development =", "final ="))]
    at = lines.index("[split]") + 1
    lines[at:at] = ['development = ["100", "103"]', 'final = ["101"]']
    os.makedirs(folder)
    with open(os.path.join(folder, "requirement.md"), "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")


def read(folder, name):
    with open(os.path.join(folder, name), encoding="utf-8") as file:
        return file.read()


def main():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Model)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    options = ["--endpoint", f"http://127.0.0.1:{server.server_port}/v1", "--model", "script", "-n", "1"]
    work = tempfile.mkdtemp(prefix="gpiot-test-")

    folder = os.path.join(work, "several")
    make_project(folder)
    done = gpiot("synthesize", folder, *options)
    shown = done.stdout + done.stderr
    check(done.returncode == 0, "the second plan ends accepted", shown)
    check(read(folder, "subtasks.md") == GOOD + "\n", "subtasks.md is the plan that was good enough", shown)
    plans = json.loads(read(folder, ".gpiot/plans.json"))["plans"]
    outcomes = [plan.get("outcome", {}).get("reached") for plan in plans]
    check(outcomes == [False, True], "both plans were worked out, the equal ones count once", str(outcomes))
    specs = sorted(os.listdir(os.path.join(folder, "specs")))
    check(len(specs) == 3 and specs[0] == "01-filter_band.md", "no specification of the first plan is left", str(specs))
    check(os.path.exists(os.path.join(folder, ".gpiot", "plans", "0", "candidates.json")), "the first plan's work is kept")
    explained = gpiot("explain", folder).stdout
    check("Plans\n" in explained and "Fixed part of each prompt" in explained, "explain shows plans and prompt sizes", explained)
    check("finished already" in gpiot("synthesize", folder, *options).stderr, "the project is finished")

    folder = os.path.join(work, "one")
    make_project(folder)
    done = gpiot("synthesize", folder, *options, "--plans", "1", "--repair", "0")
    check(done.returncode == 3, "with one plan alone the program is not good enough", done.stdout + done.stderr)
    check(read(folder, "subtasks.md") == POOR + "\n", "the first plan is the one kept")
    with open(os.path.join(folder, "subtasks.md"), "w", encoding="utf-8") as file:
        file.write(POOR.replace("0.5 s", "0.4 s") + "\n")
    done = gpiot("synthesize", folder, *options, "--repair", "0")
    check(read(folder, "subtasks.md") == POOR.replace("0.5 s", "0.4 s") + "\n", "a plan edited by hand is the only one",
          done.stdout + done.stderr)
    shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
