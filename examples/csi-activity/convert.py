#!/usr/bin/env python3
"""Makes data/wiar.npz of a copy of WiAR: `csi` float32 (items, 250 packets, 90 channels), `activity`, `names`.

    convert.py FOLDER data/wiar.npz

FOLDER holds the log files csi_a{activity}_{take}.dat of an Intel 5300 (linux-80211n-csitool), activities 1 to 15; or
X.npy (items, 90 channels, 250 packets), y.npy and labels.json made of them: there axis 1 is the channel and axis 2 time.
"""
import json
import os
import re
import sys

import numpy as np

PACKETS = 250
SUBCARRIERS = 30
NAMES = ["horizontal_arm_wave", "high_arm_wave", "two_hands_wave", "high_throw", "draw_x", "draw_tick", "toss_paper",
         "forward_kick", "side_kick", "bend", "hand_clap", "walk", "phone_call", "drink_water", "sit_down"]


def packet_amplitudes(body):
    """|CSI| of one packet, (antennas, 30), antennas in their own order. Form: Halperin et al., csitool, read_bfee."""
    antennas, streams, permutation = body[8], body[9], body[15]
    payload = np.frombuffer(body, np.uint8, int.from_bytes(body[16:18], "little"), 20).astype(np.int32)
    values = 2 * antennas * streams
    bits = np.arange(SUBCARRIERS)[:, None] * (8 * values + 3) + 3 + 8 * np.arange(values)
    byte, shift = bits // 8, bits % 8
    numbers = ((payload[byte] >> shift) | (payload[byte + 1] << (8 - shift))).astype(np.uint8).view(np.int8)
    pairs = numbers.reshape(SUBCARRIERS, antennas, streams, 2)[:, :, 0].astype(float)
    amplitude = np.hypot(pairs[..., 0], pairs[..., 1]).T
    order = [(permutation >> (2 * k)) & 3 for k in range(antennas)]
    sorted_by_antenna = np.empty_like(amplitude)
    sorted_by_antenna[order] = amplitude
    return sorted_by_antenna


def read_log(path):
    """Amplitudes of the first packets, (250, 90)."""
    with open(path, "rb") as file:
        raw = file.read()
    packets, at = [], 0
    while at + 3 <= len(raw) and len(packets) < PACKETS:
        size = int.from_bytes(raw[at:at + 2], "big")
        if raw[at + 2] == 187 and at + 2 + size <= len(raw):
            packets.append(packet_amplitudes(raw[at + 3:at + 2 + size]).ravel())
        at += 2 + size
    if len(packets) < PACKETS or {p.size for p in packets} != {90}:
        raise SystemExit(f"{path}: got {len(packets)} packets, expected {PACKETS} of 3 antennas with 30 subcarriers")
    return np.array(packets)


def from_logs(folder):
    found = []
    for name in os.listdir(folder):
        match = re.fullmatch(r"csi_a(\d+)_(\d+)\.dat", name)
        if match and int(match[1]) <= len(NAMES):
            found.append((int(match[1]), int(match[2]), name))
    if not found:
        raise SystemExit(f"{folder}: got no csi_a{{activity}}_{{take}}.dat and no X.npy, expected one of them")
    found.sort()
    csi = np.stack([read_log(os.path.join(folder, name)) for _, _, name in found])
    return csi, np.array([activity - 1 for activity, _, _ in found]), NAMES


def from_arrays(folder):
    with open(os.path.join(folder, "labels.json"), encoding="utf-8") as file:
        names = json.load(file)
    csi = np.load(os.path.join(folder, "X.npy")).transpose(0, 2, 1)
    return csi, np.load(os.path.join(folder, "y.npy")), names


def main():
    folder, target = sys.argv[1:3]
    prepared = os.path.exists(os.path.join(folder, "X.npy"))
    csi, activity, names = from_arrays(folder) if prepared else from_logs(folder)
    os.makedirs(os.path.dirname(target) or ".", exist_ok=True)
    np.savez_compressed(target, csi=csi.astype(np.float32), activity=activity, names=np.array(names))
    print(f"{len(csi)} recordings of {len(set(activity.tolist()))} activities")


if __name__ == "__main__":
    main()
