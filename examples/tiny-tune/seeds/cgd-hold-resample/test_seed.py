"""Tests of the seed; integrals by hand and against a fine grid. The plain mean of the readings per interval and endless holding fail."""
import numpy as np
import pytest


def test_by_hand(subject):
    t, v = np.array([0.0, 10.0, 55.0, 130.0]), np.array([1.0, 3.0, 9.0, 0.0])
    out = subject(t, v, 0.0, 60.0, 3)
    assert out == pytest.approx([(10 * 1 + 45 * 3 + 5 * 9) / 60, 9.0, (10 * 9 + 50 * 0) / 60])


def test_against_a_fine_grid(subject):
    rng = np.random.default_rng(4)
    t = np.sort(rng.integers(0, 5000, 150)).astype(float)
    v = rng.normal(20, 5, 150)
    v[rng.random(150) < 0.1] = np.nan
    grid = np.arange(-300, 5700) + 0.5
    at = np.searchsorted(t, grid, side="right") - 1
    held = np.where((at >= 0) & (grid < t[at] + 60), v[at], np.nan).reshape(-1, 100)
    want = [np.nanmean(row) if np.isfinite(row).sum() >= 30 else np.nan for row in held]
    out = subject(t, v, -300.0, 100.0, 60, max_hold_s=60.0, coverage=0.3)
    assert np.allclose(out, want, equal_nan=True) and 20 < np.isfinite(out).sum() < 60


def test_silence_ends_after_the_hold_time(subject):
    out = subject(np.array([0.0]), np.array([7.0]), 0.0, 60.0, 4, max_hold_s=90.0)
    assert out[:2] == pytest.approx([7.0, 7.0]) and np.isnan(out[2:]).all()
    assert np.isnan(subject(np.array([0.0]), np.array([7.0]), 0.0, 60.0, 2, max_hold_s=29.0)[0])


def test_equal_times_and_unknown_values(subject):
    t, v = np.array([0.0, 30.0, 30.0, 60.0, 90.0]), np.array([1.0, 50.0, 3.0, np.nan, 4.0])
    assert subject(t, v, 0.0, 60.0, 2) == pytest.approx([2.0, 4.0])


def test_before_the_first_reading_and_empty(subject):
    out = subject(np.array([100.0, 160.0]), np.array([5.0, 8.0]), 0.0, 60.0, 3)
    assert np.isnan(out[:1]).all() and out[2] == pytest.approx((40 * 5 + 20 * 8) / 60)
    assert np.isnan(subject(np.array([]), np.array([]), 0.0, 60.0, 3)).all()
