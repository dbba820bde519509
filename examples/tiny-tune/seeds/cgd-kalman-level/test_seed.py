"""Tests of the seed; a line fit is the exact answer without process noise. A fixed time step, no gate and a gate that never opens fail."""
import numpy as np


def make(n=400, seed=0, noise=0.01):
    """Irregular times of 5 to 60 s; the level falls by 0.2 mm/s, then rises by 0.5 mm/s."""
    rng = np.random.default_rng(seed)
    t = np.cumsum(rng.uniform(5, 60, n))
    level = np.where(t < t[n // 2], 3 - 2e-4 * t, 3 - 2e-4 * t[n // 2] + 5e-4 * (t - t[n // 2]))
    return t, level, level + rng.normal(0, noise, n)


def test_equals_the_line_fit_without_process_noise(subject):
    t, _, z = make(60, seed=1)
    out = subject(t, z, agility=0.0, gate=1e9)
    # Least squares with the prior of the rate: 0 +- 0.01 m/s.
    for k in (2, 20, 59):
        rows = np.column_stack([np.ones(k + 1), t[: k + 1] - t[k]]) / 0.01
        rows = np.vstack([rows, [0, 1 / 0.01]])
        solution = np.linalg.lstsq(rows, np.append(z[: k + 1] / 0.01, 0), rcond=None)[0]
        assert np.allclose(out[k, :2], solution, atol=1e-7)
        assert np.isclose(out[k, 2], np.sqrt(np.linalg.inv(rows.T @ rows)[0, 0]), rtol=1e-6)


def test_level_and_rate(subject):
    t, level, z = make(seed=2)
    out = subject(t, z)
    late = np.r_[100:200, 300:400]
    assert np.sqrt(np.mean((out[late, 0] - level[late]) ** 2)) < 0.0065
    assert np.abs(out[[199, 399], 1] - [-2e-4, 5e-4]).max() < 1.5e-4


def test_echoes_are_refused(subject):
    t, level, z = make(seed=3)
    z[20::9] = 1.2
    out = subject(t, z)
    assert np.abs(out[30:, 0] - level[30:]).max() < 0.05


def test_a_real_jump_is_followed(subject):
    t, level, z = make(200, seed=4)
    z[100:] += 0.8
    out = subject(t, z)
    assert abs(out[102, 0] - level[102]) < 0.05 and np.abs(out[106:, 0] - level[106:] - 0.8).max() < 0.05
    assert out[104, 0] == z[104] and np.abs(subject(t, z, max_refused=3)[102, 0] - z[102]) == 0


def test_missing_readings(subject):
    t, level, z = make(seed=5)
    z[:3] = np.nan
    z[150:170] = np.nan
    out = subject(t, z)
    assert np.isnan(out[:3]).all() and np.isfinite(out[3:]).all()
    assert out[169, 2] > 2 * out[149, 2] and abs(out[169, 0] - level[169]) < 3 * out[169, 2] < 0.5 and np.all(np.diff(out[149:170, 2]) > 0)
