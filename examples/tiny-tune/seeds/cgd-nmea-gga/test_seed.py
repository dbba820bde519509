"""Tests of the seed; a widely published sentence and variants. Degrees read as decimal, lost signs and an unchecked sum fail."""
import functools
import operator

import pytest

KNOWN = "$GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,*47"


def sentence(body):
    return f"${body}*{functools.reduce(operator.xor, body.encode()):02x}\r\n"


def test_published_sentence(subject):
    fix = subject(KNOWN)
    assert fix["lat"] == pytest.approx(48.1173) and fix["lon"] == pytest.approx(11.516667, abs=1e-6)
    assert (fix["time_s"], fix["quality"], fix["satellites"], fix["hdop"], fix["altitude_m"]) == (45319.0, 1, 8, 0.9, 545.4)


def test_south_west_and_fractions(subject):
    fix = subject("noise" + sentence("GNGGA,235959.50,0030.6000,S,00006.1230,W,4,12,0.61,-3.2,M,,M,1.0,0012"))
    assert fix["lat"] == pytest.approx(-0.51) and fix["lon"] == pytest.approx(-0.10205)
    assert fix["time_s"] == 86399.5 and fix["altitude_m"] == -3.2 and fix["quality"] == 4


def test_no_fix(subject):
    empty = subject(sentence("GPGGA,,,,,,0,00,99.99,,,,,,"))
    assert empty == {"time_s": None, "lat": None, "lon": None, "quality": 0, "satellites": 0, "hdop": 99.99, "altitude_m": None}
    old = subject(sentence("GPGGA,000001,4807.038,N,01131.000,E,0,,,545.4,M,46.9,M,,"))
    assert old["lat"] is None and old["lon"] is None and old["altitude_m"] is None and old["hdop"] is None and old["time_s"] == 1.0


@pytest.mark.parametrize("line,start", [
    ("", "format"), (KNOWN[1:], "format"), (KNOWN[:-3], "format"), (KNOWN[:-1], "checksum"), (KNOWN.replace("545", "546"), "checksum"),
    (sentence("GPRMC,123519,A,4807.038,N,01131.000,E,022.4,084.4,230394,003.1,W"), "type"), (sentence("GPGGA,123519,4807.038,N"), "field"),
    (sentence("GPGGA,123519,48a7.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,"), "field"),
    (sentence("GPGGA,123519,4807.038,,01131.000,E,1,08,0.9,545.4,M,46.9,M,,"), "field")])
def test_damage_is_named(subject, line, start):
    with pytest.raises(ValueError) as error:
        subject(line)
    assert str(error.value).startswith(start)
