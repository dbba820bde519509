"""Tests of the seed; the first frame is a sensor's own power-on frame, others use a bitwise CRC written the other way round."""
import pytest


def crc8(data):
    """Shift register fed bit by bit (x^8 + x^5 + x^4 + 1), as drawn in the description of the bus."""
    register = [0] * 8
    for byte in data:
        for k in range(8):
            feed = register[7] ^ (byte >> k & 1)
            register = [feed] + register[:7]
            register[4] ^= feed
            register[5] ^= feed
    return sum(bit << (7 - k) for k, bit in enumerate(register))


def pad(raw, config=0x7F):
    body = (raw & 0xFFFF).to_bytes(2, "little") + bytes([0x4B, 0x46, config, 0xFF, 0x0C, 0x10])
    return body + bytes([crc8(body)])


def test_frame_of_a_real_sensor(subject):
    frame = bytes.fromhex("50054B467FFF0C101C")
    assert pad(0x0550) == frame
    assert subject(frame, allow_reset=True) == (85.0, 12)
    with pytest.raises(ValueError, match="^reset"):
        subject(frame)


@pytest.mark.parametrize("raw,celsius", [(0x07D0, 125.0), (0x0191, 25.0625), (0x0008, 0.5), (0, 0.0), (0xFFF8, -0.5), (0xFE6F, -25.0625), (0xFC90, -55.0)])
def test_temperatures(subject, raw, celsius):
    assert subject(pad(raw)) == (celsius, 12)


@pytest.mark.parametrize("config,bits,celsius", [(0x1F, 9, 25.0), (0x3F, 10, 25.25), (0x5F, 11, 25.375), (0x7F, 12, 25.4375)])
def test_undefined_bits_are_cleared(subject, config, bits, celsius):
    assert subject(pad(0x0197, config)) == (celsius, bits)


def test_undefined_bits_below_zero(subject):
    assert subject(pad(-0x0191, 0x1F)) == (-25.5, 9)


@pytest.mark.parametrize("frame,start", [(b"", "length"), (pad(0x191)[:8], "length"), (b"\xff" * 9, "absent"), (b"\0" * 9, "shorted"),
                                         (pad(0x191)[:8] + b"\0", "crc"), (b"\x51" + pad(0x550)[1:], "crc")])
def test_faults(subject, frame, start):
    with pytest.raises(ValueError) as error:
        subject(frame)
    assert str(error.value).startswith(start)
