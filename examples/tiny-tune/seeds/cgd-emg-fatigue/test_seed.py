"""Tests of the seed; noise with a known band in each second. Mains, movement or rest counted as muscle, or a plain line fit, fails."""
import numpy as np


def make(centres, rate=1000, hum=0.0, sway=0.0, seed=0):
    """One second per centre: Gaussian noise from centre - 50 to centre + 50 Hz, RMS 0.3 mV; rest where the centre is 0."""
    rng = np.random.default_rng(seed)
    t = np.arange(len(centres) * rate) / rate
    out = []
    for centre in centres:
        spectrum = np.fft.rfft(rng.normal(size=rate))
        f = np.arange(spectrum.size)
        x = np.fft.irfft(np.where(np.abs(f - centre) <= 50, spectrum, 0), rate) if centre else rng.normal(0, 1e-3, rate)
        out.append(0.3 * x / x.std() if centre else x)
    return np.concatenate(out) + hum * np.sin(2 * np.pi * 50 * t) + sway * np.sin(2 * np.pi * 3 * t) + 0.2


def test_falling_frequency(subject):
    centres = np.linspace(140, 100, 60)
    median, slope = subject(make(centres, seed=1), 1000.0)
    assert median.shape == (60,) and np.abs(median - centres).mean() < 8
    assert abs(slope + 40.7) < 10


def test_mains_and_movement_do_not_matter(subject):
    median, slope = subject(make(np.full(30, 110.0), hum=1.5, sway=2.0, seed=2), 1000.0)
    assert abs(np.median(median) - 110) < 6 and abs(slope) < 15


def test_rest_is_nan(subject):
    centres = np.tile([100.0, 100.0, 0.0], 10)
    median, _ = subject(make(centres, seed=3)[:-300], 1000.0)
    assert median.shape == (29,)
    assert np.array_equal(np.isnan(median), centres[:29] == 0)


def test_slope_survives_artefacts(subject):
    centres = np.linspace(150, 120, 40)
    centres[[30, 34, 37, 39]] = 300.0
    _, slope = subject(make(centres, seed=4), 1000.0)
    assert abs(slope + 46) < 22


def test_too_little_activity(subject):
    median, slope = subject(make([100, 100, 100], seed=5), 1000.0)
    assert np.isfinite(median).all() and np.isnan(slope)
