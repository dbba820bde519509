"""Tests of the seed; targets of known range and speed beside strong walls. No clutter removal, swapped axes and a wrong sign fail."""
import numpy as np
import pytest

C = 299792458.0
B, F, T = 1.5e9, 24.1e9, 4e-4


def make(targets, n_chirps=64, n_samples=128, noise=0.05, seed=0):
    """Targets: (range m in the middle of the frame, approaching speed m/s, amplitude)."""
    rng = np.random.default_rng(seed)
    k = np.arange(n_chirps)[:, None]
    n = np.arange(n_samples)[None] / n_samples - 0.5
    x = rng.normal(0, noise, (n_chirps, n_samples)) + 1j * rng.normal(0, noise, (n_chirps, n_samples))
    for r, v, a in targets:
        distance = r - v * T * (k - n_chirps / 2)
        x = x + a * np.exp(1j * (2 * np.pi * 2 * B * distance / C * n + 4 * np.pi * F * distance / C))
    return x


@pytest.mark.parametrize("r,v", [(1.2, 2.0), (3.05, -1.0), (5.5, 5.0), (0.6, -6.5)])
def test_mover_beside_walls(subject, r, v):
    got = subject(make([(2.0, 0.0, 40.0), (4.4, 0.0, 25.0), (r, v, 1.0)], seed=1), B, F, T)
    assert abs(got[0] - r) <= 0.06 and abs(got[1] - v) <= 0.13


def test_stronger_of_two(subject):
    frame = make([(1.5, 3.0, 1.0), (4.0, -2.0, 1.6)], seed=2)
    got = subject(frame, B, F, T)
    assert abs(got[0] - 4.0) <= 0.06 and abs(got[1] + 2.0) <= 0.13


def test_slow_movement_can_be_ignored(subject):
    frame = make([(1.5, 0.4, 5.0), (4.0, 3.0, 1.0)], seed=3)
    assert abs(subject(frame, B, F, T)[0] - 1.5) <= 0.06
    got = subject(frame, B, F, T, min_speed_mps=1.0)
    assert abs(got[0] - 4.0) <= 0.06 and abs(got[1] - 3.0) <= 0.13


def test_units_follow_the_parameters(subject):
    frame = make([(3.0, 2.5, 1.0)], seed=4)
    near, slow = subject(frame, B, F, T)
    far, fast = subject(frame, B / 2, F / 2, T)
    assert far == pytest.approx(2 * near) and fast == pytest.approx(2 * slow)


def test_few_chirps_are_refused(subject):
    with pytest.raises(ValueError, match="8"):
        subject(make([(3.0, 2.5, 1.0)], n_chirps=7), B, F, T)
