"""A synthetic stream of protocol frames. See docs/fixtures.md."""
import numpy as np

START = (0xAA, 0x55)


def crc16(data):
    """CRC-16/CCITT-FALSE: polynomial 0x1021, start 0xFFFF, nothing reflected."""
    value = 0xFFFF
    for byte in data:
        value ^= int(byte) << 8
        for _ in range(8):
            value = (value << 1 ^ 0x1021 if value & 0x8000 else value << 1) & 0xFFFF
    return value


def make_frame(rng):
    """AA 55, length of the payload, payload, CRC-16 of length and payload (high byte first), as uint8."""
    payload = rng.integers(0, 256, int(rng.integers(4, 20)))
    body = [payload.size, *payload.tolist()]
    check = crc16(body)
    return np.array([*START, *body, check >> 8, check & 0xFF], np.uint8)


def make_frames(rng, rate_hz, n):
    """(n,) uint8: frames with a few stray bytes between them, one in eight damaged; what ends beyond n is cut. Truth:
    frame_starts (samples of whole, sound frames), damaged_starts, sound (bytes of the sound frames, as lists)."""
    kinds, parts, starts, at = [], [], [], 0
    drawn = [make_frame(rng) for _ in range(min(24, n // 9 + 1))]
    while at < n:
        frame = drawn[len(starts) % len(drawn)].copy()
        damaged = len(starts) % 8 == 5
        if damaged:
            frame[3 + int(rng.integers(0, frame[2]))] ^= 1 << int(rng.integers(0, 8))
        stray = rng.integers(0, 0xA0, int(rng.integers(0, 5))).astype(np.uint8)
        starts.append(at)
        kinds.append(damaged)
        parts += [frame, stray]
        at += frame.size + stray.size
    ends = [s + parts[2 * i].size for i, s in enumerate(starts)]
    sound = [i for i, end in enumerate(ends) if end <= n and not kinds[i]]
    return {"signal": np.concatenate(parts)[:n] if parts else np.zeros(0, np.uint8), "unit": "bytes", "rate_hz": rate_hz,
            "truth": {"frame_starts": np.array([starts[i] for i in sound], np.int64),
                      "damaged_starts": np.array([s for s, k in zip(starts, kinds) if k and s < n], np.int64),
                      "sound": [parts[2 * i].tolist() for i in sound]}}
