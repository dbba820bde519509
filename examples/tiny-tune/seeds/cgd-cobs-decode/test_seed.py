"""Tests of the seed; the usual published pairs and an encoder. A zero after a full or the last block fails."""
import random

import pytest


def encode(packet):
    out = bytearray()
    for k, part in enumerate(parts := packet.split(b"\0")):
        while len(part) > 254 or (len(part) == 254 and k + 1 < len(parts)):
            out += b"\xff" + part[:254]
            part = part[254:]
        if len(part) == 254:
            out += b"\xff" + part
        else:
            out += bytes([len(part) + 1]) + part
    return bytes(out)


@pytest.mark.parametrize("packet,frame", [
    ("00", "0101"), ("0000", "010101"), ("001100", "01021101"), ("11220033", "0311220233"), ("11223344", "0511223344"),
    ("11000000", "0211010101"), ("", "01")])
def test_published_pairs(subject, packet, frame):
    assert subject(bytes.fromhex(frame)) == bytes.fromhex(packet)
    assert subject(bytes.fromhex(frame + "00")) == bytes.fromhex(packet)


def test_full_blocks(subject):
    run = bytes(range(1, 255))
    assert subject(b"\xff" + run) == run
    assert subject(b"\x01\xff" + run) == b"\0" + run
    assert subject(b"\xff" + run + b"\x02\xff") == run + b"\xff"
    assert subject(b"\xff" + run[1:] + b"\xff" + b"\x01\x01") == run[1:] + b"\xff\0"
    assert subject(b"\xfe" + run[2:] + b"\xff" + b"\x01") == run[2:] + b"\xff\0"


def test_round_trip(subject):
    rng = random.Random(3)
    for n in (1, 5, 253, 254, 255, 508, 509, 1000):
        for zeros in (0.0, 0.01, 0.5):
            packet = bytes(0 if rng.random() < zeros else rng.randrange(1, 256) for _ in range(n))
            assert subject(encode(packet) + b"\0") == packet


@pytest.mark.parametrize("frame,start", [("", "empty"), ("00", "empty"), ("0311", "truncated"), ("021105AA", "truncated"),
                                         ("03110005AA", "zero"), ("0000", "zero")])
def test_damage_is_named(subject, frame, start):
    with pytest.raises(ValueError) as error:
        subject(bytes.fromhex(frame))
    assert str(error.value).startswith(start)


def test_limit(subject):
    frame = encode(b"a" * 40)
    assert len(subject(frame, max_length=40)) == 40
    with pytest.raises(ValueError, match="^long"):
        subject(frame, max_length=39)
