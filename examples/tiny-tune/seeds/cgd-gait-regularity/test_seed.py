"""Tests of the seed; steps of known size. A biased autocorrelation and the first or highest peak taken as the step fail."""
import numpy as np
import pytest

RATE = 100.0


def walk(stride=1.1, left=1.0, right=1.0, split=0.5, seconds=20, noise=0.05, rate=RATE, seed=0):
    """Pulses per step, left and right of given height; the right one at `split` of the stride; plus gravity."""
    t = np.arange(int(seconds * rate)) / rate
    x = np.zeros(t.size)
    for k in range(-1, int(seconds / stride) + 2):
        for at, height in ((k * stride, left), ((k + split) * stride, right)):
            u = (t - at) / (0.09 * stride)
            x += height * (1 - u**2) * np.exp(-(u**2) / 2)
    return 9.81 + 3 * x + np.random.default_rng(seed).normal(0, noise, t.size)


@pytest.mark.parametrize("stride", [0.86, 1.1, 1.4])
def test_symmetric(subject, stride):
    step, full, symmetry = subject(walk(stride, seed=1), RATE)
    assert step > 0.93 and full > 0.93 and symmetry > 0.97


def test_not_biased_by_length(subject):
    step, full, _ = subject(walk(1.4, seconds=9, noise=0.0), RATE)
    assert 0.97 < full < 1.03 and 0.95 < step < 1.05


def test_limp(subject):
    step, full, symmetry = subject(walk(1.2, left=1.0, right=0.3, seed=2), RATE)
    # Two unlike pulses: the autocorrelation at one step is 2ab / (a^2 + b^2) = 0.55 of that at one stride.
    assert full > 0.93 and 0.4 < step < 0.65 and symmetry == pytest.approx(step / full)


def test_uneven_timing(subject):
    step, full, symmetry = subject(walk(1.2, split=0.42, seed=3), RATE)
    assert full > 0.93 and step < 0.75 and symmetry < 0.8


def test_other_rate(subject):
    assert subject(walk(1.1, rate=50.0, seed=4), 50.0)[2] > 0.95


def test_refused(subject):
    with pytest.raises(ValueError, match="9.0 s"):
        subject(walk(seconds=8), RATE)
    with pytest.raises(ValueError, match="vary"):
        subject(np.full(2000, 9.81), RATE)
