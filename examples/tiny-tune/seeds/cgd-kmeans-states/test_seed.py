"""Tests of the seed; clusters of known place. No scaling, no sorting of the states and a start with the first k rows fail."""
import numpy as np
import pytest


def make(seed=0, sizes=(300, 60, 40)):
    """Off, idle, load: current (A) around 0.1, 2, 9 and vibration (mm/s) around 200, 900, 700, shuffled."""
    rng = np.random.default_rng(seed)
    centres = np.array([[0.1, 200.0], [2.0, 900.0], [9.0, 700.0]])
    truth = np.repeat([0, 1, 2], sizes)
    x = centres[truth] + rng.normal(size=(truth.size, 2)) * [0.25, 40.0]
    order = rng.permutation(truth.size)
    return x[order], truth[order], centres


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_three_states(subject, seed):
    x, truth, centres = make(seed)
    got, labels = subject(x, 3)
    assert np.array_equal(labels, truth) and np.abs(got - centres).max(axis=0)[0] < 0.15 and np.abs(got - centres).max() < 25
    assert np.allclose(got[1], x[truth == 1].mean(axis=0))


def test_scale_of_a_column_does_not_matter(subject):
    x, truth, _ = make(4)
    for factor in ([1, 1e-6], [1e6, 1], [1, 1e6]):
        assert np.array_equal(subject(x * factor, 3)[1], truth)
    assert np.array_equal(subject(np.column_stack([x, np.full(len(x), 7.0)]), 3)[1], truth)


def test_same_result_for_any_order(subject):
    x, truth, _ = make(5, sizes=(50, 50, 50))
    x, truth = x[np.argsort(truth, kind="stable")], np.sort(truth)
    assert np.array_equal(subject(x, 3)[1], truth) and np.array_equal(subject(x[::-1], 3)[1], truth[::-1])


def test_states_descending_input(subject):
    centres, labels = subject(np.array([[9.0], [9.2], [1.0], [1.2], [5.0]]), 3)
    assert labels.tolist() == [2, 2, 0, 0, 1] and centres.ravel() == pytest.approx([1.1, 5.0, 9.1])


def test_every_state_is_used(subject):
    x = np.array([[0.0, 0.0]] * 20 + [[1.0, 0.0], [0.0, 1.0], [5.0, 5.0]])
    centres, labels = subject(x, 4)
    assert set(labels) == {0, 1, 2, 3} and subject(x, 1)[1].tolist() == [0] * 23


def test_refused(subject):
    with pytest.raises(ValueError):
        subject(np.array([[1.0], [1.0], [2.0]]), 3)
    with pytest.raises(ValueError):
        subject(np.array([[1.0], [np.nan]]), 1)
    with pytest.raises(ValueError):
        subject(np.array([[1.0], [2.0]]), 0)
