"""Tests of the seed; bursts at known distances. The strongest echo, a fixed threshold, the ringing and a fixed speed of sound fail."""
import numpy as np
import pytest

RATE = 400e3


def speed(air_c):
    return 331.3 * np.sqrt(1 + air_c / 273.15)


def make(echoes, air_c=20.0, noise=0.005, ringing=2.0, rate=RATE, tone=40e3, seed=0, seconds=0.02):
    """Echoes: (distance m, amplitude V); bursts with a rise of 0.2 ms, whose half height is at the distance."""
    t = np.arange(int(seconds * rate)) / rate
    x = ringing * np.exp(-t / 2.5e-4) * np.sin(2 * np.pi * tone * t) + 1.2
    for d, a in echoes:
        u = t - 2 * d / speed(air_c)
        shape = np.clip(0.5 + u / 2e-4, 0, 1) * np.clip(1 - (u - 4e-4) / 6e-4, 0, 1)
        x += a * shape * np.sin(2 * np.pi * tone * t + 40 * d)
    return x + np.random.default_rng(seed).normal(0, noise, t.size)


@pytest.mark.parametrize("d,a", [(0.6, 0.5), (1.5, 0.1), (2.7, 1.0)])
def test_distance(subject, d, a):
    assert abs(subject(make([(d, a)], seed=1), RATE) - d) < 0.008


def test_first_echo_not_the_strongest(subject):
    assert abs(subject(make([(0.9, 0.15), (1.6, 1.0), (2.4, 0.5)], seed=2), RATE) - 0.9) < 0.008


def test_strength_does_not_move_it(subject):
    near = [subject(make([(1.2, a)], noise=0.002, seed=3), RATE) for a in (0.05, 0.5, 5.0)]
    assert max(near) - min(near) < 0.003


def test_temperature_rate_and_tone(subject):
    x = make([(1.8, 0.5)], air_c=-10.0, rate=250e3, tone=25e3, seed=4)
    assert abs(subject(x, 250e3, tone_hz=25e3, air_c=-10.0) - 1.8) < 0.008


def test_no_echo(subject):
    assert np.isnan(subject(make([], seed=5), RATE)) and np.isnan(subject(np.full(8000, 2.5), RATE))


def test_refused(subject):
    with pytest.raises(ValueError, match="blind"):
        subject(make([])[:600], RATE)
    with pytest.raises(ValueError, match="rate"):
        subject(np.zeros(4000), 150e3)
