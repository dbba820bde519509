"""Tests of the seed; noise bursts delayed by fractions of a sample. Plain cross-correlation is drawn to the common hum; whole samples are too coarse."""
import numpy as np
import pytest

RATE = 16000.0


def make(angle_deg, spacing=0.15, air_c=20.0, hum=0.0, echo=0.0, wall=0.0, noise=0.02, n=4096, seed=0):
    rng = np.random.default_rng(seed)
    delay = spacing * np.sin(np.radians(angle_deg)) / (331.3 * np.sqrt(1 + air_c / 273.15))
    f = np.fft.rfftfreq(n, 1 / RATE)
    source = np.fft.rfft(rng.normal(size=n)) / (1 + f / 1500.0)

    def at(d):
        return np.fft.irfft(source * np.exp(-2j * np.pi * f * d), n)

    left, right = at(0.0), at(delay)
    left = left + echo * at(0.004)
    right = right + echo * at(0.004 - 1.5e-4) + wall * at(delay + 0.003)
    tone = hum * np.sin(2 * np.pi * 150 * np.arange(n) / RATE) + 0.7 * hum * np.sin(2 * np.pi * 400 * np.arange(n) / RATE)
    return left + tone + rng.normal(0, noise, n), right + tone + rng.normal(0, noise, n)


@pytest.mark.parametrize("angle", [-70, -35, -4, 0, 12, 50, 80])
def test_angles(subject, angle):
    assert abs(subject(*make(angle, seed=1), RATE, 0.15) - angle) < (3 if abs(angle) < 60 else 6)


@pytest.mark.parametrize("angle", [-40, 30])
def test_hum_and_echo(subject, angle):
    assert abs(subject(*make(angle, hum=3.0, echo=0.5, seed=2), RATE, 0.15) - angle) < 3


def test_only_possible_delays(subject):
    assert abs(subject(*make(20, wall=1.6, seed=6), RATE, 0.15) - 20) < 3


def test_temperature(subject):
    pair = make(45, spacing=0.3, air_c=-15.0, seed=3)
    assert abs(subject(*pair, RATE, 0.3, air_c=-15.0) - 45) < 1.5
    assert subject(*pair, RATE, 0.3, air_c=35.0) > 48


def test_swapping_changes_the_sign(subject):
    left, right = make(25, seed=4)
    assert subject(right, left, RATE, 0.15) == pytest.approx(-subject(left, right, RATE, 0.15), abs=0.5)


def test_refused(subject):
    with pytest.raises(ValueError, match="constant"):
        subject(np.ones(500), np.random.default_rng(0).normal(size=500), RATE, 0.1)
    with pytest.raises(ValueError, match="length"):
        subject(np.arange(5.0), np.arange(6.0), RATE, 0.1)
