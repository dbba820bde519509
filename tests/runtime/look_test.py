"""Tests of runtime/look.py: what it says of small folders, and what it does not.   Usage: look_test.py ROOT."""
import importlib.util
import io
import json
import os
import sys
import unittest
from contextlib import redirect_stderr

from folder_case import FolderCase

sys.path.insert(0, os.path.join(sys.argv.pop(1), "runtime"))

HAS_NUMPY = importlib.util.find_spec("numpy") is not None
HAS_SCIPY = importlib.util.find_spec("scipy") is not None
HAS_WFDB = importlib.util.find_spec("wfdb") is not None
if HAS_NUMPY:
    import look
    import look_read
    import numpy as np


@unittest.skipUnless(HAS_NUMPY, "no numpy in this Python")
class Case(FolderCase):
    def look(self):
        argv, sys.argv = sys.argv, ["look.py", "--data", self.data, "--out", self.folder]
        errors = io.StringIO()
        try:
            with redirect_stderr(errors):
                status = look.main()
        finally:
            sys.argv = argv
        if status:
            self.assertRegex(errors.getvalue(), r"\A\[look\.read\] [^\n]*\n\Z")
            return errors.getvalue()
        with open(os.path.join(self.folder, "look.json"), encoding="utf-8") as file:
            return json.load(file)

    def group(self, form=None):
        groups = [g for g in self.look()["groups"] if form in (None, g["format"])]
        self.assertEqual(len(groups), 1, groups)
        return groups[0]

    def first(self, what, group=None):
        found = (group or self.group())[what]
        return (found[0]["place"], found[0]["name"], found[0]["sure"]) if found else None


class Groups(Case):
    def test_like_files_form_a_group_with_a_pattern_of_its_own(self):
        for name in ("train/1.npz", "train/2.npz", "test/3.npz"):
            np.savez(self.path(name), x=np.zeros(4))
        np.savez(self.path("train/other.npz"), z=np.zeros((4, 4)))
        groups = {g["glob"]: g["files"] for g in self.look()["groups"]}
        self.assertEqual(groups, {"*/?.npz": 3, "train/other.npz": 1})

    def test_labels_may_have_the_ending_of_the_records(self):
        for k in range(8, 12):
            self.write(f"walk{k}.csv", "acc\n" + "".join(f"{(i * k) % 7}\n" for i in range(300)))
            self.write(f"walk{k}_steps.csv", "sample\n10\n50\n")
        groups = self.look()["groups"]
        self.assertEqual([(g["glob"], g.get("apart"), g["files"]) for g in groups],
                         [("", {"glob": "*.csv", "but": "*_steps.csv"}, 4), ("*_steps.csv", None, 4)])

    def test_sizes_that_vary_are_marked_and_ranges_told(self):
        np.savez(self.path("a.npz"), x=np.array([[1., np.nan], [3., 4.]]))
        np.savez(self.path("b.npz"), x=np.array([[-1., 2.]]))
        field = self.group()["fields"][0]
        self.assertEqual((field["shape"], field["min"], field["max"]), ([None, 2], -1.0, 4.0))
        self.assertAlmostEqual(field["nan_share"], 1 / 6, places=5)

    def test_the_format_follows_from_the_content(self):
        array = io.BytesIO()
        np.save(array, np.zeros(3))
        self.write("a.dat", array.getvalue())
        self.write("b.txt", "1;2\n3;4\n5;6\n")
        self.write("c.csv", "PK\x03\x04 an archive")
        self.write("d.npy", b"\x80\x04\x95 a pickle")
        self.write("e.bin", b"\0\1\2")
        self.write("readme.txt", "1\n2\n3\n")
        self.write("f.txt", "Some words about the data,\nand no table at all\n")
        answer = self.look()
        self.assertEqual({g["examples"][0]: g["format"] for g in answer["groups"]}, {"a.dat": "npy", "b.txt": "csv"})
        what = {o["file"]: o["what"] for o in answer["others"]}
        self.assertEqual((what["c.csv"], what["d.npy"], what["readme.txt"], what["f.txt"]),
                         ("a zip archive", "a pickle", "text about the data", "text"))

    def test_objects_and_broken_files_are_left_out_and_named(self):
        np.savez(self.path("a.npz"), x=np.array([None]))
        self.write("b.npz", b"PK\x03\x04 cut off")
        self.write("c.hea", "c 1 100 10\nc.dat 16 1/mV 16 0 0 0 0 I\n")
        self.write("d.csv", "x,y\n" + "1,2\n" * 50 + "1,2,3\n")
        self.write("e.npy", b"")
        answer = self.look()
        said = json.dumps([answer["others"], answer["notes"]])
        self.assertEqual(answer["groups"], [])
        for name in ("a.npz", "b.npz", "d.csv", "e.npy", *(["c.hea"] if HAS_WFDB else [])):
            self.assertIn(name, said)

    def test_names_with_spaces_line_ends_and_other_letters(self):
        for name in ("a b.npy", "line\nend.npy", "жук.npy", "[x].npy"):
            np.save(self.path(name), np.zeros(3))
        group = self.group()
        self.assertEqual((group["files"], group["glob"]), (4, "*.npy"))

    def test_an_empty_folder_is_an_error(self):
        self.assertIn("no files", self.look())

    def test_beyond_the_limits_the_header_alone_is_told(self):
        for i in range(4):
            np.save(self.path(f"{i}.npy"), np.arange(5.) + i)
        self.addCleanup(setattr, look_read, "MAX_READ", look_read.MAX_READ)
        look_read.MAX_READ = 2
        group = self.group()
        self.assertEqual((group["read"], group["files"], group["fields"][0]["shape"]), (2, 4, [5]))
        self.write("one.npy", b"")
        for i in range(4):
            np.save(self.path(f"{i}.npy"), np.zeros((2,) * i))
        self.assertEqual(sum(g["read"] for g in self.look()["groups"]), 2)
        for i in range(4):
            self.write(f"{i}.npy", b"")
            self.write(f"{i}.csv", "t,x\n" + "".join(f"2024-01-01 00:00:{k:02},1\n" for k in range(9)))
        group = self.group()
        self.assertEqual((group["fields"][0]["shape"], group["rate_hz"]["sure"]), ([None], False))


class Rates(Case):
    def rate(self, header, rows):
        self.write("a.csv", header + "\n" + "".join(row + "\n" for row in rows))
        rate = self.group()["rate_hz"]
        return rate and (rate["value"], rate["sure"])

    def test_even_times_are_sure(self):
        self.assertEqual(self.rate("when,x", [f"2024-01-01 00:{m:02}:00,1" for m in range(30)]), (0.0166667, True))
        self.assertEqual(self.rate("when,x", [f"1.2.2024 {h}:00,1" for h in range(20)]), (0.000277778, True))
        self.assertEqual(self.rate("Date,Time,x", [f"2024-01-0{1 + s // 24},{s % 24}:00:00,1" for s in range(48)]),
                         (0.000277778, True))
        self.assertEqual(self.rate("t [ms],x", [f"{s * 20},1" for s in range(30)]), None)
        self.assertEqual(self.rate("time [ms],x", [f"{s * 20},1" for s in range(30)]), (50.0, True))

    def test_times_rounded_by_the_clock_are_even(self):
        rows = [f"1970-01-01 00:00:{s / 64:06.3f},1" for s in range(200)]
        value, sure = self.rate("when,x", rows)
        self.assertTrue(sure)
        self.assertAlmostEqual(value, 64, places=1)

    def test_uneven_times_are_a_guess(self):
        rows = [f"2024-01-01 00:00:{s:02},1" for s in range(50) if s % 20]
        self.assertEqual(self.rate("when,x", rows), (1.0, False))

    def test_what_is_no_time_gives_no_rate(self):
        self.assertIsNone(self.rate("n,x", [f"{s * 0.02},1" for s in range(30)]))
        self.assertIsNone(self.rate("timestamp,x", [f"{s},1" for s in range(30)]))
        self.assertIsNone(self.rate("when,x", [f"2024-01-01 00:00:{s % 7:02},1" for s in range(30)]))

    def test_numbers_without_a_unit_are_a_guess(self):
        self.assertEqual(self.rate("time,x", [f"{s * 0.02},1" for s in range(30)]), (50.0, False))

    def test_a_rate_among_the_arrays_is_a_guess_by_its_name(self):
        np.savez(self.path("a.npz"), x=np.zeros(9), fs=48000)
        self.assertEqual([self.group()["rate_hz"][k] for k in ("value", "sure")], [48000.0, False])

    def test_files_that_differ_have_no_rate(self):
        for i, step in enumerate((1, 2)):
            self.write(f"{i}.csv", "t,x\n" + "".join(f"2024-01-01 00:00:{k * step:02},1\n" for k in range(9)))
        self.assertEqual([self.group()["rate_hz"][k] for k in ("value", "sure")], [None, False])

    @unittest.skipUnless(HAS_SCIPY, "no scipy in this Python")
    def test_wav_states_it(self):
        from scipy.io import wavfile

        wavfile.write(self.path("a.wav"), 8000, np.zeros(40, dtype="int16"))
        self.assertEqual([self.group()["rate_hz"][k] for k in ("value", "sure")], [8000.0, True])

    @unittest.skipUnless(HAS_WFDB, "no wfdb in this Python")
    def test_wfdb_states_rate_units_and_annotations(self):
        import wfdb

        wfdb.wrsamp("rec", fs=50, units=["mV"], sig_name=["II"], p_signal=np.arange(100.)[:, None], fmt=["16"],
                    write_dir=self.data)
        wfdb.wrann("rec", "atr", np.array([3, 9]), ["N", "N"], write_dir=self.data)
        group = self.group()
        self.assertEqual((group["fields"][0]["name"], group["fields"][0]["unit"], group["fields"][0]["shape"]),
                         ("II", "mV", [100]))
        self.assertEqual((group["rate_hz"]["sure"], self.first("labels", group)), (True, ("atr", "*.atr", True)))


class Labels(Case):
    def test_folders(self):
        for name in ("train/walk/1", "train/walk/2", "train/sit/1", "test/sit/2"):
            np.save(self.path(name + ".npy"), np.zeros(3))
        self.assertEqual(self.first("labels"), ("folder", None, False))

    def test_parts_of_a_split_are_no_labels(self):
        for name in ("train/1", "train/2", "test/3", "test/4"):
            np.save(self.path(name + ".npy"), np.zeros(3))
        self.assertIsNone(self.first("labels"))

    def test_names(self):
        for digit in "012":
            for who in ("ann", "bob"):
                for take in "01":
                    np.save(self.path(f"{digit}_{who}_{take}.npy"), np.zeros(3))
        group = self.group()
        self.assertEqual(self.first("labels", group), ("name", "{label}_{field2}_{field3}", False))
        self.assertEqual(self.first("subjects", group), ("name", "{field1}_{subject}_{field3}", False))

    def test_keys_with_class_names_subjects_and_channels(self):
        np.savez(self.path("a.npz"), X=np.zeros((12, 5, 3)), y=[0, 1, 2] * 4, subject=[7] * 6 + [8] * 6,
                 trial=[1, 2] * 6, names=["a", "b", "cc"], channels=["x", "y", "z"])
        group = self.group()
        self.assertEqual(self.first("labels", group), ("key", "y", False))
        self.assertEqual((group["labels"][0]["names"]["key"], group["channels"]["key"]), ("names", "channels"))
        self.assertEqual(self.first("subjects", group), ("key", "subject", False))

    def test_columns_that_count_repeat_the_label_or_hardly_change_are_told(self):
        rows = "".join(f"{k},{k % 7},{(k // 20) % 2},{k // 40}\n" for k in range(80))
        self.write("a.csv", "n,v,changepoint,anomaly\n" + rows)
        group = self.group()
        self.assertEqual([c["name"] for c in group["labels"] if c.get("named")], ["changepoint", "anomaly"])
        fields = {f["name"]: f for f in group["fields"]}
        self.assertEqual([name for name, f in fields.items() if f["counts_up"]], ["n"])
        self.assertGreater(fields["anomaly"]["likeness"], 0.9)
        self.assertLess(fields["v"]["likeness"], 0.5)

    def test_the_last_column_with_few_values(self):
        self.write("a.csv", "x,n,Occupancy\n" + "".join(f"{k / 3},{k},{k % 2}\n" for k in range(40)))
        self.assertEqual(self.first("labels"), ("column", "Occupancy", False))

    def test_measurements_are_no_labels(self):
        self.write("a.csv", "x,y1\n" + "".join(f"{k / 3},{390 + k % 4}\n" for k in range(40)))
        self.assertIsNone(self.first("labels"))

    def test_a_coordinate_is_no_label(self):
        self.write("a.csv", "x,y,z\n" + "".join(f"{k / 3},{200 + k % 5},{k / 9}\n" for k in range(40)))
        self.assertIsNone(self.first("labels"))

    def test_a_named_column_with_one_value_is_said_so(self):
        self.write("a.csv", "x,label\n" + "".join(f"{k / 3},0\n" for k in range(40)))
        self.assertIn("one value", self.group()["labels"][0]["why"])

    def test_ts_states_them(self):
        self.write("a.ts", "@problemName p\n@classLabel true a b\n@data\n1,2:a\n3,4:b\n")
        group = self.group()
        self.assertEqual((self.first("labels", group), group["rows"]), (("ts", "label", True), 2))
        self.assertEqual(group["fields"][0]["shape"], [2, 2])

    def test_an_array_beside_and_a_list_of_names(self):
        np.save(self.path("X.npy"), np.zeros((12, 5)))
        np.save(self.path("y.npy"), np.array([0, 1, 2] * 4))
        self.write("names.json", '["a", "b", "c"]')
        group = next(g for g in self.look()["groups"] if g["examples"] == ["X.npy"])
        self.assertEqual(self.first("labels", group), ("file", "y.npy", False))
        self.assertEqual(group["labels"][0]["names"]["values"], ["a", "b", "c"])

    def test_json_by_file_name(self):
        for name in ("p/one.csv", "p/two.csv"):
            self.write(name, "x,y\n" + "1.5,2\n" * 9)
        self.write("labels.json", '{"p/one.csv": [1], "p/two.csv": []}')
        self.assertEqual(self.first("labels"), ("json", "labels.json", False))

    def test_what_is_guessed_is_no_fact(self):
        self.write("a.csv", "time,label\n" + "".join(f"{k * 0.02},{k % 2}\n" for k in range(40)))
        group = self.group()
        self.assertFalse([f for f in group["facts"] if "rate" in f or "label" in f])
        self.assertTrue(all(g["why"] for g in group["guesses"]))
        self.assertEqual(len(group["guesses"]), 3)

    def test_texts_of_bytes_are_told_from_other_texts(self):
        self.write("log.csv", "frame,name,day\n" + "".join(f"68 {i:02X} AF,n{i},2026010{i % 9}\n" for i in range(40)))
        fields = {field["name"]: field.get("hexadecimal") for field in self.group("csv")["fields"]}
        self.assertEqual(fields, {"frame": True, "name": False, "day": False})

    def test_a_table_of_texts_is_one_by_its_name_and_header(self):
        rows = "".join(f'"$GP,{i},N*0{i % 9}",{"whole" if i % 3 else "damaged"}\n' for i in range(40))
        self.write("log.csv", "sentence,state\n" + rows)
        group = self.group("csv")
        self.assertEqual([field["name"] for field in group["fields"]], ["sentence", "state"])
        self.assertEqual([field["lines"] for field in group["fields"]], [True, False])
        self.write("log.csv", rows)
        self.assertFalse(self.look()["groups"], "without a header it may be anything")

    def test_lines_of_digits_and_signs_are_told_from_names(self):
        self.write("log.csv", "line,name,t,u\n" + "".join(f"T={i / 10} H={i},n{i:04},{i},{i}\n" for i in range(40)))
        fields = {field["name"]: field.get("lines") for field in self.group("csv")["fields"]}
        self.assertEqual(fields, {"line": True, "name": False, "t": False, "u": False})


if __name__ == "__main__":
    unittest.main()
