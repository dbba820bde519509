"""Tests of the seed; readings of a known model, some of them blocked. Least squares, natural logarithm and distance instead of its logarithm fail."""
import numpy as np
import pytest


def make(level, exponent, n=120, blocked=0.0, noise=1.5, seed=0, far=30.0):
    rng = np.random.default_rng(seed)
    d = np.exp(rng.uniform(np.log(0.5), np.log(far), n))
    y = level - 10 * exponent * np.log10(d) + rng.normal(0, noise, n)
    # Blocked paths are more common far away, which tilts a least-squares line.
    worst = np.argsort(d)[::-1][: n // 2]
    hit = rng.choice(worst, int(blocked * n), replace=False)
    y[hit] -= rng.uniform(12, 28, hit.size)
    return d, y


@pytest.mark.parametrize("level,exponent", [(-40.0, 2.0), (-52.0, 1.7), (-35.0, 3.1)])
def test_clean(subject, level, exponent):
    a, n, spread = subject(*make(level, exponent, seed=1))
    assert abs(a - level) < 0.8 and abs(n - exponent) < 0.12 and 1.0 < spread < 2.0


@pytest.mark.parametrize("seed", [2, 3, 4])
def test_blocked(subject, seed):
    d, y = make(-45.0, 2.2, blocked=0.18, seed=seed)
    least_squares = np.polyfit(10 * np.log10(d), y, 1)
    assert -least_squares[0] > 2.6
    a, n, spread = subject(d, y)
    assert abs(n - 2.2) < 0.35 and abs(a + 45) < 2.5 and spread < 5


def test_missing_floor_and_zero_distance(subject):
    d, y = make(-45.0, 2.5, noise=0.0, far=3000.0)
    y = np.maximum(y, -95.0)
    y[3], d[5], d[7] = np.nan, 0.0, np.nan
    a, n, spread = subject(d, y)
    assert abs(a + 45) < 1e-6 and abs(n - 2.5) < 1e-6 and spread < 1e-6


def test_refused(subject):
    with pytest.raises(ValueError, match="5"):
        subject(np.array([1.0, 2, 4, 8]), np.array([-40.0, -46, -52, -58]))
    with pytest.raises(ValueError, match="factor"):
        subject(np.linspace(5, 9, 30), np.linspace(-60, -64, 30))
