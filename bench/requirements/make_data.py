#!/usr/bin/env python3
"""Writes the data of the seeded requirements, and with --data-root of those whose real data needs a small step first.

    bench/requirements/make_data.py --out DIR [--only ID] [--seed N] [--data-root DIR]

Needs numpy and scipy. Every requirement gets a folder DIR/ID; the same seed gives the same bytes (with the same numpy
and scipy), and a requirement's data does not depend on which others are made.
"""
import argparse
import os
import shutil
import sys
import zlib

import numpy as np

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from makers import PREPARED, SEEDED  # noqa: E402

SEED = 20251


def make(name, out, seed=SEED, data_root=None):
    """Makes one requirement's data anew; False where its real data is not to be had."""
    if name not in SEEDED and data_root is None:
        return False
    folder = os.path.join(out, name)
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    if name in SEEDED:
        SEEDED[name](np.random.default_rng([seed, zlib.crc32(name.encode())]), folder)
    else:
        PREPARED[name](data_root, folder)
    return True


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", required=True)
    parser.add_argument("--only", choices=sorted(SEEDED | PREPARED), help="one requirement")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--data-root", help="folder with the real data")
    arguments = parser.parse_args()
    for name in [arguments.only] if arguments.only else sorted(SEEDED | PREPARED):
        made = make(name, arguments.out, arguments.seed, arguments.data_root)
        print(name if made else f"{name}: left out, needs --data-root", file=sys.stderr)


if __name__ == "__main__":
    main()
