"""Protocol frames; the answers are exact."""
import numpy as np

from . import common as c

SYNC = b"\xa5\x5a"


def crc16(data):
    """CRC-16/MODBUS."""
    crc = 0xFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ 0xA001 if crc & 1 else crc >> 1
    return crc


def meter_frame(rng):
    body = bytes([int(rng.integers(2, 24))]) + bytes([int(rng.choice([0x10, 0x20, 0x31]))])
    body += rng.bytes(body[0] - 1)
    return SYNC + body + crc16(body).to_bytes(2, "little")


def frames_in_stream(rng, folder):
    for r in range(10):
        stream, starts = b"", []
        while len(stream) < 6000:
            kind = rng.choice(["good", "noise", "broken", "cut", "sync"], p=[0.6, 0.14, 0.1, 0.08, 0.08])
            frame = meter_frame(rng)
            if kind == "good":
                starts.append(len(stream))
                stream += frame
            elif kind == "noise":
                stream += rng.bytes(int(rng.integers(1, 30))).replace(SYNC, b"\x00\x00").replace(b"\xa5", b"\x25")
            elif kind == "broken":
                place = int(rng.integers(3, len(frame)))
                stream += frame[:place] + bytes([frame[place] ^ (1 << int(rng.integers(0, 8)))]) + frame[place + 1:]
            elif kind == "cut":
                stream += frame[:int(rng.integers(3, len(frame)))]
            else:
                stream += SYNC
        c.write_npy(f"{folder}/line{r:02}.npy", np.frombuffer(stream, np.uint8))
        c.write_events(f"{folder}/line{r:02}.csv", valid_starts(stream))


def valid_starts(stream):
    """Scanning from the front: a valid frame is skipped as a whole, anything else by one byte."""
    starts, k = [], 0
    while k + 6 <= len(stream):
        length = stream[k + 2]
        end = k + 3 + length
        good = stream[k:k + 2] == SYNC and 2 <= length <= 23 and end + 2 <= len(stream)
        if good and crc16(stream[k + 2:end]) == int.from_bytes(stream[end:end + 2], "little"):
            starts.append(k)
            k = end + 2
        else:
            k += 1
    return starts


SIZES = {0x01: 4, 0x02: 8, 0x05: 12}


def frame_check(rng, folder):
    rows, kinds = [], ["ok", "bad_start", "unknown_type", "bad_length", "bad_checksum"]
    for k in range(400):
        kind = kinds[int(rng.choice(5, p=[0.4, 0.12, 0.14, 0.16, 0.18]))]
        code = int(rng.choice(list(SIZES)))
        size = SIZES[code]
        if kind == "unknown_type":
            code = int(rng.choice([0x00, 0x03, 0x04, 0x06, 0x7F]))
        if kind == "bad_length":
            size = int(rng.choice([s for s in range(2, 15) if s != size]))
        frame = bytearray([0x7E, code, size]) + rng.bytes(size)
        frame.append(-sum(frame[1:]) & 0xFF)
        if kind == "bad_checksum":
            place = int(rng.integers(3, len(frame)))
            frame[place] = (frame[place] + int(rng.integers(1, 255))) & 0xFF
        if kind == "bad_start":
            frame[0] = int(rng.choice([0x00, 0x7F, 0xFE, 0x3E]))
        if kind == "bad_length" and rng.random() < 0.5:
            frame[2] = SIZES[code]
        rows.append({"id": k, "frame": frame.hex(), "verdict": kind})
    c.write_jsonl(f"{folder}/frames.jsonl", rows)


def frame_temperature(rng, folder):
    rows = []
    for k in range(300):
        celsius = int(rng.integers(-4000, 8501))
        fields = []
        for _ in range(int(rng.integers(0, 4))):
            code = int(rng.choice([0x01, 0x03, 0x04, 0x11]))
            fields.append(bytes([code, {0x01: 1, 0x03: 3, 0x04: 4, 0x11: 2}[code]]))
        fields = [f + rng.bytes(f[1]) for f in fields]
        fields.insert(int(rng.integers(0, len(fields) + 1)), b"\x02\x02" + celsius.to_bytes(2, "big", signed=True))
        head = bytes([0x01 | (int(rng.integers(0, 8)) << 5)]) + int(rng.integers(1, 65535)).to_bytes(2, "little")
        rows.append({"payload": (head + b"".join(fields)).hex().upper(), "temperature_c": celsius / 100})
    c.write_jsonl(f"{folder}/uplinks.jsonl", rows)


MAKERS = {"frames-in-stream": frames_in_stream, "frame-check": frame_check, "frame-temperature": frame_temperature}
