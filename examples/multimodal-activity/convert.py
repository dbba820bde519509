#!/usr/bin/env python3
"""Makes data/utd_mhad.npz of a copy of UTD-MHAD: three recordings of each action, brought to a common length.

    convert.py FOLDER data/utd_mhad.npz

FOLDER holds, at any depth, the files a{action}_s{subject}_t{trial}_{inertial,skeleton,depth}.mat as published. Actions
of which one of the three is missing are left out. Needs numpy and scipy.
"""
import os
import re
import sys

import numpy as np
import scipy.io

LABELS = ["swipe_left", "swipe_right", "wave", "clap", "throw", "arm_cross", "basketball_shoot", "draw_x",
          "draw_circle_clockwise", "draw_circle_counter_clockwise", "draw_triangle", "bowling", "boxing", "baseball_swing",
          "tennis_swing", "arm_curl", "tennis_serve", "push", "knock", "catch", "pickup_throw",
          "jog", "walk", "sit_to_stand", "stand_to_sit", "lunge", "squat"]
LENGTHS = {"inertial": 150, "skeleton": 50, "depth": 16}
MM_PER_STEP = 16
BLOCK = 8
LEAST_PIXELS = 8  # of a block: with fewer of the person in it, it is background


def resampled(values, n):
    """`values` (time first) at n evenly spaced places, linear in time."""
    places = np.linspace(0, len(values) - 1, n)
    low = np.minimum(places.astype(int), max(0, len(values) - 2))
    share = (places - low).reshape(-1, *[1] * (values.ndim - 1))
    return values[low] * (1 - share) + values[np.minimum(low + 1, len(values) - 1)] * share


def read(path, kind):
    raw = scipy.io.loadmat(path)[{"inertial": "d_iner", "skeleton": "d_skel", "depth": "d_depth"}[kind]].astype(float)
    if kind == "inertial":
        return resampled(raw, LENGTHS[kind]).astype(np.float32)
    time_first = np.moveaxis(raw, 2, 0)
    if kind == "skeleton":
        return resampled(time_first, LENGTHS[kind]).astype(np.float32)
    return small_depth(time_first).astype(np.uint8)


def small_depth(images):
    """(16, height / 8, width / 8) in steps of 16 mm: the frames nearest to even times, each block the mean of its
    pixels that are no background."""
    nearest = np.linspace(0, len(images) - 1, LENGTHS["depth"]).round().astype(int)
    height, width = images.shape[1] // BLOCK, images.shape[2] // BLOCK
    blocks = images[nearest].reshape(-1, height, BLOCK, width, BLOCK)
    count = (blocks > 0).sum((2, 4))
    mean_mm = blocks.sum((2, 4)) / np.maximum(count, 1)
    return np.clip(np.round(np.where(count >= LEAST_PIXELS, mean_mm, 0) / MM_PER_STEP), 0, 255)


def main():
    folder, target = sys.argv[1:3]
    found = {}
    for parent, _, names in os.walk(folder):
        for name in names:
            match = re.fullmatch(r"a(\d+)_s(\d+)_t(\d+)_(inertial|skeleton|depth)\.mat", name)
            if match:
                found.setdefault(tuple(map(int, match.groups()[:3])), {})[match[4]] = os.path.join(parent, name)
    whole = {key: files for key, files in sorted(found.items()) if len(files) == 3}
    if not whole:
        raise SystemExit(f"{folder}: got {len(found)} actions, none with inertial, skeleton and depth, expected some")
    arrays = {kind: np.stack([read(files[kind], kind) for files in whole.values()]) for kind in LENGTHS}
    action, subject, trial = np.array(list(whole)).T
    os.makedirs(os.path.dirname(target) or ".", exist_ok=True)
    np.savez_compressed(target, **arrays, y=action - 1, subject=subject, trial=trial, labels=np.array(LABELS))
    print(f"{len(whole)} actions of {len(set(subject.tolist()))} subjects")


if __name__ == "__main__":
    main()
