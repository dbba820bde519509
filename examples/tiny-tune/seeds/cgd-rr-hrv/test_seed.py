"""Tests of the seed; the truth is built in. Deleting bad intervals and joining the rest, or keeping them, fails."""
import numpy as np
import pytest


def test_alternating_intervals(subject):
    rr = np.where(np.arange(200) % 2, 840.0, 800.0)
    assert subject(rr) == pytest.approx((40.0, 0.0, 1.0))


def test_exactly_50_ms_does_not_count(subject):
    rr = 800.0 + np.cumsum(np.tile([50.0, -51.0, 50.0, -49.0], 30))
    rmssd, pnn50, kept = subject(rr)
    assert kept == 1.0 and pnn50 == pytest.approx(25.0, abs=0.5) and rmssd == pytest.approx(50.0, abs=0.1)


def test_no_difference_across_a_missed_beat(subject):
    rr = np.concatenate([np.full(60, 800.0), [1700.0], np.full(60, 870.0)])
    rmssd, pnn50, kept = subject(rr)
    assert rmssd == 0.0 and pnn50 == 0.0 and kept == pytest.approx(120 / 121)


def test_ectopics_noise_and_gaps(subject):
    rng = np.random.default_rng(7)
    rr = 900.0 + 60.0 * np.sin(np.arange(400) / 30.0) + rng.normal(0, 20.0, 400)
    usable = np.ones(399, dtype=bool)
    truth = np.diff(rr)
    for k in range(15, 390, 25):
        rr[k], rr[k + 1] = 0.6 * rr[k], 1.4 * rr[k + 1]
        usable[k - 1:k + 2] = False
    rr[150], rr[250] = np.nan, 120.0
    usable[[149, 150, 249, 250]] = False
    rmssd, _, kept = subject(rr)
    assert rmssd == pytest.approx(np.sqrt(np.mean(truth[usable] ** 2)), rel=1e-9)
    assert kept == pytest.approx(1 - 32 / 400)


def test_too_little_is_refused(subject):
    with pytest.raises(ValueError, match="20"):
        subject(np.full(20, 800.0))
    with pytest.raises(ValueError):
        subject(np.full(100, np.nan))
