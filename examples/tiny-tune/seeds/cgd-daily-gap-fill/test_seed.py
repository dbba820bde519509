"""Tests of the seed; a daily rhythm plus slow weather. A straight line, a copy of the day before and the bare profile fail."""
import numpy as np
import pandas as pd
import pytest


def make(days=14, seed=0, noise=0.1, freq="30min"):
    index = pd.date_range("2024-05-03", periods=days * 48, freq=freq)
    t = np.arange(len(index)) / 48
    weather = 6 * np.sin(2 * np.pi * t / 9)
    rhythm = 5 * np.sin(2 * np.pi * (t - 0.3)) + 1.5 * np.sin(4 * np.pi * t)
    return pd.Series(12 + weather + rhythm + np.random.default_rng(seed).normal(0, noise, len(index)), index)


def test_gaps_are_close_to_the_truth(subject):
    truth = make(seed=1)
    series = truth.copy()
    gaps = [slice(100, 124), slice(300, 320), slice(400, 401), slice(500, 523)]
    for g in gaps:
        series.iloc[g] = np.nan
    before = series.copy()
    filled, was = subject(series)
    assert filled.notna().all() and was.sum() == 24 + 20 + 1 + 23
    for g in gaps:
        assert np.abs(filled.iloc[g] - truth.iloc[g]).max() < 1.5
    pd.testing.assert_series_equal(series, before)
    assert (filled[~was] == truth[~was]).all()


def test_ends_fit(subject):
    series = make(noise=0.0)
    series.iloc[250:270] = np.nan
    filled, _ = subject(series)
    assert np.abs(np.diff(filled.iloc[245:275])).max() < 1.2 * np.abs(np.diff(make(noise=0.0).iloc[245:275])).max() + 0.05


def test_long_gaps_and_ends_stay(subject):
    series = make(seed=2)
    series.iloc[:5] = series.iloc[-7:] = np.nan
    series.iloc[200:225] = np.nan
    series.iloc[300:324] = np.nan
    filled, was = subject(series)
    assert filled.isna().sum() == 5 + 7 + 25 and was.sum() == 24 and was.iloc[300:324].all()
    assert subject(series, max_gap="13h")[1].sum() == 49
    assert subject(make())[1].sum() == 0


def test_one_odd_day_does_not_spoil_the_profile(subject):
    truth = make(seed=3)
    series = truth.copy()
    series.iloc[58:68] += 60.0
    series.iloc[340:360] = np.nan
    assert np.abs((subject(series)[0] - truth).iloc[340:360]).max() < 1.2


def test_refused(subject):
    series = make(days=3)
    series.iloc[60:64] = np.nan
    with pytest.raises(ValueError, match="3"):
        subject(series)
    with pytest.raises(ValueError, match="regular"):
        subject(make().drop(make().index[17]))
