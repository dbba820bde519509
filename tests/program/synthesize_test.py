"""The real binary from specifications to a measured program, on real ECG records, with a scripted model server.

Usage: synthesize_test.py GPIOT_BINARY ROOT.   Exit status 0 when every check holds, 77 when there is no sandbox Python.
"""
import json
import os
import shutil
import tempfile

from scripted_model import Model
from support import ROOT, check, gpiot, need_sandbox, read_json, write

DATA = os.path.join(ROOT, "examples", "heartbeat-detection", "data")

SUBTASKS = """- Sub-Task 1 [Energy of slopes]
- Implementation step 1: Keep the band of interest and square it.

- Sub-Task 2 [Find events]
- Implementation step 1: Find the maxima.
"""
SPECS = {"specs/01-energy_of_slopes.md": """# Energy of slopes

**Target**
Energy of the slopes.

**Input Specifications**
- `ecg` (numpy.ndarray, float64, (n_samples,), mV): signal
- `rate_hz` (float, Hz): sampling rate

**Output Specifications**
- `energy` (numpy.ndarray, float64, (n_samples,)): energy

**Implementation steps**
- Keep the band of interest and square it.
""", "specs/02-find_events.md": """# Find events

**Target**
Find the maxima.

**Input Specifications**
- `energy` (numpy.ndarray, float64, (n_samples,)): energy
- `rate_hz` (float, Hz): sampling rate

**Output Specifications**
- `r_peaks` (numpy.ndarray, int64, (n_peaks,), samples): sample index of the R peak of every heartbeat, in increasing order

**Implementation steps**
- Find the maxima.
"""}
ENERGY = '''```python
import numpy as np
from scipy.ndimage import uniform_filter1d
from scipy.signal import butter, sosfiltfilt


def energy_of_slopes(ecg, rate_hz, low_hz=5.0, high_hz=15.0, window_s=0.12):
    """Smoothed energy of the band."""
    sos = butter(2, [low_hz, high_hz], btype="bandpass", fs=rate_hz, output="sos")
    return uniform_filter1d(sosfiltfilt(sos, ecg) ** 2, max(1, int(round(window_s * rate_hz))))
```
### Documentation
Smoothed energy.
'''
# The height is far too high as written: the calibration has to bring it down.
EVENTS = '''```python
import numpy as np
from scipy.signal import find_peaks


def find_events(energy, rate_hz, share=1.2, distance_s=0.3):
    """Maxima above a share of the typical maximum."""
    return find_peaks(energy, height=share * np.percentile(energy, 98), distance=max(1, int(distance_s * rate_hz)))[0]
```
### Documentation
Maxima.
'''
BROKEN = EVENTS.replace("find_peaks", "find_maxima_of_signal")


def answer(text, body):
    if "def energy_of_slopes" in text:
        return ENERGY
    return BROKEN if body.get("seed", 0) % 2 else EVENTS


def main():
    need_sandbox()
    model = Model(answer)
    folder = tempfile.mkdtemp(prefix="gpiot-test-")
    with open(os.path.join(ROOT, "examples", "heartbeat-detection", "requirement.md"), encoding="utf-8") as file:
        text = file.read().replace('path = "data"', f'path = "{DATA}"')
    lines = [line for line in text.splitlines() if not line.startswith(("development =", "final ="))]
    at = lines.index("[split]") + 1
    lines[at:at] = ['development = ["100", "103"]', 'final = ["101"]']
    write(folder, "requirement.md", "\n".join(lines) + "\n")
    write(folder, "subtasks.md", SUBTASKS)
    for name, spec in SPECS.items():
        write(folder, name, spec)

    done = gpiot("synthesize", folder, *model.options(), "-n", "2", timeout_s=400)
    shown = done.stdout + done.stderr
    check(done.returncode == 0, "the synthesis ends accepted", shown)
    check("final part" in done.stdout, "the result is on stdout", shown)
    with open(os.path.join(folder, "subtasks.md"), encoding="utf-8") as file:
        check(file.read() == SUBTASKS, "a file written by hand is left alone")
    candidates = read_json(folder, ".gpiot", "candidates.json")["candidates"]
    kinds = {c["kind"] for c in candidates[1]}
    check("name" in kinds, "an invented name is found by the checks", str(kinds))
    chosen = read_json(folder, ".gpiot", "chosen.json")
    check(chosen["calibrated"], "the constants were calibrated", str(chosen["summary"]))
    reports = [read_json(folder, "runs", run, "report.json") for run in sorted(os.listdir(os.path.join(folder, "runs")))]
    final = reports[-1]
    pooled = final["measured"]["pooled"]
    check(final["part"] == "final" and pooled["precision"] >= 0.95 and pooled["recall"] >= 0.95,
          "the final part is measured at .95 / .95 or better", json.dumps(pooled))
    view = os.path.join(folder, ".gpiot", "views", "final", "test")
    check(not [n for n in os.listdir(view) if n.endswith(".atr")], "the view holds no labels")

    before = (len(model.asked), len(reports))
    done = gpiot("synthesize", folder, *model.options(), "-n", "2", timeout_s=400)
    check(done.returncode == 0 and "finished already" in done.stderr, "a finished project says so", done.stderr)
    check((len(model.asked), len(os.listdir(os.path.join(folder, "runs")))) == before,
          "a second call asks nothing and runs the final part no second time")

    # Handing on: the notebook holds what its cells put out, and the project stays finished.
    done = gpiot("export", folder, "--ipynb", "--docker", "--systemd")
    check(done.returncode == 0, "a finished app can be exported", done.stderr)
    notebook = read_json(folder, "app", "app.ipynb")
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    check(notebook["nbformat"] == 4 and all(set(cell) == {"id", "cell_type", "metadata", "source", "execution_count",
                                                          "outputs"} for cell in code), "the notebook has its form")
    check("array([" in code[-1]["outputs"][0]["data"]["text/plain"], "the last cell shows the events of a record",
          str(code[-1]["outputs"])[:400])
    with open(os.path.join(folder, "app", "Dockerfile"), encoding="utf-8") as file:
        check("USER nobody" in file.read(), "the container does not run as root")
    done = gpiot("synthesize", folder, *model.options(), "-n", "2", timeout_s=400)
    check("finished already" in done.stderr, "an export leaves the project finished", done.stderr)
    done = gpiot("export", folder)
    check(done.returncode == 2 and "--ipynb" in done.stderr, "an export of nothing says what there is", done.stderr)

    # A program that lies about itself and predicts nothing right is not accepted.
    shutil.rmtree(os.path.join(folder, "app"))
    write(folder, "app/main.py", "import json, sys\nprint('Detection accuracy: 1.0')\n"
          "out = sys.argv[sys.argv.index('--out') + 1]\n"
          "open(out, 'w').write(json.dumps({'record': '101', 'r_peaks': list(range(0, 600000, 100))}) + '\\n')\n")
    done = gpiot("run", folder, "--final")
    check(done.returncode == 3, "an invented accuracy does not count", done.stdout + done.stderr)

    done = gpiot("synthesize", folder + "-missing")
    check(done.returncode == 2 and "no such project folder" in done.stderr, "a missing project is named", done.stderr)
    done = gpiot("decompose", folder, "--no-own-functions", "--endpoint", "http://127.0.0.1:9/v1", "--model", "x")
    check(done.returncode == 5, "an endpoint that is down ends with status 5", done.stderr)
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
