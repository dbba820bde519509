"""Tests of the seed; bursts of known shape in coloured noise. One threshold for all levels, soft thresholds and a moving average fail."""
import numpy as np
import pytest


def make(n=4096, noise=0.08, seed=0, colour=0.0):
    """Four bursts of 1 V that ring at 1/12 of the rate; white noise, and slow noise of RMS `colour`."""
    rng = np.random.default_rng(seed)
    k = np.arange(n)
    clean = np.zeros(n)
    for at, height in zip((400, 1300, 2500, 3300), (1.0, -0.8, 1.5, 0.7)):
        u = k - at
        clean += height * np.where(u >= 0, np.exp(-np.maximum(u, 0) / 60) * np.sin(2 * np.pi * u / 12), 0)
    white = rng.normal(0, noise, n)
    slow = np.convolve(np.convolve(rng.normal(0, 1, n + 30), np.ones(16), "valid"), np.ones(16), "valid")
    slow /= slow.std()
    return clean, clean + white + colour * slow


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_noise_goes_and_bursts_stay(subject, seed):
    clean, x = make(seed=seed)
    out = subject(x)
    assert out.shape == x.shape
    assert np.mean((out - clean) ** 2) < 0.4 * np.mean((x - clean) ** 2)
    assert np.abs(out[2500:2510]).max() > 0.85 * np.abs(clean[2500:2510]).max()


def test_quiet_parts_are_zero(subject):
    clean, x = make(seed=4)
    quiet = np.r_[700:1250, 1700:2450]
    assert np.std(subject(x)[quiet]) < 0.02


def test_coloured_noise(subject):
    clean, x = make(noise=0.03, colour=0.25, seed=5)
    out = subject(x)
    # The bursts lie on the levels between; the strong slow noise must not lift their thresholds.
    assert np.abs(out[2500:2510]).max() > 0.75 * np.abs(clean[2500:2510]).max()
    assert np.mean((out - clean) ** 2) < 0.3 * np.mean((x - clean) ** 2)


def test_offset_odd_length_and_short(subject):
    _, x = make(seed=6)
    assert subject(x[:2001] + 50.0).shape == (2001,) and np.abs(subject(x + 50.0) - subject(x)).max() < 1e-6
    assert subject(x[:40]).shape == (40,) and np.allclose(subject(np.full(300, 2.0)), 0.0)


def test_refused(subject):
    with pytest.raises(ValueError, match="24"):
        subject(np.zeros(20))
    with pytest.raises(ValueError, match="NaN"):
        subject(np.full(100, np.nan))
