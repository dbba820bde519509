"""Tests of the seed; the examples of the format's description and border values. Unsigned temperatures and equal sizes for all types fail."""
import pytest


def test_two_temperatures(subject):
    assert subject(bytes.fromhex("03670110056700FF")) == [(3, "temperature_c", 27.2), (5, "temperature_c", 25.5)]


def test_below_zero_and_acceleration(subject):
    assert subject(bytes.fromhex("0167FFD7067104D2FB2E0000")) == [(1, "temperature_c", -4.1), (6, "acceleration_g", (1.234, -1.234, 0.0))]


def test_position(subject):
    assert subject(bytes.fromhex("018806765FF2960A0003E8")) == [(1, "position", (42.3519, -87.9094, 10.0))]


def test_all_others(subject):
    payload = bytes.fromhex("000001" "010101" "0202FFFF" "03037FFF" "0465FFFF" "056601" "0668C8" "07732776" "0886FF9C00648000")
    assert subject(payload) == [
        (0, "digital_in", 1), (1, "digital_out", 1), (2, "analog_in", -0.01), (3, "analog_out", 327.67), (4, "illuminance_lx", 65535),
        (5, "presence", 1), (6, "humidity_pct", 100.0), (7, "pressure_hpa", 1010.2), (8, "rotation_dps", (-1.0, 1.0, -327.68))]


def test_repeated_channel_is_kept_and_types_are_right(subject):
    readings = subject(bytes.fromhex("01670001" "01670002" "016640"))
    assert [r[2] for r in readings] == [0.1, 0.2, 64] and isinstance(readings[2][2], int) and isinstance(readings[0][2], float)
    assert subject(b"") == []


@pytest.mark.parametrize("text", ["01", "0167", "016701", "018806765FF2960A0003", "01670110FF", "01990000", "01670110026F00"])
def test_damage(subject, text):
    with pytest.raises(ValueError):
        subject(bytes.fromhex(text))
