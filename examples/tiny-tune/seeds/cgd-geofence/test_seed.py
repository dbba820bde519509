"""Tests of the seed; tracks are laid out in metres around the centre. A bare threshold, degrees taken as metres and date-line errors fail."""
import math

import pytest

HOME = (52.0, 13.0)


def track(metres, centre=HOME, east=True, accuracy=5.0):
    """Fixes at given distances east (or north) of the centre."""
    out = []
    for d in metres:
        a = math.degrees(d / 6371000.0)
        lat, lon = (centre[0], centre[1] + a / math.cos(math.radians(centre[0]))) if east else (centre[0] + a, centre[1])
        out.append((lat, (lon + 180) % 360 - 180, accuracy))
    return out


@pytest.mark.parametrize("east", [True, False])
def test_out_and_back(subject, east):
    d = [0, 40, 95, 130, 140, 200, 150, 110, 90, 85, 75, 60, 10]
    assert subject(track(d, east=east), HOME, 100.0) == [(3, "exit"), (10, "enter")]


def test_no_flapping_at_the_border(subject):
    assert subject(track([90, 112, 95, 118, 88, 119, 101, 119, 119]), HOME, 100.0) == []
    assert subject(track([200, 95, 105, 82, 120, 99, 81]), HOME, 100.0) == []


def test_one_wild_fix_is_not_enough(subject):
    d = [10, 900, 20, 15, 130, 105, 130, 131]
    assert subject(track(d), HOME, 100.0) == [(6, "exit")]
    assert subject(track(d), HOME, 100.0, confirm=1) == [(1, "exit"), (2, "enter"), (4, "exit")]


def test_bad_fixes_neither_confirm_nor_break(subject):
    fixes = track([10, 140, 140, 140, 140, 10, 150])
    fixes[2] = (fixes[2][0], fixes[2][1], 80.0)
    fixes[3] = (math.nan, math.nan, 5.0)
    fixes[5] = (fixes[5][0], fixes[5][1], math.nan)
    assert subject(fixes, HOME, 100.0) == [(1, "exit")]
    assert subject(fixes[:4], HOME, 100.0) == []


def test_across_the_date_line_and_first_state(subject):
    island = (-16.8, 179.9995)
    assert subject(track([500, 300, 60, 50, 0], island), island, 100.0) == [(2, "enter")]
    assert subject([], HOME, 100.0) == [] and subject(track([500] * 5), HOME, 100.0) == []
