"""Tests of the seed; pulses of one shape with other lengths and heights, some of them spoilt. The first beat or a plain mean as template fails."""
import numpy as np
import pytest

RATE = 100.0


def pulse(n):
    x = np.linspace(0, 1, n, endpoint=False)
    return np.exp(-(((x - 0.2) / 0.09) ** 2)) + 0.4 * np.exp(-(((x - 0.5) / 0.12) ** 2))


def make(seed, bad=(), n_beats=30):
    """PPG, feet: lengths 0.6 to 1.1 s, heights by a factor of 3, rising baseline; beats in `bad` are replaced by large movement."""
    rng = np.random.default_rng(seed)
    lengths = rng.integers(60, 110, n_beats)
    parts = []
    for i, n in enumerate(lengths):
        beat = rng.uniform(1.0, 3.0) * pulse(n)
        if i in bad:
            u = np.arange(n) / n
            beat = 25.0 * np.sin(np.pi * u) * np.sin(2 * np.pi * (rng.uniform(2, 4) * u + rng.random()))
        parts.append(beat)
    x = np.concatenate(parts + [np.zeros(1)]) + rng.normal(0, 0.02, lengths.sum() + 1)
    return x + 0.01 * np.arange(x.size), np.concatenate([[0], np.cumsum(lengths)])


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_same_shape_is_good_at_any_length_and_height(subject, seed):
    quality = subject(*make(seed), RATE)
    assert quality.shape == (30,) and quality.min() > 0.97 and quality.max() <= 1.0


@pytest.mark.parametrize("seed", [4, 5])
def test_spoilt_beats_stand_out(subject, seed):
    bad = [0, 7, 8, 15, 22, 29]
    quality = subject(*make(seed, bad), RATE)
    good = np.setdiff1d(np.arange(30), bad)
    assert quality[good].min() > 0.95 and quality[bad].max() < 0.8


def test_flat_missing_and_long_beats_are_zero(subject):
    x, feet = make(6)
    x[feet[3]:feet[4] + 1] = 2.0
    x[feet[9] + 10] = np.nan
    feet = np.delete(feet, [19, 20])
    quality = subject(x, feet, RATE)
    assert quality.shape == (28,) and quality[3] == 0.0 and quality[9] == 0.0 and quality[18] == 0.0
    assert np.delete(quality, [2, 3, 4, 9, 18]).min() > 0.95


def test_too_few_beats(subject):
    x, feet = make(7)
    with pytest.raises(ValueError, match="5"):
        subject(x, feet[:5], RATE)
