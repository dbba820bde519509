"""Tests of the seed; streams that equal their index where quiet. A ring copied from place 0, and a list of the whole stream, fail."""
import itertools
import random

import pytest


def test_order_in_the_ring(subject):
    # The places of the ring are in every possible rotation at the trigger.
    for at in range(5, 17):
        stream = [-1000.0 + k for k in range(30)]
        stream[at] = 50.0
        assert list(subject(stream, 10.0, 5, 3)) == [(at, stream[at - 5 : at + 3])]


def test_start_and_end_of_the_stream(subject):
    assert list(subject([9.0, 1.0, 2.0, 3.0], 5.0, 3, 2)) == [(0, [9.0, 1.0])]
    assert list(subject([1.0, 2.0, 9.0], 5.0, 8, 4)) == [(2, [1.0, 2.0, 9.0])]
    assert list(subject([], 5.0, 2, 2)) == [] and list(subject([1.0, 7.0, 7.0], 5.0, 0, 1)) == [(1, [7.0])]


def test_rise_not_level(subject):
    stream = [0.0, 8.0, 8.0, 8.0, 8.0, 5.0, 4.9, 5.0, 0.0, 0.0]
    assert list(subject(stream, 5.0, 1, 2)) == [(1, [0.0, 8.0, 8.0]), (7, [4.9, 5.0, 0.0])]


def test_against_slices(subject):
    rng = random.Random(1)
    for before, after in [(0, 1), (1, 1), (4, 7), (10, 3)]:
        stream = [rng.random() for _ in range(400)]
        want, free = [], 0
        for k, x in enumerate(stream):
            if k >= free and x >= 0.8 and (k == 0 or stream[k - 1] < 0.8):
                want.append((k, stream[max(0, k - before) : k + after]))
                free = k + after
        assert list(subject(stream, 0.8, before, after)) == want and len(want) > 15


def test_endless_stream_and_early_delivery(subject):
    taken = []

    def stream():
        for k in itertools.count():
            taken.append(k)
            yield 1.0 if k % 100 == 60 else 0.0

    events = subject(stream(), 0.5, 10, 5)
    assert next(events)[0] == 60 and len(taken) == 65 and next(events)[0] == 160


def test_refused_at_the_call(subject):
    with pytest.raises(ValueError):
        subject([1.0], 0.5, -1, 2)
    with pytest.raises(ValueError):
        subject([1.0], 0.5, 1, 0)
