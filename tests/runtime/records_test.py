"""Tests of runtime/records.py and trials.py: what a program hands over, and what an excerpt is.   Usage: records_test.py ROOT."""
import importlib.util
import json
import os
import sys
import tempfile
import unittest
from unittest import mock

sys.path.insert(0, os.path.join(sys.argv.pop(1), "runtime"))

HAS_NUMPY = importlib.util.find_spec("numpy") is not None
if HAS_NUMPY:
    import numpy as np
    import records
    import trials


@unittest.skipUnless(HAS_NUMPY, "no numpy in this Python")
class Plain(unittest.TestCase):
    def test_whole_numbers_become_integers(self):
        self.assertEqual(records.to_plain(np.array([1.0, 2.0])), [1, 2])
        self.assertEqual(records.to_plain((1, 2.5)), [1, 2.5])
        self.assertEqual(records.to_plain(np.array([])), [])

    def test_what_is_no_number_becomes_none_of_them(self):
        for value in (np.float64("inf"), np.float64("nan"), float("-inf")):
            self.assertIsNone(records.to_plain(value))
        self.assertEqual(records.to_plain(np.array([1.0, np.nan])), [1, None])
        self.assertEqual(records.to_plain(np.float64(1e300)), 1e300)


@unittest.skipUnless(HAS_NUMPY, "no numpy in this Python")
class Views(unittest.TestCase):
    def test_tables_are_parted_by_what_stands_in_their_header(self):
        with tempfile.TemporaryDirectory() as folder:
            os.mkdir(os.path.join(folder, "test"))
            for name, separator in (("a", ","), ("b", ";"), ("c", "\t")):
                with open(os.path.join(folder, "test", name + ".csv"), "w", encoding="utf-8") as file:
                    file.write(separator.join(('"time, s"', "flow rate")) + "\n" + separator.join(("0", "1.5")) + "\n")
                facts = {"format": "csv", "channel": "flow rate", "inputs": [{"name": "signal"}]}
                self.assertEqual(records.read_record(folder, facts, name)["signal"].tolist(), [1.5])

    def test_a_folder_of_recordings_needs_no_view_where_the_application_knows_them(self):
        facts = {"format": "csv", "channel": "acc", "rate_hz": 50, "files": "*.txt",
                 "inputs": [{"name": "signal"}, {"name": "rate_hz", "unit": "Hz"}]}
        beside = os.path.join(os.path.dirname(records.__file__), "facts.json")
        with tempfile.TemporaryDirectory() as folder, mock.patch.object(records, "__file__", os.path.join(folder, "r.py")):
            with open(os.path.join(folder, "facts.json"), "w", encoding="utf-8") as file:
                json.dump(facts, file)
            data = os.path.join(folder, "data")
            with self.assertRaisesRegex(SystemExit, r"got no such file, expected recordings like \*.txt"):
                records.load_facts(data)
            os.mkdir(data)
            for name in ("b.txt", "a.txt", "notes.md"):
                with open(os.path.join(data, name), "w", encoding="utf-8") as file:
                    file.write("acc\n1\n2\n")
            seen = records.load_facts(data)
            self.assertEqual(seen["records"], ["a", "b"])
            values = records.read_record(data, seen, "b")
            self.assertEqual((values["signal"].tolist(), values["rate_hz"]), ([1, 2], 50))
        self.assertFalse(os.path.exists(beside))

    def test_a_folder_that_is_no_view_is_named(self):
        with tempfile.TemporaryDirectory() as folder, self.assertRaisesRegex(SystemExit, "is no view: got no records.json"):
            records.load_facts(folder)


@unittest.skipUnless(HAS_NUMPY, "no numpy in this Python")
class Excerpts(unittest.TestCase):
    def test_all_channels_of_one_length_are_cut_alike(self):
        with tempfile.TemporaryDirectory() as folder:
            os.mkdir(os.path.join(folder, "test"))
            for name, shape in (("i", (2, 100)), ("q", (2, 100)), ("taps", (2, 5))):
                np.save(os.path.join(folder, "test", name + ".npy"), np.arange(np.prod(shape)).reshape(shape))
            inputs = [{"name": n, "type": "numpy.ndarray", "dtype": "float64", "shape": "(n,)"} for n in ("i", "q", "taps")]
            inputs.append({"name": "rate_hz", "type": "float", "unit": "Hz"})
            with open(os.path.join(folder, "records.json"), "w", encoding="utf-8") as file:
                json.dump({"format": "table", "rate_hz": 10, "inputs": inputs, "records": ["a", "b"]}, file)
            cut = trials.load_inputs(folder, 40)["b"]
        self.assertEqual((cut["i"][0], len(cut["i"])), (130, 40))
        self.assertEqual(cut["q"].tolist(), cut["i"].tolist())
        self.assertEqual((len(cut["taps"]), cut["rate_hz"]), (5, 10.0))


@unittest.skipUnless(HAS_NUMPY, "no numpy in this Python")
class Trials(unittest.TestCase):
    def test_a_result_that_json_cannot_hold_spoils_its_own_trial_only(self):
        job = {"steps": [{}, {}]}
        self.assertTrue(trials.checked({"a": [1, 2]}, job)["ok"])
        answer = trials.checked({"a": float("nan")}, job)
        self.assertEqual((answer["ok"], answer["step"]), (False, 1))
        self.assertIn("NaN", answer["problem"])


if __name__ == "__main__":
    unittest.main()
