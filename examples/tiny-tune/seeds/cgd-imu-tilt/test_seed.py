"""Tests of the seed; the rotation is known. Integration alone, the accelerometer alone, swapped signs and averaging across +-180 degrees fail."""
import numpy as np

RATE = 100.0


def make(roll_deg, pitch_deg, bias=(0, 0, 0), noise=0.01, seed=0, heading_dps=0.0):
    """Accelerometer (g) and gyroscope (deg/s) for given roll and pitch tracks and a constant turn of the heading."""
    roll, pitch = np.radians(roll_deg), np.radians(pitch_deg)
    acc = np.stack([-np.sin(pitch), np.sin(roll) * np.cos(pitch), np.cos(roll) * np.cos(pitch)], axis=1)
    d_roll, d_pitch = np.gradient(np.unwrap(roll)) * RATE, np.gradient(pitch) * RATE
    gyro = np.degrees(np.stack([d_roll, d_pitch * np.cos(roll), -d_pitch * np.sin(roll)], axis=1)) + bias
    gyro += heading_dps * np.stack([-np.sin(pitch), np.sin(roll) * np.cos(pitch), np.cos(roll) * np.cos(pitch)], axis=1)
    return acc + np.random.default_rng(seed).normal(0, noise, acc.shape), gyro


def test_slow_and_fast_turns_with_bias(subject):
    t = np.arange(3000) / RATE
    roll, pitch = 40 * np.sin(2 * np.pi * 0.4 * t), 25 * np.sin(2 * np.pi * 0.23 * t + 1)
    out = subject(*make(roll, pitch, bias=(0.8, -0.8, 0.5), seed=1), RATE)
    error = np.abs(out - np.stack([roll, pitch], axis=1))
    assert out.shape == (3000, 2) and error.max() < 3.0
    turning = subject(*make(roll / 4, np.full(3000, 30.0), heading_dps=90.0, seed=9), RATE)
    assert np.abs(turning - np.stack([roll / 4, np.full(3000, 30.0)], axis=1)).max() < 4.0


def test_start_is_taken_from_gravity(subject):
    out = subject(*make(np.full(50, 30.0), np.full(50, -20.0), noise=0), RATE)
    assert np.allclose(out[0], [30, -20], atol=1e-6) and np.allclose(out[-1], [30, -20], atol=1e-6)


def test_a_push_does_not_tilt(subject):
    acc, gyro = make(np.zeros(800), np.full(800, 5.0), seed=2)
    acc[300:500, 0] += 0.8
    acc[300:500, 1] -= 0.6
    out = subject(acc, gyro, RATE)
    assert np.abs(out - [0, 5]).max() < 1.5


def test_rolling_over(subject):
    roll = np.linspace(0, 720, 2400)
    out = subject(*make(roll, np.zeros(2400), bias=(1.0, 0, 0), seed=3), RATE)
    error = (out[:, 0] - roll + 180) % 360 - 180
    assert np.abs(error).max() < 3.0 and np.abs(out[:, 0]).max() <= 180.0


def test_no_samples(subject):
    assert subject(np.zeros((0, 3)), np.zeros((0, 3)), RATE).shape == (0, 2)
