"""Tests of the seed; ranges of a known position, some blocked. Ordinary and linearised least squares fail on the blocked ones."""
import numpy as np
import pytest

ANCHORS = np.array([[0.0, 0.0], [20.0, 0.0], [20.0, 15.0], [0.0, 15.0], [10.0, -2.0], [10.0, 17.0]])


def ranges(position, noise=0.0, seed=0, anchors=ANCHORS):
    return np.linalg.norm(anchors - position, axis=1) + np.random.default_rng(seed).normal(0, noise, len(anchors))


@pytest.mark.parametrize("position", [(3.0, 4.0), (19.0, 14.0), (10.0, 7.5), (-4.0, 20.0), (0.0, 0.0)])
def test_exact_ranges(subject, position):
    got, residuals = subject(ANCHORS, ranges(position))
    assert np.linalg.norm(got - position) < 1e-3 and np.abs(residuals).max() < 2e-3


def test_noise(subject):
    errors = [np.linalg.norm(subject(ANCHORS, ranges((6.0, 9.0), 0.1, seed))[0] - [6.0, 9.0]) for seed in range(40)]
    assert np.sqrt(np.mean(np.square(errors))) < 0.12


@pytest.mark.parametrize("blocked", [0, 2, 5])
def test_one_blocked_anchor(subject, blocked):
    r = ranges((7.0, 5.0), 0.05, seed=blocked)
    r[blocked] += 3.0
    got, residuals = subject(ANCHORS, r)
    assert np.linalg.norm(got - [7.0, 5.0]) < 0.2
    assert np.argmax(residuals) == blocked and residuals[blocked] > 2.7


def test_missing_ranges(subject):
    r = ranges((12.0, 3.0))
    r[[1, 4, 5]] = np.nan
    got, residuals = subject(ANCHORS, r)
    assert np.linalg.norm(got - [12.0, 3.0]) < 1e-3
    assert np.array_equal(np.isnan(residuals), np.isnan(r))


def test_refused(subject):
    r = ranges((12.0, 3.0))
    with pytest.raises(ValueError, match="3"):
        subject(ANCHORS, np.where(np.arange(6) < 2, r, np.nan))
    line = np.array([[0.0, 1.0], [5.0, 2.0], [10.0, 3.0], [20.0, 5.0]])
    with pytest.raises(ValueError, match="line"):
        subject(line, ranges((3.0, 9.0), anchors=line))
