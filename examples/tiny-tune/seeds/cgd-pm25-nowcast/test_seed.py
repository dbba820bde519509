"""Tests of the seed; a widely used example and cases by hand. Weights over valid values instead of hours, and rounding, fail."""
import numpy as np

EXAMPLE = [50, 80, 75, 90, 82, 53, 64, 74, 21, 10, 16, 13]


def test_published_example(subject):
    assert subject(np.array(EXAMPLE, dtype=float))[-1] == 17.4


def test_steady_air_is_the_mean(subject):
    x = np.full(20, 12.3)
    assert np.allclose(subject(x)[1:], 12.3) and np.isnan(subject(x)[0])
    assert np.all(subject(np.zeros(14))[1:] == 0.0)


def test_gradual_change_by_hand(subject):
    # Ratio 0.8: (16 + 0.8 x 18 + 0.64 x 20) / (1 + 0.8 + 0.64) = 17.704...
    assert subject(np.array([20.0, 18.0, 16.0])).tolist()[1:] == [18.9, 17.7]


def test_missing_hours_keep_their_place(subject):
    x = np.array([40.0, np.nan, np.nan, 10.0, np.nan, 20.0])
    # Ratio 0.5 (10 / 40): 20 + 10 / 4 + 40 / 32 over 1 + 1/4 + 1/32 = 18.5365...
    out = subject(x)
    assert out[5] == 18.5 and np.isnan(out[[0, 1, 2, 3, 4]]).all()


def test_cut_not_rounded_and_negative(subject):
    assert subject(np.array([10.09, 10.09, 10.09]))[2] == 10.0
    assert subject(np.array([0.3, 0.3, 0.3]))[2] == 0.3
    assert subject(np.array([-4.0, 6.0, 6.0]))[2] == 5.1


def test_hours_older_than_twelve_do_not_count(subject):
    x = np.concatenate([[900.0], np.array(EXAMPLE, dtype=float)])
    assert subject(x)[-1] == 17.4 and subject(x)[-2] != subject(x[1:])[-2]
