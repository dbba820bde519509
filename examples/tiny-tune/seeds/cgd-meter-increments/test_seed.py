"""Tests of the seed; counters with known energy. Clipping negative differences to zero, or a wrong reading used as base, fails."""
import numpy as np
import pytest


def readings(kw, start=0, bits=16, per_kwh=1000, step_s=900):
    """Times and counts for a list of mean powers, the counter overflowing."""
    pulses = np.concatenate([[0], np.cumsum(np.asarray(kw) * step_s / 3600 * per_kwh)])
    return step_s * np.arange(len(pulses)), (start + np.floor(pulses)) % 2**bits


def test_overflow(subject):
    rng = np.random.default_rng(1)
    kw = rng.uniform(0, 10, 200)
    t, c = readings(kw, start=60000)
    energy = subject(t, c, 1000)
    assert np.isnan(energy[0]) and (np.diff(c) < 0).sum() >= 2
    assert np.allclose(energy[1:], kw / 4, atol=0.0011)


def test_missing_readings_lose_nothing(subject):
    t, c = readings(np.full(40, 4.0), start=100)
    c[[0, 5, 6, 20]] = np.nan
    energy = subject(t, c, 1000)
    assert np.isnan(energy[[0, 1, 5, 6, 20]]).all()
    assert energy[7] == pytest.approx(3.0) and energy[21] == pytest.approx(2.0) and np.nansum(energy) == pytest.approx(39.0)


def test_reset(subject):
    t, c = readings(np.full(20, 4.0), start=20000)
    c[10:] = 300 + 1000 * np.arange(len(c) - 10)
    energy = subject(t, c, 1000)
    assert energy[10] == pytest.approx(0.3) and energy[11] == pytest.approx(1.0) and np.isfinite(energy[1:]).all()


def test_one_wrong_reading(subject):
    t, c = readings(np.full(20, 4.0), start=20000)
    for wrong in (65535.0, 19000.0, 51234.0):
        d = c.copy()
        d[7] = wrong
        energy = subject(t, d, 1000)
        assert np.isnan(energy[7]) and energy[8] == pytest.approx(2.0) and np.nansum(energy) == pytest.approx(20.0)


def test_exchanged_counter(subject):
    t, c = readings(np.full(20, 4.0), start=20000)
    c[8:] += 30000
    energy = subject(t, c, 1000)
    assert np.isnan(energy[[8, 9, 10]]).all() and np.allclose(energy[11:], 1.0)


def test_width_and_limit(subject):
    t, c = readings(np.full(30, 2.0), start=250, bits=8, per_kwh=100)
    assert np.allclose(subject(t, c, 100, bits=8)[1:], 0.5)
    assert np.isnan(subject(np.array([0.0, 3600.0]), np.array([0.0, 3100.0]), 100)[1])
    assert subject(np.array([0.0, 3600.0]), np.array([0.0, 3100.0]), 100, max_kw=40.0)[1] == 31.0
