"""Tests of the seed; the flow rises linearly and decays exponentially, so the volumes are known. Counting from the first flow or the peak fails."""
import numpy as np
import pytest


def blow(peak=8.0, rise=0.12, tau=0.5, seconds=6.0, rate=100.0, offset=0.0, noise=0.0, creep=0.0, seed=0):
    """Flow in L/s; `creep` L/s for 0.8 s before the rise."""
    t = np.arange(int(seconds * rate)) / rate
    start = 1.5
    flow = np.where(t < start, 0.0, np.where(t < start + rise, peak * (t - start) / rise, peak * np.exp(-(t - start - rise) / tau)))
    flow[(t >= start - 0.8) & (t < start)] += creep
    return flow + offset + np.random.default_rng(seed).normal(0, noise, t.size)


def truth(peak, rise, tau, end):
    fev1 = peak * rise / 2 + peak * tau * (1 - np.exp(-(1 - rise / 2) / tau))
    return fev1, peak * rise / 2 + peak * tau * (1 - np.exp(-end / tau)), peak * rise / 8


@pytest.mark.parametrize("peak,rise,tau", [(8.0, 0.12, 0.5), (4.0, 0.2, 0.9), (10.0, 0.08, 0.35)])
def test_volumes(subject, peak, rise, tau):
    got = subject(blow(peak, rise, tau), 100.0)
    assert got == pytest.approx(truth(peak, rise, tau, 4.5 - rise), abs=0.02)


def test_offset_noise_and_other_rate(subject):
    fev1, fvc, _ = subject(blow(6.0, 0.15, 0.7, rate=200.0, offset=-0.08, noise=0.01, seed=3), 200.0)
    want = truth(6.0, 0.15, 0.7, 4.35)
    assert abs(fev1 - want[0]) < 0.05 and abs(fvc - want[1]) < 0.06


def test_hesitation_is_refused(subject):
    with pytest.raises(ValueError, match="start"):
        subject(blow(creep=1.0), 100.0)


def test_short_and_empty_are_refused(subject):
    with pytest.raises(ValueError, match="short"):
        subject(blow(seconds=2.2), 100.0)
    with pytest.raises(ValueError, match="short"):
        subject(np.full(600, 0.05), 100.0)
