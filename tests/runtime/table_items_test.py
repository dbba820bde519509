"""Tests of runtime/table.py: names, ids, labels and limits.   Usage: table_items_test.py ROOT."""
import os
import unittest

from table_case import ARRAY, HAS_NUMPY, Case, column

if HAS_NUMPY:
    import numpy as np
    import table


class Names(Case):
    def test_ids_are_plain_unique_and_short(self):
        for name in ("a b.npy", "a-b.npy", "d/ж ж.npy", "e/ж ж.npy", "line\nend.npy", "l" * 200 + ".npy",
                     "-x.npy", "ж.npy", "l" * 199 + "m.npy"):
            np.save(self.path(name), np.zeros(2))
        got = self.table("npy", [ARRAY], files="**/*.npy")
        self.assertEqual(len(set(got["ids"])), 9)
        for item in got["ids"]:
            self.assertRegex(item, r"\A[A-Za-z0-9][A-Za-z0-9._-]{0,119}\Z")
        self.assertEqual(got["ids"], self.table("npy", [ARRAY], files="**/*.npy")["ids"])
        self.assertIn("line end", " ".join(got["files"]))

    def test_folders_as_labels(self):
        for name in ("train/walk/1.npy", "train/sit/1.npy"):
            np.save(self.path(name), np.zeros(2))
        got = self.table("npy", [ARRAY], {"format": "folder"}, files="train/*/*.npy")
        self.assertEqual(got["labels"], ["sit", "walk"])
        for item in got["ids"]:
            self.assertRegex(item, r"\Aitem-[0-9a-f]{16}\Z", "the program sees ids: they must not hold the label")
        self.assertEqual(self.table("npy", [ARRAY], files="train/*/*.npy")["ids"], ["train-sit-1", "train-walk-1"])
        np.save(self.path("b.npy"), np.zeros(2))
        self.refuses(["b.npy: folder"], "npy", [ARRAY], {"format": "folder"}, files="*.npy")

    def test_a_name_without_the_pattern_is_an_error(self):
        np.save(self.path("walk1.npy"), np.zeros(2))
        self.refuses(["'walk1'", "{label}_{who}"], "npy", [ARRAY], {"format": "name", "pattern": "{label}_{who}"})
        self.refuses(["{label}"], "npy", [ARRAY], {"format": "name", "pattern": "{who}1"})

    def test_a_number_in_the_name(self):
        for speed in ("10.26", "9"):
            np.save(os.path.join(self.data, f"pump_{speed}.npy"), np.arange(3.0))
        named = {"format": "name", "pattern": "pump_{label}"}
        self.assertEqual(sorted(self.table("npy", [ARRAY], named, numbers=True)["labels"]), [9.0, 10.26])
        self.assertEqual(sorted(self.table("npy", [ARRAY], named)["labels"]), ["10.26", "9"])
        os.rename(os.path.join(self.data, "pump_9.npy"), os.path.join(self.data, "pump_fast.npy"))
        self.refuses(["pump_fast", "'fast'", "a number"], "npy", [ARRAY], named, numbers=True)

    def test_no_files_and_paths_outside(self):
        self.refuses(["no file"], "npy", [ARRAY])
        self.write("a.txt", "x")
        self.refuses(["'a.txt'"], "npy", [ARRAY])
        self.refuses(["below the data folder"], "npy", [ARRAY], files="../*.npy")
        self.refuses(["below the data folder"], "npy", [ARRAY], files="/etc/*")


class Limits(Case):
    def setUp(self):
        super().setUp()
        np.savez(self.path("s.npz"), x=np.arange(100), y=[0] * 90 + [1] * 9 + [2], s=[1] * 100)

    def take(self, seed):
        return self.table("npz", [column("x")], {"format": "key", "key": "y"}, {"limit": 10, "seed": seed}, items="row")

    def test_the_limit_keeps_the_shares_and_the_order(self):
        got = self.take(1)
        self.assertEqual([got["labels"].count(k) for k in (0, 1, 2)], [8, 1, 1])
        self.assertEqual(got["times"], sorted(got["times"]))
        self.assertEqual(got["ids"], self.take(1)["ids"])
        self.assertNotEqual(got["ids"], self.take(2)["ids"])

    def test_one_label_and_one_subject_are_noted(self):
        got = self.table("npz", [column("x")], {"format": "key", "key": "s"}, {"subject": "s"}, items="row")
        self.assertIn("all items have the same label: 1", got["notes"])
        self.assertIn("all items have the same subject: '1'", got["notes"])

    def test_too_many_files_or_items_are_refused(self):
        import table_open

        for module, name in ((table, "MAX_ITEMS"), (table_open, "MAX_FILES")):
            self.addCleanup(setattr, module, name, getattr(module, name))
        table.MAX_ITEMS = 99
        self.refuses(["more than 99"], "npz", [column("x")], items="row")
        table_open.MAX_FILES = 0
        self.refuses(["more than 0 files"], "npz", [column("x")], items="row")

    def test_an_input_in_hz_needs_a_rate(self):
        rate = {"name": "rate_hz", "type": "float", "unit": "Hz"}
        self.refuses(["rate_hz"], "npz", [column("x"), rate], items="row")
        got = self.table("npz", [column("x"), rate], items="row", rate_hz=50)
        self.assertEqual((got["rate_hz"], got["inputs"][1]["unit"]), (50.0, "Hz"))

    def test_infinite_labels_are_refused_and_subjects_are_text(self):
        np.savez(self.path("s.npz"), x=np.arange(2), y=[1.0, np.inf], s=[1.0, np.inf])
        self.refuses(["infinite"], "npz", [column("x")], {"format": "key", "key": "y"}, items="row")
        self.assertEqual(self.table("npz", [column("x")], None, {"subject": "s"}, items="row")["subjects"], ["1", "inf"])

    def test_an_unknown_dtype_is_refused(self):
        self.refuses(["'float65'"], "npz", [{**ARRAY, "key": "x", "dtype": "float65"}], items="row")

    def test_unknown_ids_subjects_and_formats_are_errors(self):
        self.refuses(["'s-100'"], "npz", [column("x")], items="row", select={"test": ["s-100"]})
        self.refuses(["'who'", "'x'"], "npz", [column("x")], None, {"subject": "who"}, items="row")
        self.refuses(["'hdf5'"], "hdf5", [column("x")])
        self.refuses(["'events'"], "npz", [column("x")], {"format": "events"})


if __name__ == "__main__":
    unittest.main()
