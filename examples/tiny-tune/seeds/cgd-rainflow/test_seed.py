"""Tests of the seed; the worked example of ASTM E1049 and histories counted by hand. Counting every peak, or only closed cycles, fails."""
import collections
import random


def table(cycles):
    out = collections.Counter()
    for size, _, count in cycles:
        out[size] += count
    return dict(out)


def test_published_example(subject):
    history = [-2, 1, -3, 5, -1, 3, -4, 4, -2]
    assert table(subject(history)) == {3: 0.5, 4: 1.5, 6: 0.5, 8: 1.0, 9: 0.5}
    assert subject(history)[:3] == [(3, -0.5, 0.5), (4, -1.0, 0.5), (4, 1.0, 1.0)]


def test_points_on_flanks_do_not_matter(subject):
    dense = [-2, -1, 0, 1, 1, 0, -3, 2, 5, 5, 5, 3, -1, 0, 3, -4, -4, 0, 4, 1, -2]
    assert table(subject(dense)) == {3: 0.5, 4: 1.5, 6: 0.5, 8: 1.0, 9: 0.5}


def test_small_cycle_inside_a_large_one(subject):
    # 0 to 100 with a dip of 20 on the way: the dip is a full cycle, the large swing is not interrupted by it.
    assert subject([0, 60, 40, 100, 0]) == [(20, 50.0, 1.0), (100, 50.0, 0.5), (100, 50.0, 0.5)]
    # A range equal to the one before it closes the cycle.
    assert subject([0, 100, 40, 60, 40]) == [(20, 50.0, 1.0), (100, 50.0, 0.5), (60, 70.0, 0.5)]


def test_gate(subject):
    rng = random.Random(1)
    clean = [0, 100, -50, 80, 0]
    noisy = []
    for a, b in zip(clean, clean[1:]):
        noisy += [a + (b - a) * k / 50 + rng.uniform(-2, 2) for k in range(50)]
    cycles = subject(noisy + [0], gate=8.0)
    want = subject(clean)
    assert [c[2] for c in cycles] == [c[2] for c in want] and len(subject(noisy)) > 20
    assert all(abs(c[0] - w[0]) < 6 for c, w in zip(cycles, want))


def test_nothing_to_count(subject):
    assert subject([]) == [] and subject([7.0]) == [] and subject([7.0] * 9) == []
    assert subject([3.0, 10.0]) == [(7.0, 6.5, 0.5)]
