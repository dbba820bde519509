#!/usr/bin/env python3
"""Makes data/{condition}.npz of the .mat files of the CWRU Bearing Data Center.

    convert.py FOLDER data

FOLDER holds the ten files below, named by number as they are offered, or by condition (IR_14.mat). Needs scipy.
"""
import os
import sys

import numpy as np
import scipy.io

# 48 kHz, drive end, no load (1797 rpm), outer race at 6 o'clock; the number is the file's name on the site.
CONDITIONS = {"Normal": 97, "IR_7": 109, "IR_14": 174, "IR_21": 213, "B_7": 122, "B_14": 189, "B_21": 226,
              "OR_7": 135, "OR_14": 201, "OR_21": 238}
RATE_HZ = 48000


def drive_end(fields, number):
    """X{number}_DE_time, or the one there is."""
    names = [name for name in fields if name.endswith("_DE_time")]
    wanted = f"X{number:03}_DE_time"
    name = wanted if wanted in names else names[0] if len(names) == 1 else None
    return None if name is None else fields[name].ravel().astype(np.float32)


def main():
    folder, target = sys.argv[1:3]
    os.makedirs(target, exist_ok=True)
    for condition, number in CONDITIONS.items():
        paths = [os.path.join(folder, name) for name in (f"{condition}.mat", f"{number}.mat")]
        path = next((p for p in paths if os.path.exists(p)), None)
        if path is None:
            raise SystemExit(f"{folder}: got neither {condition}.mat nor {number}.mat, expected one of them")
        fields = scipy.io.loadmat(path)
        signal = drive_end(fields, number)
        if signal is None:
            raise SystemExit(f"{path}: got no variable X{number:03}_DE_time, expected it")
        np.savez_compressed(os.path.join(target, condition + ".npz"), DE=signal, fs=RATE_HZ)
        print(f"{condition}: {signal.size / RATE_HZ:.2f} s")


if __name__ == "__main__":
    main()
