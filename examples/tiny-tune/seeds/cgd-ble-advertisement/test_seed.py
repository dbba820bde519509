"""Tests of the seed; advertisements put together by hand. A length that does not count the type, unsigned power and padding read as data fail."""
import pytest


def structure(kind, value):
    return bytes([len(value) + 1, kind]) + value


def test_typical_beacon(subject):
    data = bytes.fromhex("020106" "020AF4" "0303AAFE" "0B16AAFE20000BB815800001" "0609426F782D37")
    found = subject(data)
    assert found == {"name": "Box-7", "tx_power_dbm": -12, "service_data": {0xFEAA: bytes.fromhex("20000BB815800001")},
                     "manufacturer_data": {}}


def test_manufacturer_and_several_services(subject):
    data = structure(0xFF, bytes.fromhex("99040512FC")) + structure(0x16, b"\x1a\x18\x01") + structure(0x16, b"\x0f\x18")
    found = subject(data + structure(0x0A, b"\x04"))
    assert found["manufacturer_data"] == {0x0499: b"\x05\x12\xfc"} and found["service_data"] == {0x181A: b"\x01", 0x180F: b""}
    assert found["tx_power_dbm"] == 4 and found["name"] is None


def test_complete_name_wins(subject):
    long, short = structure(0x09, "Küche 1".encode()), structure(0x08, b"Kue")
    assert subject(long + short)["name"] == subject(short + long)["name"] == "Küche 1"
    assert subject(short)["name"] == "Kue" and subject(structure(0x09, b"a\xff"))["name"] == "a\ufffd"
    assert subject(structure(0x09, b""))["name"] == ""


def test_padding_ends_the_list(subject):
    data = structure(0x09, b"x") + bytes(3) + structure(0x0A, b"\x01")
    assert subject(data)["tx_power_dbm"] is None and subject(data)["name"] == "x"
    assert subject(bytes(31)) == subject(b"") == {"name": None, "tx_power_dbm": None, "service_data": {}, "manufacturer_data": {}}


@pytest.mark.parametrize("text", ["05094142", "0201", "01", "010A", "0216AA", "01FF"])
def test_damage(subject, text):
    with pytest.raises(ValueError):
        subject(bytes.fromhex(text))
