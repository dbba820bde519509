"""Tests of runtime/: the rules that mend code, and the processes that run it.   Usage: rules_test.py ROOT."""
import importlib.util
import os
import sys
import time
import unittest

sys.path.insert(0, os.path.join(sys.argv.pop(1), "runtime"))

from children import run_children  # noqa: E402
from mend_imports import mend_imports  # noqa: E402
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


@unittest.skipUnless(importlib.util.find_spec("numpy"), "no numpy in this Python")
class MendImports(unittest.TestCase):
    def test_names_of_numpy_come_from_numpy(self):
        code = "from numpy.fft import rfft, count_nonzero\n\n\ndef f(x):\n    return count_nonzero(rfft(x))"
        self.assertIn("from numpy.fft import rfft; from numpy import count_nonzero\n", mend_imports(code))

    def test_what_is_not_used_goes(self):
        self.assertEqual(mend_imports("from numpy import nothing_like_it\nx = 1"), "\nx = 1")

    def test_what_is_used_and_nowhere_stays_for_the_check(self):
        code = "from numpy import nothing_like_it\nx = nothing_like_it"
        self.assertEqual(mend_imports(code), code)

    def test_code_that_does_not_parse_stays(self):
        self.assertEqual(mend_imports("def f(:"), "def f(:")


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
        from learner import features_of

        self.assertEqual(features_of([1, 2]).tolist(), [1.0, 2.0])
        for wrong in ([], [[1.0]], 3.0):
            with self.assertRaises(ValueError):
                features_of(wrong)


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
