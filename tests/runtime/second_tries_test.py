"""Tests of runtime/: what rules make of candidates that failed a check.   Usage: second_tries_test.py ROOT."""
import importlib.util
import os
import sys
import unittest

sys.path.insert(0, os.path.join(sys.argv.pop(1), "runtime"))

if importlib.util.find_spec("scipy"):
    from check_candidates import check_one

HEAD = "import numpy as np\nfrom scipy.signal import find_peaks\n\n\n"
SIGNAL = {"name": "level", "type": "numpy.ndarray", "dtype": "float64", "shape": "(n_samples,)", "unit": "m"}
RATE = {"name": "rate_hz", "type": "float", "unit": "Hz"}
EVENTS = {"name": "waves", "type": "numpy.ndarray", "dtype": "int64", "shape": "(n_waves,)", "unit": "samples"}


def checked(body, output, events="", head=HEAD):
    """The report of `def f(level, rate_hz)` with this body."""
    candidate = {"code": head + "def f(level, rate_hz):\n" + body, "function": "f", "inputs": [SIGNAL, RATE],
                 "outputs": [output]}
    about = {"title": "", "statement": "", "rate_hz": 50, "inputs": [SIGNAL, RATE], "events": events}
    return check_one(candidate, ["numpy", "scipy"], 1, about)


@unittest.skipUnless(importlib.util.find_spec("scipy"), "no scipy in this Python")
class SecondTries(unittest.TestCase):
    def becomes(self, report, *texts):
        self.assertTrue(report["ok"], report["problem"])
        for text in texts:
            self.assertIn(text, report["code"])

    def test_a_reduction_with_a_window_runs_along_the_signal(self):
        self.becomes(checked("    return np.max(level, size=5)\n", SIGNAL), "maximum_filter1d(level, size=5)",
                     "from scipy.ndimage import maximum_filter1d\n")

    def test_keywords_that_a_function_does_not_know_go(self):
        report = checked("    waves, _ = find_peaks(level, order=3, distance=7)\n    return waves\n", EVENTS)
        self.becomes(report, "find_peaks(level, distance=7)")

    def test_a_tuple_is_not_its_positions(self):
        self.becomes(checked("    waves = find_peaks(level)\n    return waves + 0\n", EVENTS), "find_peaks(level)[0]")

    def test_differences_are_as_long_as_the_signal(self):
        self.becomes(checked("    steep = np.abs(np.diff(level))\n    return level * (steep > 0)\n", SIGNAL),
                     "np.diff(level, prepend=level[:1])")
        self.becomes(checked("    return np.convolve(level, np.ones(5) / 5, mode='valid')\n", SIGNAL), 'mode="same"')

    def test_each_event_stands_once_and_in_order(self):
        self.becomes(checked("    waves, _ = find_peaks(level)\n    return np.concatenate([waves, waves])\n", EVENTS),
                     "return np.unique(np.concatenate([waves, waves]))")

    def test_of_neighbours_the_first_stays(self):
        report = checked("    return np.flatnonzero(level > np.median(level))\n", EVENTS, "waves")
        self.becomes(report, "found[np.diff(found, prepend=-2) > 1]")

    def test_what_is_not_finite_becomes_nothing_but_not_along_the_signal(self):
        body = "    return np.where(np.arange(3) > 0, level[:3], np.nan)\n"
        self.becomes(checked(body, {**SIGNAL, "name": "few", "shape": "(3,)"}), "np.nan_to_num(np.where(")
        self.assertFalse(checked("    return np.where(level > level.mean(), level, np.nan)\n", SIGNAL)["ok"])

    def test_inputs_stay_as_they_are(self):
        self.becomes(checked("    level[:3] = 0\n    return level\n", SIGNAL), "level = np.array(level)\n    level[:3] = 0")

    def test_several_slips_in_one_function(self):
        body = "    steep = np.diff(level)\n    waves = find_peaks(level * steep, order=3)\n    return waves + 0\n"
        self.becomes(checked(body, EVENTS), "prepend=", "find_peaks(level * steep)[0]")

    def test_what_no_rule_helps_stays_as_written(self):
        report = checked("    return level[:, 3]\n", SIGNAL)
        self.assertFalse(report["ok"])
        self.assertNotIn("code", report)
        self.assertIn("too many indices", report["problem"])


if __name__ == "__main__":
    unittest.main()
