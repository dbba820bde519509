"""Tests of the seed; a run-up with known amplitudes per order. A spectrum at the mean speed and weights by time fail."""
import numpy as np
import pytest

RATE = 4000.0


def make(f0, f1, seconds=5.0, parts=((1.0, 2.0), (2.5, 0.7)), hum=0.0, noise=0.2, seed=0):
    """Speed from f0 to f1 turns/s, linear in time; vibration with amplitude per order; pulse times."""
    t = np.arange(int(seconds * RATE)) / RATE
    slope = (f1 - f0) / seconds
    turns = f0 * t + slope * t**2 / 2
    x = sum(a * np.sin(2 * np.pi * o * turns + 0.7 * o) for o, a in parts) + 9.81
    x = x + hum * np.sin(2 * np.pi * 50 * t) + np.random.default_rng(seed).normal(0, noise, t.size)
    whole = np.arange(1, int(turns[-1]))
    pulses = whole / f0 if slope == 0 else (-f0 + np.sqrt(f0**2 + 2 * slope * whole)) / slope
    return x, pulses


@pytest.mark.parametrize("f0,f1", [(20.0, 20.0), (20.0, 35.0), (40.0, 12.0)])
def test_amplitudes(subject, f0, f1):
    x, pulses = make(f0, f1, seed=1)
    got = subject(x, RATE, pulses, [1.0, 2.5, 1.7])
    assert got == pytest.approx([2.0, 0.7, 0.0], abs=0.06)


def test_high_order_in_fast_run_up(subject):
    x, pulses = make(8.0, 40.0, seconds=3.0, parts=((1.0, 3.0), (17.0, 1.0)), seed=2)
    assert subject(x, RATE, pulses, [17.0])[0] == pytest.approx(1.0, abs=0.1)


def test_hum_is_not_an_order(subject):
    x, pulses = make(18.0, 30.0, hum=2.0, parts=((1.0, 1.0),), seed=3)
    got = subject(x, RATE, pulses, [1.0, 2.0])
    assert got[0] == pytest.approx(1.0, abs=0.1) and got[1] < 0.45


def test_each_turn_counts_the_same(subject):
    x, pulses = make(10.0, 40.0, parts=(), noise=0.0)
    t = np.arange(x.size) / RATE
    half = pulses[len(pulses) // 2]
    turns = 10 * t + 3 * t**2
    x = x + np.where(t < half, 2.0, 0.0) * np.sin(2 * np.pi * turns)
    assert subject(x, RATE, pulses, [1.0])[0] == pytest.approx(1.0, abs=0.05)


def test_refused(subject):
    x, pulses = make(20.0, 35.0)
    with pytest.raises(ValueError, match="10 turns"):
        subject(x, RATE, pulses[:10], [1.0])
    with pytest.raises(ValueError, match="60"):
        subject(x, RATE, pulses, [1.0, 60.0])
