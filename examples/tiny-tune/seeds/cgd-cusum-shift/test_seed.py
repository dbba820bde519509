"""Tests of the seed; noise with shifts of known place. A limit on single readings, a spike taken as shift and an old reference fail."""
import numpy as np
import pytest


def make(levels, lengths, seed=0, spread=1.0):
    rng = np.random.default_rng(seed)
    return np.concatenate([np.full(n, v) for v, n in zip(levels, lengths)]) + rng.normal(0, spread, sum(lengths))


@pytest.mark.parametrize("seed", range(4))
def test_shift_up_and_down(subject, seed):
    for sign, name in ((1, "up"), (-1, "down")):
        x = 200 + 0.3 * sign * make([0, 1.2], [200, 100], seed)
        (alarm, begin, side), *more = subject(x)
        assert side == name and 200 < alarm < 240 and abs(begin - 200) < 15 and not more


def test_quiet_without_shift(subject):
    assert sum(len(subject(make([5.0], [400], seed))) for seed in range(10, 22)) <= 2


def test_reference_is_renewed(subject):
    x = make([0, 2, 0, -2], [150, 150, 150, 150], seed=3)
    shifts = subject(x)
    assert [s[2] for s in shifts] == ["up", "down", "down"]
    assert np.abs(np.array([s[1] for s in shifts]) - [150, 300, 450]).max() < 8


def test_spikes_and_missing_readings(subject):
    x = make([0.0, 1.5], [300, 100], seed=5)
    x[[20, 120, 200]] = 500.0
    clean = x.copy()
    x[::7] = np.nan
    (alarm, begin, side), = subject(x)
    assert side == "up" and 300 < alarm < 330 and abs(begin - 300) < 16
    assert np.isfinite(x[alarm]) and np.isfinite(x[begin]) and len(subject(clean)) == 1


def test_exact_sums(subject):
    x = np.tile([-1.0, 0.0, 1.0], 20)[:51].tolist() + [0.0, 5.0, 3.0, 3.0]
    # Spread 1.4826; after the reference of 51: 0 - 0.5 -> 0; 5 / 1.4826 - 0.5 = 2.87, then + 1.52 each: 4.40, 5.92.
    assert subject(np.array(x), n_reference=51, limit=4.3) == [(53, 52, "up")]
    assert subject(np.array(x), n_reference=51, limit=5.9) == [(54, 52, "up")]
    assert subject(np.array(x), n_reference=51, limit=6.0) == []


def test_short(subject):
    assert subject(np.zeros(50)) == [] and subject(np.array([])) == []
