"""Tests of the seed; distorted voltages of known frequency. Sign changes counted per second, and crossings without hysteresis, fail."""
import numpy as np
import pytest


def make(frequency, seconds=1.0, rate=5000.0, noise=3.0, offset=0.0, seed=0, phase=0.4):
    t = np.arange(int(seconds * rate)) / rate
    w = 2 * np.pi * frequency * t + phase
    v = 325 * np.sin(w) + 20 * np.sin(3 * w + 0.5) + 15 * np.sin(5 * w + 2) + offset
    return v + np.random.default_rng(seed).normal(0, noise, t.size)


@pytest.mark.parametrize("frequency", [49.87, 50.0, 50.113, 59.95])
def test_millihertz(subject, frequency):
    assert abs(subject(make(frequency, seed=1), 5000.0) - frequency) < 0.006


def test_much_noise_makes_no_extra_crossings(subject):
    for seed in range(5):
        assert abs(subject(make(50.03, noise=30.0, rate=10000.0, seed=seed), 10000.0) - 50.03) < 0.04


def test_offset_and_short_recording(subject):
    assert abs(subject(make(50.1, offset=2048.0, seed=2), 5000.0) - 50.1) < 0.006
    assert abs(subject(make(49.9, seconds=0.2, noise=0.0, phase=0.0), 5000.0) - 49.9) < 0.02


def test_few_samples_per_cycle(subject):
    assert abs(subject(make(50.02, rate=800.0, seconds=2.0, noise=1.0, seed=3), 800.0) - 50.02) < 0.02


def test_too_few_cycles(subject):
    with pytest.raises(ValueError, match="5"):
        subject(make(50.0, seconds=0.09), 5000.0)
    with pytest.raises(ValueError):
        subject(np.zeros(5000), 5000.0)
    with pytest.raises(ValueError):
        subject(np.zeros(0), 5000.0)
