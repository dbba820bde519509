"""Tests of the seed; known bumps of velocity between rests, with bias. Plain integration and a rest limit on the value itself fail."""
import numpy as np
import pytest

RATE = 200.0


def make(bias=0.1, creep=0.0, seed=0, end_rest=True):
    """Velocity bumps in x and y of 0.8 s every 2 s for 12 s; acceleration with bias, turning while it moves."""
    t = np.arange(int(12 * RATE)) / RATE
    phase = (t % 2.0 - 0.7) / 0.8
    moving = (phase > 0) & (phase < 1)
    if end_rest is False:
        t, phase, moving = t[:2260], phase[:2260], moving[:2260]
    bump = np.where(moving, np.sin(np.pi * phase) ** 2, 0.0)
    velocity = np.stack([1.5 * bump, -0.6 * bump, 0.0 * bump], axis=1)
    acc = np.gradient(velocity, axis=0) * RATE
    rng = np.random.default_rng(seed)
    acc += bias * np.array([1, -1, 0.5]) + creep * t[:, None] + rng.normal(0, 0.02, acc.shape)
    gyro = rng.normal(0, 0.5, acc.shape)
    gyro[moving, 2] += 60.0
    return acc, gyro, velocity, moving


@pytest.mark.parametrize("bias,creep", [(0.1, 0.0), (0.6, 0.02), (-0.4, -0.03)])
def test_bias_is_removed(subject, bias, creep):
    acc, gyro, velocity, _ = make(bias, creep, seed=1)
    assert np.abs(subject(acc, gyro, RATE) - velocity).max() < 0.06


def test_exact_zero_at_rest_and_movement_is_kept(subject):
    acc, gyro, velocity, moving = make(seed=2)
    out = subject(acc, gyro, RATE)
    assert np.all(out[100] == 0) and np.all(out[-50] == 0)
    assert out[moving, 0].max() > 1.42 and out[moving, 1].min() < -0.55


def test_turning_in_place_is_no_rest(subject):
    acc = np.zeros((1000, 3))
    gyro = np.zeros((1000, 3))
    gyro[300:700, 1] = -20.0
    acc[:, 0] = 0.3
    out = subject(acc, gyro, RATE)
    assert np.abs(out).max() < 1e-9
    with pytest.raises(ValueError, match="rest"):
        subject(acc[300:700], gyro[300:700], RATE)


def test_open_end_keeps_the_integral(subject):
    acc, gyro, velocity, _ = make(bias=0.0, seed=3, end_rest=False)
    out = subject(acc, gyro, RATE)
    assert np.abs(out - velocity).max() < 0.05 and out[-1, 0] > 0.3
