"""Tests of runtime/: the checks that a generated function has to pass.   Usage: check_candidates_test.py ROOT."""
import importlib.util
import os
import sys
import unittest

sys.path.insert(0, os.path.join(sys.argv.pop(1), "runtime"))

ABOUT = {"title": "", "statement": "", "rate_hz": 50, "inputs": []}


@unittest.skipUnless(importlib.util.find_spec("numpy"), "no numpy in this Python")
class CheckCandidates(unittest.TestCase):
    def test_one_value_for_every_sample_goes_by_the_item(self):
        from check_candidates import check_one

        item = {"name": "x", "type": "numpy.ndarray", "dtype": "float64", "shape": "(2400,)"}
        report = check_one({"function": "f", "inputs": [item], "outputs": [{**item, "name": "y", "shape": "(n_samples,)"}],
                            "code": "import numpy as np\n\n\ndef f(x):\n    return np.abs(x)"}, ["numpy"], 1, ABOUT)
        self.assertEqual((report["ok"], report["problem"]), (True, ""))

    def test_a_second_version_that_hangs_does_not_hide_the_first_problem(self):
        import check_candidates

        item = {"name": "x", "type": "numpy.ndarray", "dtype": "float64", "shape": "(n_samples,)"}
        before = check_candidates.second_tries
        check_candidates.second_tries = lambda *_: ["def f(x):\n    while True:\n        pass"]
        try:
            report = check_candidates.check_one({"function": "f", "inputs": [item], "outputs": [{**item, "name": "y"}],
                                                 "code": "def f(x):\n    return x.nothing"}, ["numpy"], 1, ABOUT, 1)
        finally:
            check_candidates.second_tries = before
        self.assertIn("nothing", report["problem"])

    LEARNER = {"function": "f", "outputs": [{"name": "kind", "type": "numpy.ndarray", "dtype": "str", "shape": "(n_items,)"}],
               "inputs": [{"name": "train_features", "type": "numpy.ndarray", "dtype": "float64", "shape": "(a, b)"},
                          {"name": "train_labels", "type": "numpy.ndarray", "dtype": "str", "shape": "(a,)"},
                          {"name": "features", "type": "numpy.ndarray", "dtype": "float64", "shape": "(c, b)"}]}
    NEAREST = ("import numpy as np\n\n\ndef f(train_features, train_labels, features):\n"
               "    gap = np.linalg.norm(features[:, None] - train_features[None], axis=2)\n")

    def test_a_learner_of_texts_passes_and_one_that_changes_them_does_not(self):
        from check_candidates import check_code, check_one

        good = check_one({**self.LEARNER, "code": self.NEAREST + "    return train_labels[gap.argmin(axis=1)]"}, ["numpy"], 1, ABOUT)
        self.assertEqual((good["ok"], good["problem"]), (True, ""))
        bad = check_code(self.NEAREST + "    answers = train_labels[gap.argmin(axis=1)]\n    train_labels[:] = 'x'\n"
                         "    return answers", self.LEARNER, ["numpy"], 1, ABOUT)
        self.assertEqual((bad["ok"], bad["kind"]), (False, "effect"))

    def test_events_are_no_stretches(self):
        from check_candidates import check_code

        level = {"name": "level", "type": "numpy.ndarray", "dtype": "float64", "shape": "(n_samples,)"}
        found = {"name": "rises", "type": "numpy.ndarray", "dtype": "int64", "shape": "(n_events,)", "unit": "samples"}
        code = "import numpy as np\n\n\ndef f(level):\n    mask = level > np.median(level)\n    return np.flatnonzero(%s)"
        for mask, name, problem in (("mask", "rises", "each event once"), ("mask", "others", ""),
                                    ("np.diff(mask.astype(int), prepend=0) == 1", "rises", "")):
            report = check_code(code % mask, {"function": "f", "inputs": [level], "outputs": [found]}, ["numpy"], 1,
                                {**ABOUT, "inputs": [level], "events": name})
            self.assertEqual((report["ok"], problem in report["problem"]), (not problem, True), report["problem"])

    def test_what_never_finds_anything_is_told_from_a_limit_that_does_not_fit(self):
        from check_candidates import check_one

        level = {"name": "level", "type": "numpy.ndarray", "dtype": "float64", "shape": "(n_samples,)"}
        mask = {"name": "high", "type": "numpy.ndarray", "dtype": "bool", "shape": "(n_samples,)"}
        found = {"name": "rises", "type": "numpy.ndarray", "dtype": "int64", "shape": "(n_events,)", "unit": "samples"}
        cases = ((level, mask, "x > limit", True), (level, mask, "(x > limit) & (x < -1e9)", False),
                 (mask, mask, "maximum_filter1d(minimum_filter1d(x, size=int(90 * limit)), size=int(90 * limit))", True),
                 (mask, mask, "x & (x > 1)", False), (level, found, "np.flatnonzero(x > limit)[:1]", True),
                 (level, found, "np.flatnonzero(x > 2 * x.max() + 1)", False))
        for given, output, result, good in cases:
            report = check_one({"function": "f", "inputs": [{**given, "name": "x"}], "outputs": [output],
                                "code": "import numpy as np\nfrom scipy.ndimage import maximum_filter1d, minimum_filter1d\n\n\n"
                                f"def f(x, limit=800.0):\n    return {result}"}, ["numpy", "scipy"], 1, ABOUT)
            self.assertEqual(report["ok"], good, (result, report["problem"]))

    def test_where_readings_are_missing_a_function_has_to_bear_them(self):
        from check_candidates import check_one

        level = {"name": "level", "type": "numpy.ndarray", "dtype": "float64", "shape": "(n_samples,)"}
        for statement, body, good in (("Some come as NaN.", "level * 2", False), ("Some come as NaN.", "np.nan_to_num(level)", True),
                                      ("All come.", "level * 2", True)):
            report = check_one({"function": "f", "inputs": [level], "outputs": [{**level, "name": "smooth"}],
                                "code": f"import numpy as np\n\n\ndef f(level):\n    return {body}"}, ["numpy"], 1,
                               {**ABOUT, "statement": statement, "inputs": [level]})
            self.assertEqual(report["ok"], good, (statement, body, report["problem"]))

    def test_a_number_is_finite_where_there_are_no_events(self):
        from check_candidates import check_one

        beats = {"name": "drops", "type": "numpy.ndarray", "dtype": "int64", "shape": "(n_drops,)", "unit": "samples"}
        rate = {"name": "rate_hz", "type": "float", "unit": "Hz", "description": "sampling rate"}
        for body, good in (("60 * rate_hz / np.median(np.diff(drops))", False),
                           ("60 * rate_hz / np.median(np.diff(drops)) if len(drops) > 1 else 0.0", True),
                           ("60 * rate_hz / (drops[1] - drops[0])", False)):
            report = check_one({"function": "f", "inputs": [beats, rate], "outputs": [{"name": "per_min", "type": "float"}],
                                "code": f"import numpy as np\n\n\ndef f(drops, rate_hz):\n    return {body}"},
                               ["numpy"], 1, ABOUT)
            self.assertEqual(report["ok"], good, (body, report["problem"]))
            self.assertEqual("no position" in report["problem"], not good)

    def test_a_filter_of_several_channels_goes_along_time(self):
        from check_candidates import check_one

        window = {"name": "x", "type": "numpy.ndarray", "dtype": "float64", "shape": "(128, 9)"}
        report = check_one({"function": "f", "inputs": [window], "outputs": [{**window, "name": "y"}],
                            "code": "import numpy as np\n\n\ndef f(x):\n    return np.diff(x, prepend=x[0])"}, ["numpy"], 1, ABOUT)
        self.assertEqual((report["ok"], report["problem"]), (True, ""))
        self.assertIn("axis=0", report["code"])


if __name__ == "__main__":
    unittest.main()
