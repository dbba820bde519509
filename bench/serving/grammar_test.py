#!/usr/bin/env python3
"""grammar_test.py GPIOT_BENCH_GRAMMAR ROOT: what the grammar of generated functions takes, asked of libllama itself with the
vocabulary of GPIOT_TEST_MODEL (status 77 where there is none)."""
import json
import os
import subprocess
import sys
import tempfile

PROGRAM, ROOT = sys.argv[1:3]
MODEL = os.environ.get("GPIOT_TEST_MODEL")
TEXT = """```python
import numpy as np
from scipy.signal import {imported}


def smooth(level, rate_hz, width_s=0.5):
    {line}
    if level.size:
        level = level[1:]
    return {result}
```

### Documentation
A moving mean over half a second of the level.
"""
TAKEN = ["x = np.fft.rfftfreq(level.size, 1 / rate_hz)", "x = level.astype(np.int64)", "np.add.at(level, 0, 1)", "n = 3", "next(iter(level))",
         "result = [np.mean(w) for w in level]", "x = snp.rffreq(np_level, nan)", "re = ret = r = level", "x = f(np, 1)", "# np.mean",
         "rate = \"np.mean\"", "(a, b), c = np.linalg.svd(level), np.pi", "x = np.lib.stride_tricks.sliding_window_view(level, 3)"]
REFUSED = ["x = np.fft.rffreq(level.size)", "x = level.astype(np.int)", "x = np.crc16(level)", "np.in1d(level, 3)", "x = np.fft.mean(level)",
           "n = [np.rffreq]", "return level", "\"\"\"Text.", "x = np", "x" + 300 * " " + "= 1"]
CASES = [("butter", line, "level", True) for line in TAKEN] + [("butter", line, "level", False) for line in REFUSED] + [
    ("butter, sosfiltfilt", "x = 1", "np.mean(level)", True), ("uniform_filter1d", "x = 1", "level", False),
    ("butter", "x = 1", "np.average_of(level)", False), ("butter", "x = 1", "(level, np.nan)", True)]


def main():
    if not MODEL:
        sys.exit(77)
    with tempfile.TemporaryDirectory() as folder:
        texts = os.path.join(folder, "texts.jsonl")
        with open(texts, "w", encoding="utf-8") as file:
            for i, (imported, line, result, _) in enumerate(CASES):
                text = TEXT.format(imported=imported, line=line, result=result)
                file.write(json.dumps({"id": i, "function": "smooth", "inputs": ["level", "rate_hz"], "packages": ["numpy", "scipy"],
                                       "text": text}) + "\n")
        done = subprocess.run([PROGRAM, MODEL, texts], capture_output=True, text=True, timeout=100, env={**os.environ, "GPIOT_ROOT": ROOT})
    if done.returncode:
        sys.exit(f"FAILED: status {done.returncode}\n{done.stderr}")
    result = json.loads(done.stdout)
    refused = {row["id"]: row for row in result["refused"]}
    wrong = [f"{case}: {refused.get(i, 'taken')}" for i, case in enumerate(CASES) if (i not in refused) != case[3]]
    if wrong or result["texts"] != len(CASES):
        sys.exit("FAILED: " + "\n".join(wrong or [done.stdout]))
    print(f"ok: {len(CASES)} texts")


main()
