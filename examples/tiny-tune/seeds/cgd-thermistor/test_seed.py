"""Tests of the seed; the truth is a thermistor with known coefficients. A two-point beta curve, an upside-down divider and log base 10 in part fail."""
import numpy as np
import pytest

A, B, C = 1.129148e-3, 2.34125e-4, 8.76741e-8  # a common 10 kiloohm NTC


def celsius(ohm):
    log = np.log(ohm)
    return 1 / (A + B * log + C * log**3) - 273.15


def points(*ohms):
    return [(r, float(celsius(r))) for r in ohms]


def adc(ohm, series=10000.0, full=4095):
    return full * ohm / (ohm + series)


@pytest.mark.parametrize("ohms", [(32650.0, 10000.0, 3600.0), (100000.0, 30000.0, 10000.0, 3000.0, 1000.0), (1000.0, 50000.0, 9000.0)])
def test_exact_curve(subject, ohms):
    r = np.geomspace(700, 120000, 60)
    assert np.abs(subject(adc(r), points(*ohms)) - celsius(r)).max() < 0.01


def test_noisy_points_are_averaged(subject):
    rng = np.random.default_rng(2)
    calibration = [(r, celsius(r) + rng.normal(0, 0.1)) for r in np.geomspace(1500, 60000, 40)]
    r = np.geomspace(2000, 50000, 30)
    assert np.abs(subject(adc(r), calibration) - celsius(r)).max() < 0.12


def test_other_divider(subject):
    r = np.array([2000.0, 15000.0])
    out = subject(adc(r, 4700.0, 65535), points(32650.0, 10000.0, 3600.0), full_scale=65535, series_ohm=4700.0)
    assert np.abs(out - celsius(r)).max() < 0.01


def test_faults_are_nan(subject):
    out = subject(np.array([0, 15, 4095, 4080, 2048]), points(32650.0, 10000.0, 3600.0))
    assert np.isnan(out[:4]).all() and abs(out[4] - 25) < 0.1
    assert np.isnan(subject(np.array([np.nan]), points(32650.0, 10000.0, 3600.0))).all()


@pytest.mark.parametrize("wrong", [[(10000.0, 25.0), (3600.0, 50.0)], [(10000.0, 25.0), (10000.0, 25.1), (3600.0, 50.0)],
                                   [(1000.0, 0.0), (1100.0, 26.0), (1200.0, 52.0)], [(-5.0, 90.0), (10000.0, 25.0), (3600.0, 50.0)]])
def test_refused(subject, wrong):
    with pytest.raises(ValueError):
        subject(np.array([2000]), wrong)
