"""Tests of the seed; the error bound and exact zero. Wrapping instead of saturating, one scale for all, and a zero point out of range fail."""
import numpy as np
import pytest


def back(quantised, scale, zero_point):
    return scale * (quantised.astype(float) - zero_point)


@pytest.mark.parametrize("seed", range(5))
def test_error_is_half_a_step(subject, seed):
    rng = np.random.default_rng(seed)
    x = rng.normal(rng.uniform(-3, 3, 6), rng.uniform(0.1, 2, 6), (500, 6)) * [1, 1e-6, 1e6, 30, 1, 1e3]
    q, scale, zero = subject(x)
    assert q.dtype == np.int8 and q.shape == x.shape and scale.shape == zero.shape == (6,)
    assert np.all(np.abs(back(q, scale, zero) - x) <= 0.5 * scale * (1 + 1e-9))
    span = np.maximum(x.max(axis=0), 0) - np.minimum(x.min(axis=0), 0)
    assert np.all(scale <= span / 253)
    x[:, 0] = np.where(x[:, 0] > 0, x[:, 0], -0.0055 * x[:, 0].max())  # 1.4 steps below 0
    q, scale, zero = subject(x)
    assert scale[0] <= 1.0055 * x[:, 0].max() / 252 and np.all(np.abs(back(q, scale, zero) - x) <= 0.5 * scale * (1 + 1e-9))


def test_zero_is_exact(subject):
    x = np.random.default_rng(7).uniform(-1.37, 2.9, (200, 3))
    x[::4] = 0.0
    q, scale, zero = subject(x)
    assert np.all(back(q, scale, zero)[::4] == 0.0)


def test_one_sided_and_constant_channels(subject):
    x = np.column_stack([np.linspace(10, 20, 50), np.linspace(-20, -10, 50), np.zeros(50), np.full(50, 5.0), np.full(50, -5.0)])
    q, scale, zero = subject(x)
    assert zero[0] == -128 and zero[1] == 127 and np.all(scale > 0)
    assert np.abs(back(q, scale, zero) - x).max() <= 0.5 * 20 / 255 * 1.01
    assert np.allclose(back(q, scale, zero)[:, 3:], [5.0, -5.0]) and np.all(back(q, scale, zero)[:, 2] == 0)


def test_clipping_saturates(subject):
    rng = np.random.default_rng(8)
    x = rng.normal(0, 1, (2000, 1))
    x[:3, 0], x[3:6, 0] = 500.0, -700.0
    q, scale, zero = subject(x, clip_percent=0.5)
    assert np.all(q[:3] == 127) and np.all(q[3:6] == -128) and scale[0] < 0.05
    inside = np.abs(x) < 2
    assert np.abs(back(q, scale, zero) - x)[inside].max() <= 0.5 * scale[0] * (1 + 1e-9)
    assert subject(x)[1][0] > 4


def test_refused(subject):
    for wrong in (np.array([[1.0], [np.nan]]), np.array([[np.inf]]), np.zeros((0, 3))):
        with pytest.raises(ValueError):
            subject(wrong)
