"""Tests of the seed; points on a sphere of known centre. The mean, and the middle between minimum and maximum, fail on uneven cover."""
import numpy as np
import pytest

CENTRE = np.array([120.0, -35.0, 18.0])


def sphere(n, radius=48.0, noise=0.3, seed=0, prefer=None):
    rng = np.random.default_rng(seed)
    u = rng.normal(size=(n, 3))
    if prefer is not None:
        u += prefer
    return CENTRE + radius * u / np.linalg.norm(u, axis=1)[:, None] + rng.normal(0, noise, (n, 3))


def test_even_cover(subject):
    offset, strength = subject(sphere(400, seed=1))
    assert np.abs(offset - CENTRE).max() < 0.3 and abs(strength - 48) < 0.3


def test_uneven_cover(subject):
    field = sphere(600, seed=2, prefer=[1.2, 0.8, -1.0])
    assert np.linalg.norm(field.mean(axis=0) - CENTRE) > 20
    offset, strength = subject(field)
    assert np.linalg.norm(offset - CENTRE) < 0.8 and abs(strength - 48) < 0.8


def test_disturbed_and_missing_readings(subject):
    field = sphere(300, seed=3)
    field[::12] += np.random.default_rng(4).normal(0, 60, (25, 3)) + 20
    field[5] = np.nan
    copy = field.copy()
    offset, strength = subject(field)
    assert np.linalg.norm(offset - CENTRE) < 0.6 and abs(strength - 48) < 0.5
    assert np.array_equal(field, copy, equal_nan=True)


def test_turning_about_one_oblique_axis_is_refused(subject):
    rng = np.random.default_rng(5)
    a = rng.uniform(0, 2 * np.pi, 200)
    u, v = np.array([1, -1, 0]) / 2**0.5, np.array([1, 1, -2]) / 6**0.5
    with pytest.raises(ValueError, match="turn"):
        subject(CENTRE + 48 * (np.cos(a)[:, None] * u + np.sin(a)[:, None] * v) + rng.normal(0, 0.3, (200, 3)))


def test_few_readings_are_refused(subject):
    with pytest.raises(ValueError, match="20"):
        subject(sphere(15))
