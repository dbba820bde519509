"""Tests of the seed; exponential noise and targets of known place. A fixed threshold, the large-n factor and forgotten edges or guards fail."""
import numpy as np
import pytest


def test_false_alarm_rate_inside_and_at_the_edges(subject):
    rng = np.random.default_rng(1)
    hits = np.stack([subject(rng.exponential(3.0, 60), training=8, false_alarm=0.02)[0] for _ in range(3000)])
    assert hits[:, 15:45].mean() == pytest.approx(0.02, rel=0.1)
    assert hits[:, :3].mean() == pytest.approx(0.02, rel=0.25) and hits[:, -3:].mean() == pytest.approx(0.02, rel=0.25)


def test_targets_over_falling_noise(subject):
    rng = np.random.default_rng(2)
    level = 1000.0 * np.exp(-np.arange(300) / 60.0)
    power = level * rng.exponential(1.0, 300)
    for cell in (40, 150, 260):
        power[cell] = 40 * level[cell]
    detected, threshold = subject(power, false_alarm=1e-5)
    assert set(np.flatnonzero(detected)) == {40, 150, 260}
    assert threshold[260] < threshold[40] / 10


def test_wide_target_needs_the_guard(subject):
    power = np.ones(80)
    power[39:42] = 100.0
    assert subject(power)[0][40] and subject(power)[1][40] == pytest.approx(24 * (1e-4 ** (-1 / 24) - 1))
    assert not subject(power, guard=0)[0][40]


def test_exact_threshold_at_the_border(subject):
    power = np.arange(1.0, 31.0)
    _, threshold = subject(power, training=4, guard=1, false_alarm=1e-2)
    n = 4
    assert threshold[0] == pytest.approx(n * (1e-2 ** (-1 / n) - 1) * np.mean([3, 4, 5, 6]))
    n = 5
    assert threshold[2] == pytest.approx(n * (1e-2 ** (-1 / n) - 1) * np.mean([1, 5, 6, 7, 8]))
    assert threshold[29] == pytest.approx(4 * (1e-2 ** (-1 / 4) - 1) * np.mean([28, 27, 26, 25]))


def test_too_few_cells(subject):
    assert subject(np.ones(15))[0].shape == (15,)
    with pytest.raises(ValueError, match="15"):
        subject(np.ones(14))
