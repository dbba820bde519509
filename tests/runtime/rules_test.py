"""Tests of runtime/: the rules that mend code, and the processes that run it.   Usage: rules_test.py ROOT."""
import importlib.util
import os
import sys
import time
import unittest

sys.path.insert(0, os.path.join(sys.argv.pop(1), "runtime"))

from absolute_differences import absolute_differences  # noqa: E402
from band_places import bands_by_place, lists_of_generators  # noqa: E402
from children import run_children  # noqa: E402
from constants import find_constants  # noqa: E402
from mask_changes import changes_of_masks  # noqa: E402
from seconds import seconds_to_samples  # noqa: E402
from right_learner import right_learner  # noqa: E402
from time_axis import along_time, is_time_first  # noqa: E402
from whole_numbers import whole_numbers  # noqa: E402


class WholeNumbers(unittest.TestCase):
    def test_bounds_and_sizes_become_whole(self):
        self.assertEqual(whole_numbers("y = x[i - w * 2.0:n / 2]"), "y = x[int(i - w * 2.0):int(n / 2)]")
        self.assertEqual(whole_numbers("y = np.zeros(n * 3)\nz = f(x, size=w * 2)"),
                         "y = np.zeros(int(n * 3))\nz = f(x, size=int(w * 2))")

    def test_nested_places_are_all_found(self):
        self.assertEqual(whole_numbers("y = x[a[n / 2:] [0]:m / 2]"), "y = x[int(a[int(n / 2):] [0]):int(m / 2)]")

    def test_what_is_whole_stays(self):
        for code in ("y = x[1:-1]", "y = x[int(a):len(b)]", "y = np.zeros((3, 4))", "for i in range(10):\n    pass"):
            self.assertEqual(whole_numbers(code), code)

    def test_letters_beyond_ascii_do_not_shift_places(self):
        self.assertEqual(whole_numbers("s = 'µV'; y = x[n / 2:]"), "s = 'µV'; y = x[int(n / 2):]")


class Constants(unittest.TestCase):
    def test_limits_are_found_and_units_are_not(self):
        code = "def f(x, rate_hz, window_s=60.0, n=2):\n    y = x * 0.3 + 1e-12\n    return 60 / y * 3600 + 7"
        found = [(c["label"], c["value"]) for c in find_constants(code, "f")]
        self.assertEqual(found, [("window_s", 60.0), ("n", 2), ("line 2", 0.3), ("line 3", 7)])


class Seconds(unittest.TestCase):
    INPUTS = [{"name": "mask", "type": "numpy.ndarray"},
              {"name": "rate_hz", "type": "float", "unit": "Hz", "description": "sampling rate"}]

    def test_a_time_is_no_number_of_samples(self):
        code = "def f(mask, rate_hz, min_duration=30.0, gap_s=2, limit=3.0):\n    return g(mask, int(min_duration), size=gap_s) > %s"
        self.assertEqual(seconds_to_samples(code % "limit", self.INPUTS),
                         code.replace("int(min_duration)", "int((min_duration * rate_hz))")
                         .replace("size=gap_s", "size=(gap_s * rate_hz)") % "limit")
        self.assertEqual(seconds_to_samples(code % "rate_hz", self.INPUTS), code % "rate_hz", "it knows its rate")
        self.assertEqual(seconds_to_samples(code % "limit", self.INPUTS[:1]), code % "limit", "there is no rate")

    def test_other_limits_stay(self):
        for names in ("window_size=40", "window_samples=4", "factor=2.0", "low_hz=1.0", "threshold=3.0"):
            code = f"def f(mask, rate_hz, {names}):\n    return mask * {names.split('=')[0]}"
            self.assertEqual(seconds_to_samples(code, self.INPUTS), code)
        set_anew = "def f(mask, rate_hz, gap_s=1.0):\n    gap_s = 3\n    return mask * gap_s"
        self.assertEqual(seconds_to_samples(set_anew, self.INPUTS), set_anew)
        self.assertEqual(seconds_to_samples("def f(:", self.INPUTS), "def f(:")


class TimeAxis(unittest.TestCase):
    WINDOW = [{"name": "x", "type": "numpy.ndarray", "shape": "(128, 9)"}]

    def test_time_is_the_longest_first_axis(self):
        shapes = {"(128, 9)": True, "(n_samples, 3)": True, "(n_samples,)": False, "(90, 250)": False, "": False,
                  "(n_features, 3)": False, "(250, 90, 3)": True}
        for shape, first in shapes.items():
            self.assertEqual(is_time_first({"type": "numpy.ndarray", "shape": shape}), first, shape)
        self.assertFalse(is_time_first({"type": "float", "shape": ""}))

    def test_calls_that_name_no_axis_go_along_time(self):
        self.assertEqual(along_time("y = sosfiltfilt(sos, x)", self.WINDOW), "y = sosfiltfilt(sos, x, axis=0)")
        self.assertEqual(along_time("y = np.fft.rfft(f(x,\n  2),)", self.WINDOW), "y = np.fft.rfft(f(x,\n  2),axis=0)")
        self.assertEqual(along_time("y = abs(diff(lfilter(b, a, x)))", self.WINDOW),
                         "y = abs(diff(lfilter(b, a, x, axis=0), axis=0))")

    def test_a_filter_of_one_width_does_not_smear_channels(self):
        self.assertEqual(along_time("y = median_filter(x, size=n, mode='nearest')", self.WINDOW),
                         "y = median_filter(x, size=n, mode='nearest', axes=(0,))")
        self.assertEqual(along_time("y = ndimage.percentile_filter(x, 10, n)", self.WINDOW),
                         "y = ndimage.percentile_filter(x, 10, n, axes=(0,))")
        for code in ("y = median_filter(x, size=(n, 1))", "y = percentile_filter(x, 10, (n, 1))",
                     "s = (n, 1)\ny = median_filter(x, size=s)", "y = gaussian_filter(x, 2, axes=0)",
                     "y = median_filter(x, footprint=f)"):
            self.assertEqual(along_time(code, self.WINDOW), code)

    def test_edges_keep_their_dimension(self):
        self.assertEqual(along_time("y = np.diff(x, prepend=x[0], append=x[-1])", self.WINDOW),
                         "y = np.diff(x, prepend=x[:1], append=x[-1:], axis=0)")

    def test_a_filter_of_frequencies_never_goes_across_channels(self):
        self.assertEqual(along_time("y = sosfiltfilt(sos, x, axis=1)", self.WINDOW), "y = sosfiltfilt(sos, x, axis=0)")
        self.assertEqual(along_time("y = lfilter(b, a, x, axis=-1)", self.WINDOW), "y = lfilter(b, a, x, axis=0)")
        for code in ("y = sosfiltfilt(sos, x.T, axis=1).T", "x = x.reshape(1, -1)\ny = sosfiltfilt(sos, x, axis=1)"):
            self.assertEqual(along_time(code, self.WINDOW), code)

    def test_what_is_right_stays(self):
        for code in ("y = np.diff(x, axis=1)", "y = sosfiltfilt(sos, x, -1)", "y = np.diff(x.T)", "y = x.cumsum()",
                     "y = np.mean(x)", "y = np.moveaxis(x, 0, 1); z = np.diff(y)", "def f(:", "y = np.diff(x, **k)"):
            self.assertEqual(along_time(code, self.WINDOW), code)
        flat = [{"name": "x", "type": "numpy.ndarray", "shape": "(n_samples,)"}]
        self.assertEqual(along_time("y = np.diff(x)", flat), "y = np.diff(x)")


class RightLearner(unittest.TestCase):
    LABELS = [{"name": "train_labels", "dtype": "str"}]
    NUMBERS = [{"name": "train_labels", "dtype": "float64"}]

    def test_text_is_learned_by_classifiers(self):
        code = "from sklearn.svm import SVC, SVR\nmodel = RandomForestRegressor(n_estimators=trees, random_state=0)\nSVR(C=c)"
        self.assertEqual(right_learner(code, self.LABELS), "from sklearn.svm import SVC, SVC\n"
                         "model = RandomForestClassifier(n_estimators=trees, random_state=0)\nSVC(C=c)")

    def test_numbers_are_learned_by_regressors(self):
        code = "m = ExtraTreesClassifier(n_estimators=trees, class_weight='balanced', random_state=0)\nn = SVC(C=c, random_state=0)"
        self.assertEqual(right_learner(code, self.NUMBERS), "m = ExtraTreesRegressor(n_estimators=trees, random_state=0)\nn = SVR(C=c)")

    def test_what_is_right_or_no_learner_stays(self):
        for inputs, code in ((self.LABELS, "RandomForestClassifier(n_estimators=3)"), (self.NUMBERS, "SVR(C=1, epsilon=0.1)"),
                             ([{"name": "x"}], "RandomForestRegressor()")):
            self.assertEqual(right_learner(code, inputs), code)


class AbsoluteDifferences(unittest.TestCase):
    STEPS = "Compute the mean absolute difference of successive values of each channel."

    def test_differences_are_made_absolute_before_their_mean(self):
        self.assertEqual(absolute_differences("a = np.mean(np.diff(x, axis=0), axis=0)\nb = numpy.diff(x).mean()", self.STEPS),
                         "a = np.mean(np.abs(np.diff(x, axis=0)), axis=0)\nb = numpy.abs(numpy.diff(x)).mean()")

    def test_what_is_right_or_not_asked_stays(self):
        for code in ("np.mean(np.abs(np.diff(x)))", "np.abs(np.diff(x)).mean()", "np.diff(x).std()", "y = np.diff(x)", "def f(:"):
            self.assertEqual(absolute_differences(code, self.STEPS), code)
        self.assertEqual(absolute_differences("np.mean(np.diff(x))", "Compute the mean slope."), "np.mean(np.diff(x))")


class BandsByPlace(unittest.TestCase):
    EDGES = "edges = np.geomspace(1, len(power), n + 1).astype(int)\n"
    LOOP = "for low, high in zip(edges[:-1], edges[1:]):\n"
    USE = "    parts.append(power[inside].sum())"

    def test_edges_that_are_places_are_compared_with_no_frequencies(self):
        mask = "    inside = (frequencies >= low) & (frequencies < high)\n"
        self.assertEqual(bands_by_place(self.EDGES + self.LOOP + mask + self.USE),
                         self.EDGES + self.LOOP + "    inside = slice(int(low), int(high))\n" + self.USE)

    def test_frequencies_that_nothing_needs_any_more_are_left_out(self):
        mask = "    inside = (f >= low) & (f < high)\n"
        self.assertNotIn("shape[1]", bands_by_place("f = np.fft.rfftfreq(len(x), 1 / x.shape[1])\n" + self.EDGES + self.LOOP + mask + self.USE))
        self.assertIn("print(f)", bands_by_place("f = np.fft.rfftfreq(9, 1)\nprint(f)\n" + self.EDGES + self.LOOP + mask + self.USE))

    def test_edges_in_hertz_and_masks_of_other_use_stay(self):
        mask = "    inside = (f >= low) & (f < high)\n"
        for code in (self.EDGES.replace("len(power)", "highest_hz") + self.LOOP + mask + self.USE,
                     self.EDGES.replace("len(power)", "len(power) / seconds") + self.LOOP + mask + self.USE,
                     self.EDGES + self.LOOP + mask + "    parts.append(inside.sum())",
                     self.EDGES + self.LOOP + "    inside = f > 3\n" + self.USE, "def f(:"):
            self.assertEqual(bands_by_place(code), code)

    def test_generators_are_appended_as_lists(self):
        for before, after in (("p.append(g(a) for a in x)", "p.append([g(a) for a in x])"), ("p.append((a, b) for a, b in x)", "p.append([(a, b) for a, b in x])"),
                              ("p.append((g(a) for a in x))", "p.append([g(a) for a in x])"), ("p.append([a for a in x])",) * 2):
            self.assertEqual(lists_of_generators(before), after)


class MaskChanges(unittest.TestCase):
    def test_a_mask_becomes_whole_numbers_before_differences(self):
        mask = [{"name": "mask", "type": "numpy.ndarray", "dtype": "bool", "shape": "(n_samples,)"},
                {"name": "x", "type": "numpy.ndarray", "dtype": "float64", "shape": "(n_samples,)"}]
        self.assertEqual(changes_of_masks("y = np.where(np.diff(mask, prepend=0) == 1)", mask),
                         "y = np.where(np.diff(mask.astype(int), prepend=0) == 1)")
        for code in ("y = np.diff(mask.astype(int))", "y = np.diff(x)", "mask = x > 1\ny = np.diff(mask)", "def f(:"):
            self.assertEqual(changes_of_masks(code, mask), code)


@unittest.skipUnless(importlib.util.find_spec("numpy"), "no numpy in this Python")
class Learner(unittest.TestCase):
    def test_answers_are_plain_and_one_for_each_item(self):
        import numpy as np
        from learner import as_answers

        self.assertEqual(as_answers(np.array([["a"], ["b"]]), 2, True), ["a", "b"])
        self.assertEqual(as_answers([1, 2.5], 2, False), [1.0, 2.5])
        for wrong in ([1.0], [1.0, float("nan")], np.zeros((2, 2)), 3.0):
            with self.assertRaises(ValueError):
                as_answers(wrong, 2, False)

    def test_it_never_sees_features_that_are_not_finite_nor_can_change_the_labels(self):
        import numpy as np
        from learner import call_learner

        labels = np.array(["a", "b", "a"])

        def learner(train, given, features):
            self.assertTrue(np.isfinite(train).all() and np.isfinite(features).all())
            given[:] = "x"
            return ["a"] * len(features)

        train = np.array([[1.0, np.nan], [3.0, 5.0], [2.0, np.inf]])
        self.assertEqual(call_learner(learner, train, labels, np.array([[np.nan, 1.0]])), ["a"])
        self.assertEqual(list(labels), ["a", "b", "a"])

    def test_positions_are_a_tuple_for_each_item(self):
        import numpy as np
        from check_candidates import check_learner_value
        from fixture import axes_of, make_learner_values
        from learner import as_answers, call_learner
        from names import Problem

        labels = {"name": "train_labels", "type": "numpy.ndarray", "dtype": "float64", "shape": "(n_train, 2)"}
        answers = {"name": "place", "type": "numpy.ndarray", "dtype": "float64", "shape": "(n_items, 2)"}
        self.assertEqual((axes_of(labels), axes_of({"shape": "(n_train,)"}), axes_of({})), (2, 0, 0))
        values = make_learner_values([{"name": "train_features"}, labels, {"name": "features"}], np.random.default_rng(1))
        self.assertEqual(values[1].shape, (60, 2))
        check_learner_value(values[2][:, :2], values, answers)
        for wrong in (np.zeros(25), np.zeros((25, 3)), np.zeros((25, 2)), np.full((25, 2), np.nan)):
            self.assertRaises(Problem, check_learner_value, wrong, values, answers)
        self.assertEqual(as_answers(np.array([[1, 2.5]]), 1, False, 2), [(1.0, 2.5)])
        told = call_learner(lambda f, y, x: np.tile(y.mean(axis=0), (len(x), 1)), np.eye(2), np.array([[0, 2], [2, 4.0]]),
                            np.zeros((3, 2)))
        self.assertEqual(told, [(1.0, 3.0)] * 3)

    def test_features_are_one_vector(self):
        import numpy as np

        from learner import features_of

        self.assertEqual(features_of([1, 2]).tolist(), [1.0, 2.0])
        self.assertEqual(features_of(3.0).tolist(), [3.0])
        self.assertEqual(features_of([[1, 2]], [np.array([7.0])]).tolist(), [7.0, 1.0, 2.0])
        for wrong in ([], [[1.0, 2], [3, 4]]):
            with self.assertRaises(ValueError):
                features_of(wrong)


    def test_readings_join_the_features_where_an_item_is_a_set_of_them(self):
        import numpy as np

        from learner import readings_of

        values = {"air": np.array([1.0, 2.0]), "room": "a", "door": True}
        inputs = [{"name": "air", "type": "numpy.ndarray"}, {"name": "room", "type": "str"}, {"name": "door", "type": "bool"}]
        self.assertEqual(readings_of({"inputs": inputs}, values), [])
        found = readings_of({"inputs": inputs, "readings": True}, values)
        self.assertEqual([one.tolist() for one in found], [[1.0, 2.0], [1.0]])


class Leaks(unittest.TestCase):
    def kinds(self, code, records=(), name="classify.py"):
        from leaks import findings_of

        return [found["kind"] for found in findings_of({name: code}, list(records))]

    def learner(self, body):
        return "def classify(train_features, train_labels, features):\n" + "\n".join("    " + x for x in body)

    def test_a_fit_on_the_items_to_answer_is_named(self):
        self.assertEqual(self.kinds(self.learner(["s = Scaler().fit(features)", "return s"])), ["fit_on_asked"])
        self.assertEqual(self.kinds(self.learner(["both = np.vstack([train_features, features])",
                                                  "scaled = Scaler().fit_transform(both)", "return scaled"])),
                         ["fit_on_asked"])

    def test_an_honest_learner_is_not(self):
        self.assertEqual(self.kinds(self.learner(["s = Scaler().fit(train_features)", "m = Tree()",
                                                  "m.fit(s.transform(train_features), train_labels)",
                                                  "return m.predict(s.transform(features))"])), [])

    def test_written_answers_constants_and_files_are_named(self):
        self.assertEqual(self.kinds("ANSWERS = " + str(list(range(50)))), ["hard_coded"])
        self.assertEqual(self.kinds("B = [0.1, 0.2, 0.3]"), [])
        self.assertEqual(self.kinds("def f(x):\n    return {'r17': 3}.get(x)", ["r17"]), ["record_id"])
        self.assertEqual(self.kinds("def f(x):\n    return 72.0"), ["constant_answer"])
        self.assertEqual(self.kinds("def f(x):\n    return np.load('/data/train/labels.npy')"), ["reads_files"])

    def test_code_that_does_not_parse_says_nothing(self):
        self.assertEqual(self.kinds("def f(:"), [])


class Children(unittest.TestCase):
    def test_answers_come_in_order(self):
        works = [lambda k=k: {"k": k} for k in range(5)]
        self.assertEqual([answer["k"] for answer in run_children(works, 10, at_once=2)], list(range(5)))

    def test_a_hang_and_a_crash_are_named_and_hold_up_nobody(self):
        start = time.monotonic()
        answers = run_children([lambda: time.sleep(60), lambda: os.abort(), lambda: {"ok": True}], 1, at_once=3)
        self.assertEqual([a.get("kind", "") for a in answers], ["hang", "crash", ""])
        self.assertLess(time.monotonic() - start, 20)

    def test_an_exception_is_a_problem_not_an_end(self):
        answer = run_children([lambda: 1 / 0], 10)[0]
        self.assertFalse(answer["ok"])
        self.assertIn("ZeroDivisionError", answer["problem"])


if __name__ == "__main__":
    unittest.main()
