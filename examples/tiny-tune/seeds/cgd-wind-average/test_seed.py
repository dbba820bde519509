"""Tests of the seed; readings of known direction and spread. A plain mean of degrees, calms that count, and gusts over one sample fail."""
import numpy as np
import pytest


@pytest.mark.parametrize("direction,spread", [(0.0, 10.0), (355.0, 25.0), (90.0, 15.0), (181.0, 40.0)])
def test_direction_and_spread(subject, direction, spread):
    rng = np.random.default_rng(1)
    d = (direction + rng.normal(0, spread, 6000)) % 360
    _, got, sigma, _ = subject(rng.uniform(2, 6, 6000), d, 10.0)
    assert abs((got - direction + 180) % 360 - 180) < 2 and sigma == pytest.approx(spread, rel=0.06)
    assert 0 <= got < 360


def test_each_reading_has_weight_one(subject):
    speed = np.array([1.0, 1.0, 1.0, 20.0])
    mean, direction, _, _ = subject(speed, np.array([10.0, 10.0, 10.0, 90.0]), 1.0)
    assert mean == 5.75 and direction == pytest.approx(27.24, abs=0.01)


def test_calms_and_missing(subject):
    speed = np.array([3.0] * 20 + [0.1] * 60 + [np.nan] * 10)
    direction = np.array([45.0] * 18 + [np.nan] * 2 + [225.0] * 70)
    mean, got, sigma, _ = subject(speed, direction, 1.0)
    assert mean == pytest.approx((60 + 6) / 80) and got == pytest.approx(45.0) and sigma == pytest.approx(0.0, abs=1e-5)
    mean, got, sigma, _ = subject(np.where(np.arange(90) < 8, speed, 0.0), direction, 1.0)
    assert np.isnan(got) and np.isnan(sigma) and mean == pytest.approx(24 / 90)


def test_gust(subject):
    speed = np.full(600, 5.0)
    speed[100] = 60.0
    speed[300:312] = 9.0
    speed[400:420] = 15.0
    speed[[402, 410, 418]] = np.nan
    assert subject(speed, np.full(600, 10.0), 4.0)[3] == pytest.approx((55 + 12 * 5) / 12)
    speed[100] = 5.0
    assert subject(speed, np.full(600, 10.0), 4.0)[3] == pytest.approx(9.0)
    assert np.isnan(subject(np.full(5, 5.0), np.full(5, 10.0), 4.0)[3])


def test_no_speed(subject):
    with pytest.raises(ValueError, match="speed"):
        subject(np.full(10, np.nan), np.full(10, 90.0), 1.0)
