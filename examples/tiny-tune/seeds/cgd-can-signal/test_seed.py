"""Tests of the seed; values counted bit by bit by an independent walk through the frame. Motorola start bits taken as least significant fail."""
import random

import pytest


def walk(data, start, length, little_endian):
    """Raw value bit by bit: Intel upwards from the lowest bit; Motorola from the highest bit down, then on to bit 7 of the next byte."""
    value, bit = 0, start
    for k in range(length):
        one = data[bit // 8] >> (bit % 8) & 1
        if little_endian:
            value |= one << k
            bit += 1
        else:
            value = value << 1 | one
            bit = bit - 1 if bit % 8 else bit + 15
    return value


def test_known_values(subject):
    data = bytes.fromhex("12 34 56 78 9A BC DE F0".replace(" ", ""))
    assert subject(data, 0, 16, True) == 0x3412
    assert subject(data, 7, 16, False) == 0x1234
    assert subject(data, 4, 8, True) == 0x41
    assert subject(data, 3, 8, False) == 0x23
    assert subject(data, 0, 64, True) == float(0xF0DEBC9A78563412) and subject(data, 7, 64, False) == float(0x123456789ABCDEF0)


def test_against_the_walk(subject):
    rng = random.Random(5)
    tried = 0
    while tried < 400:
        data = bytes(rng.randrange(256) for _ in range(rng.choice([1, 3, 8, 64])))
        start, length, order = rng.randrange(8 * len(data)), rng.randrange(1, 53), rng.random() < 0.5
        try:
            want = walk(data, start, length, order)
        except IndexError:
            with pytest.raises(ValueError):
                subject(data, start, length, order)
            continue
        assert subject(data, start, length, order) == want
        tried += 1


def test_sign_factor_offset(subject):
    assert subject(bytes([0xFF, 0xFF]), 0, 12, True, signed=True) == -1.0
    assert subject(bytes([0x80, 0x00]), 7, 16, False, True, 0.1) == pytest.approx(-3276.8)
    assert subject(bytes([0x28]), 0, 8, True, False, 1.0, -40.0) == 0.0
    assert subject(bytes([0x7F]), 0, 8, True, True, 0.5, 10.0) == 73.5
    assert subject(bytes([0x01]), 0, 1, True, True) == -1.0


@pytest.mark.parametrize("size,start,length,order", [(2, 8, 9, True), (2, 15, 9, False), (1, 3, 5, False), (0, 0, 1, True), (8, -1, 4, True),
                                                     (8, 0, 0, True), (16, 0, 65, True), (2, 16, 1, True), (2, 23, 8, False)])
def test_outside(subject, size, start, length, order):
    with pytest.raises(ValueError):
        subject(bytes(size), start, length, order)
