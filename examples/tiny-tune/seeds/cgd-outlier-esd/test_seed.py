"""Tests of the seed; Rosner's published data and outliers that mask each other. Stopping at the first step within its limit fails."""
import numpy as np
import pytest

ROSNER = np.array([
    -0.25, 0.68, 0.94, 1.15, 1.20, 1.26, 1.26, 1.34, 1.38, 1.43, 1.49, 1.49, 1.55, 1.56, 1.58, 1.65, 1.69, 1.70, 1.76, 1.77, 1.81,
    1.91, 1.94, 1.96, 1.99, 2.06, 2.09, 2.10, 2.14, 2.15, 2.23, 2.24, 2.26, 2.35, 2.37, 2.40, 2.47, 2.54, 2.62, 2.64, 2.90, 2.92,
    2.92, 2.93, 3.21, 3.26, 3.30, 3.59, 3.68, 4.30, 4.64, 5.34, 5.42, 6.01])


def test_published_data(subject):
    # Three outliers, although the first two steps are within their limits.
    assert subject(ROSNER).tolist() == [53, 52, 51]
    assert subject(ROSNER, max_outliers=2).size == 0


def test_order_and_missing_values(subject):
    rng = np.random.default_rng(1)
    order = rng.permutation(60)
    x = np.concatenate([ROSNER, np.full(6, np.nan)])[order]
    assert x[subject(x)].tolist() == [6.01, 5.42, 5.34]


def test_rate_of_false_reports(subject):
    rng = np.random.default_rng(2)
    hits = sum(subject(rng.normal(5, 2, 40), max_outliers=3).size > 0 for _ in range(200))
    assert 2 <= hits <= 22


def test_both_sides(subject):
    x = np.random.default_rng(3).normal(100, 1, 80)
    x[[4, 40, 41, 70]] = [112.0, 91.0, 91.2, 93.0]
    assert set(subject(x)) == {4, 40, 41, 70} and subject(x)[0] == 4


def test_equal_values(subject):
    assert subject(np.full(30, 2.0)).size == 0
    x = np.full(30, 2.0)
    x[7] = 2.5
    assert subject(x).tolist() == [7]


def test_refused(subject):
    with pytest.raises(ValueError, match="15"):
        subject(np.arange(14.0))
    with pytest.raises(ValueError, match="10"):
        subject(np.arange(20.0), max_outliers=11)
