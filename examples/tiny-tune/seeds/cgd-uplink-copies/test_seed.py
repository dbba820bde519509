"""Tests of the seed; logs put together by hand. Comparing with the previous row only, 65535 to 0 as restart, and ever-lasting keys fail."""
import random


def brief(messages):
    return [(m["device"], m["counter"], m["n_copies"], m["missed"]) for m in messages]


def test_copies_are_merged(subject):
    copies = [(10.2, "a", 7, "g2", -80.0), (10.0, "a", 7, "g1", -95.0), (10.4, "a", 7, "g3", -80.0), (11.0, "b", 7, "g1", -70.0)]
    assert subject(copies) == [
        {"time_s": 10.0, "device": "a", "counter": 7, "gateway": "g2", "rssi_dbm": -80.0, "n_copies": 3, "missed": 0},
        {"time_s": 11.0, "device": "b", "counter": 7, "gateway": "g1", "rssi_dbm": -70.0, "n_copies": 1, "missed": 0}]


def test_late_copy_after_the_next_message(subject):
    copies = [(0.0, "a", 1, "g1", -90.0), (2.0, "a", 2, "g1", -90.0), (3.0, "a", 1, "g2", -60.0), (3.5, "a", 2, "g2", -99.0)]
    messages = subject(copies)
    assert brief(messages) == [("a", 1, 2, 0), ("a", 2, 2, 0)] and messages[0]["gateway"] == "g2"


def test_overflow_and_losses(subject):
    counters = [65533, 65534, 1, 2, 6]
    messages = subject([(60.0 * k, "a", c, "g", -90.0) for k, c in enumerate(counters)])
    assert brief(messages) == [("a", 65533, 1, 0), ("a", 65534, 1, 0), ("a", 65537, 1, 2), ("a", 65538, 1, 0), ("a", 65542, 1, 3)]
    twice = subject([(60.0 * k, "a", (30000 * k) % 65536, "g", -90.0) for k in range(8)])
    assert [m["counter"] for m in twice] == [30000 * k for k in range(8)]


def test_restart(subject):
    messages = subject([(0.0, "a", 500, "g", -90.0), (60.0, "a", 0, "g", -90.0), (120.0, "a", 3, "g", -90.0), (180.0, "a", 3, "g", -90.0)])
    assert brief(messages) == [("a", 500, 1, 0), ("a", 0, 1, 0), ("a", 3, 1, 2), ("a", 3, 1, 0)]


def test_window_counts_from_the_first_copy(subject):
    copies = [(t, "a", 4, "g", -90.0) for t in (0.0, 4.0, 5.0, 8.0)]
    assert [m["n_copies"] for m in subject(copies)] == [3, 1]
    assert [m["n_copies"] for m in subject(copies, window_s=8.0)] == [4]


def test_order_of_the_log_does_not_matter(subject):
    copies = [(10.0 * c + 0.1 * g, d, c, f"g{g}", -90.0 + g) for d in "xyz" for c in range(30) for g in range(3)]
    shuffled = copies[:]
    random.Random(1).shuffle(shuffled)
    messages = subject(shuffled)
    assert len(messages) == 90 and all(m["n_copies"] == 3 and m["gateway"] == "g2" and m["missed"] == 0 for m in messages)
    assert subject([]) == []
