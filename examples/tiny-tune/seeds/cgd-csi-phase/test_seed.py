"""Tests of the seed; a known bend plus random line per packet. A line over the column index and unwrapping before removing the slope fail."""
import numpy as np

NUMBERS = np.concatenate([np.arange(-28, -1, 2), [-1], np.arange(1, 28, 2), [28]])


def residual(curve, x=NUMBERS):
    return curve - np.polyval(np.polyfit(x, curve, 1), x)


def make(n=40, slope=0.3, noise=0.01, seed=0):
    """CSI with a bent phase that repeats, slope up to +-`slope` rad per subcarrier number and any offset, differing per packet."""
    rng = np.random.default_rng(seed)
    bend = 0.5 * np.sin(NUMBERS / 9.0) + 0.2 * np.cos(NUMBERS / 5.0)
    line = rng.uniform(-slope, slope, (n, 1)) * NUMBERS + rng.uniform(-np.pi, np.pi, (n, 1))
    amplitude = 20 + 5 * np.cos(NUMBERS / 7.0)
    return amplitude * np.exp(1j * (bend + line + rng.normal(0, noise, (n, NUMBERS.size)))), residual(bend)


def test_line_goes_and_bend_stays(subject):
    csi, truth = make(seed=1)
    out = subject(csi, NUMBERS)
    assert out.shape == csi.shape and np.abs(out - truth).max() < 0.06


def test_steep_slope_with_wide_gap(subject):
    keep = np.abs(NUMBERS) > 3
    keep[[4, 5, 20]] = False
    csi, _ = make(slope=1.1, seed=2)
    bend = 0.5 * np.sin(NUMBERS / 9.0) + 0.2 * np.cos(NUMBERS / 5.0)
    out = subject(csi[:, keep], NUMBERS[keep])
    assert np.abs(out - residual(bend[keep], NUMBERS[keep])).max() < 0.06


def test_weak_subcarriers_are_nan_and_do_no_harm(subject):
    csi, truth = make(seed=3)
    rng = np.random.default_rng(4)
    csi[:, 11] = 0.2 * np.exp(1j * rng.uniform(-np.pi, np.pi, 40))
    csi[:, 22] = 0.0
    out = subject(csi, NUMBERS)
    assert np.isnan(out[:, [11, 22]]).all()
    others = np.delete(np.arange(NUMBERS.size), [11, 22])
    bend = 0.5 * np.sin(NUMBERS / 9.0) + 0.2 * np.cos(NUMBERS / 5.0)
    assert np.abs(out[:, others] - residual(bend[others], NUMBERS[others])).max() < 0.06


def test_empty_packet_is_nan(subject):
    csi, _ = make(n=3, seed=5)
    csi[1] = 0.0
    csi[2] = np.nan
    out = subject(csi, NUMBERS)
    assert np.isfinite(out[0]).all() and np.isnan(out[1:]).all()
