"""Tests of the seed; hum is added to a known ECG-like signal. A filter that looks ahead or one fixed sine for the whole record fails."""
import numpy as np
import pytest

RATE = 500.0


def beats(seconds):
    t = np.arange(int(seconds * RATE)) / RATE
    return t, sum(1.2 * np.exp(-(((t - c) / 0.012) ** 2)) for c in np.arange(0.4, seconds, 0.85)) + 0.3


def test_hum_goes_and_beats_stay(subject):
    t, ecg = beats(8)
    out = subject(ecg + 0.4 * np.sin(2 * np.pi * 50 * t + 1.0), RATE)
    error = (out - ecg)[t > 3]
    assert np.sqrt(np.mean(error**2)) < 0.03 and np.abs(error).max() < 0.12


def test_changing_hum_and_frequency(subject):
    t, ecg = beats(12)
    size = 0.1 + 0.3 * (t > 6)
    out = subject(ecg + size * np.sin(2 * np.pi * 60.05 * t), RATE, mains_hz=60.0)
    late = (out - ecg)[(t > 3) & (t < 6) | (t > 9)]
    assert np.sqrt(np.mean(late**2)) < 0.05


def test_large_offset_is_kept(subject):
    t, ecg = beats(6)
    out = subject(ecg + 150.0 + 0.3 * np.cos(2 * np.pi * 50 * t), RATE)
    assert abs(np.median(out[t > 3]) - 150.3) < 0.02
    assert np.std((out - ecg)[t > 3]) < 0.03


def test_causal_and_nan(subject):
    t, ecg = beats(5)
    x = ecg + 0.2 * np.sin(2 * np.pi * 50 * t)
    x[1500:1507] = np.nan
    out = subject(x, RATE)
    assert np.array_equal(np.isnan(out), np.isnan(x))
    assert np.allclose(subject(x[:1400], RATE), out[:1400])
    assert np.abs((out - ecg)[1507:1600]).max() < 0.12


def test_low_rate_is_refused(subject):
    with pytest.raises(ValueError, match="200"):
        subject(np.zeros(100), 125.0)
