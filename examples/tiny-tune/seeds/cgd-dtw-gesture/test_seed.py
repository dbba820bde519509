"""Tests of the seed; values by hand, a plain table in full memory, and gestures made at another speed. Other weights and a band around i = j fail."""
import numpy as np
import pytest


def plain(a, b, band):
    n, m = len(a), len(b)
    w = max(band * max(n, m), (m - 1) / (n - 1), 1)
    table = {}
    for i in range(n):
        for j in range(m):
            if abs(i * (m - 1) / (n - 1) - j) > w + 1e-9:
                continue
            c = float(np.sqrt(((a[i] - b[j]) ** 2).sum()))
            if (i, j) == (0, 0):
                table[0, 0] = 2 * c
                continue
            infinite = float("inf")
            table[i, j] = min(table.get((i - 1, j), infinite) + c, table.get((i, j - 1), infinite) + c,
                              table.get((i - 1, j - 1), infinite) + 2 * c)
    return table[n - 1, m - 1] / (n + m)


def test_by_hand(subject):
    a, b = np.array([[0.0], [0.0], [3.0]]), np.array([[0.0], [3.0], [3.0]])
    assert subject(a, b) == 0.0
    assert subject(np.array([[0.0], [1.0]]), np.array([[0.0], [3.0]])) == pytest.approx(min(2 * 2, 1 + 2, 3 + 2) / 4)
    assert subject(a, a) == 0.0


@pytest.mark.parametrize("n,m,band", [(20, 20, 0.1), (15, 28, 0.15), (28, 15, 0.05), (9, 40, 0.0), (40, 2, 0.0), (12, 13, 1.0)])
def test_against_the_table(subject, n, m, band):
    rng = np.random.default_rng(n * m)
    a, b = rng.normal(size=(n, 3)), rng.normal(size=(m, 3))
    assert subject(a, b, band) == pytest.approx(plain(a, b, band))
    assert np.isfinite(subject(a, b, band))


def test_speed_does_not_matter_but_shape_does(subject):
    def circle(n, power=1.0, sign=1):
        u = np.linspace(0, 1, n) ** power
        return np.stack([np.cos(2 * np.pi * u), sign * np.sin(2 * np.pi * u), 0 * u], axis=1)

    same = subject(circle(40), circle(64, 1.25))
    other = subject(circle(40), circle(40, sign=-1))
    assert same < 0.06 and other > 0.3
    assert np.mean(np.linalg.norm(circle(40) - circle(40, 1.25), axis=1)) > 3 * same


def test_length_does_not_change_the_scale(subject):
    flat = [np.zeros((n, 2)) for n in (10, 50)]
    assert subject(flat[0], flat[0] + [3, 4]) == pytest.approx(5.0) and subject(flat[1], flat[0] + [3, 4]) == pytest.approx(5.0)


def test_refused(subject):
    with pytest.raises(ValueError):
        subject(np.zeros((1, 3)), np.zeros((5, 3)))
    with pytest.raises(ValueError):
        subject(np.zeros((5, 3)), np.zeros((5, 2)))
