"""Tests of runtime/table.py: files of every format, good and bad.   Usage: table_test.py ROOT."""
import importlib.util
import io
import os
import pickle
import unittest
import zipfile

from table_case import ARRAY, HAS_NUMPY, Case, column

HAS_SCIPY = importlib.util.find_spec("scipy") is not None
HAS_WFDB = importlib.util.find_spec("wfdb") is not None
if HAS_NUMPY:
    import numpy as np


class Csv(Case):
    def test_rows_with_labels(self):
        self.write("a.csv", "t,x,y,act\n0,1.5,2,walk\n1,2.5,,sit\n")
        got = self.table("csv", [{**ARRAY, "columns": ["x", "y"]}], {"format": "column", "column": "act"}, items="row")
        self.assertEqual((got["ids"], got["labels"], got["times"]), (["a-0", "a-1"], ["walk", "sit"], [0, 1]))
        self.assertEqual(got["lengths"], [2, 2], "of the first input, along its first axis")
        self.assertEqual(got["inputs"], [{"name": "x", "dtype": "float64", "shape": [2], "unit": ""}])
        self.assertEqual(got["notes"], ["input 'x': 1 values are NaN"])

    def test_gaps_in_time_are_rows(self):
        for text, n in (('1\n""\n\n3\n\n', 4), ("x,y\n1,2\n,\n3,4\n\n", 3)):
            self.write("a.csv", text)
            got = self.table("csv", [column("0" if text[0] == "1" else "x")], items="row")
            self.assertEqual(len(got["ids"]), n)
            self.assertIn(f"{n - 2} values are NaN", got["notes"][0])

    def test_separators_are_found(self):
        for text in ("a;b\n1;2\n3;4\n", "a\tb\n1\t2\n3\t4\n", "a|b\n1|2\n3|4\n", "a b\n1  2 \n3 4\n",
                     "a;b\n1,0;2\n3,0;4,0\n", '"a","b"\r\n1,2\r\n3,4\r\n', "# made by x\na,b\n1,2\n3,4",
                     "\ufeffa,b\n1,2\n3,4\n"):
            self.write("a.csv", text)
            answer = self.table("csv", [{**ARRAY, "columns": ["a", "b"]}], items="row", select={"test": ["a-1", "a-0"]})
            self.assertIsNone(answer, text)
            self.assertEqual(self.chosen("test.x").tolist(), [[3, 4], [1, 2]], text)

    def test_without_a_header_columns_are_numbered(self):
        self.write("a.csv", "1,2,7\n3,4,8\n")
        got = self.table("csv", [column("0")], {"format": "column", "column": "2"}, items="row")
        self.assertEqual(got["labels"], [7, 8])

    def test_an_index_without_a_name_and_two_header_rows(self):
        self.write("a.csv", 'x,y\n"1",5,6\n"2",7,8\n')
        self.write("b.csv", "side,left,left\naxis,acc,gyr\n0,1,2\n1,3,4\n")
        self.assertEqual(self.table("csv", [column("y")], files="a.csv", items="row")["ids"], ["a-0", "a-1"])
        self.assertEqual(len(self.table("csv", [column("left.gyr")], files="b.csv", items="row")["ids"]), 2)

    def test_a_column_that_turns_to_text_late_keeps_its_texts(self):
        self.write("a.csv", "x,y\n" + "01,1\n" * 20001 + "b,2\n")
        got = self.table("csv", [column("y")], {"format": "column", "column": "x"}, items="row")
        self.assertEqual((got["labels"][0], got["labels"][-1]), ("01", "b"))

    def test_whole_files_and_one_channel(self):
        self.write("a.csv", "x,y\n1,2\n3,4\n")
        self.write("b.csv", "x,y\n1,2\n3,4\n5,6\n")
        got = self.table("csv", [{**ARRAY, "shape": "(n,)"}], channel="y")
        self.assertEqual((got["ids"], got["inputs"][0]["shape"]), (["a", "b"], [None]))
        self.table("csv", [ARRAY], channel="y", select={"test": ["b", "a"], "train": ["a"]})
        self.assertEqual(self.chosen("test.x").tolist(), [2, 4, 6, 2, 4])
        self.assertEqual(self.chosen("test.x.lengths").tolist(), [3, 2])
        self.assertEqual(self.chosen("train.x.lengths").tolist(), [2])

    def test_time_stamps_out_of_order_are_refused_where_order_counts(self):
        stamps = [f"2024-01-01 00:{m:02}:00" for m in (0, 1, 5, 2, 7, 6, 8, 9)]
        self.write("t.csv", "time,x,y\n" + "".join(f"{t},{i},{i % 2}\n" for i, t in enumerate(stamps)))
        labels = {"format": "column", "column": "y"}
        self.refuses(["time stamps of 'time'", "2 rows earlier", "row 4"], "csv", [{**ARRAY, "columns": ["x"]}], labels,
                     {"by": "time"}, items="row")
        self.assertEqual(len(self.table("csv", [{**ARRAY, "columns": ["x"]}], labels, {"by": "index"}, items="row")["ids"]), 8)

    def test_time_stamps_that_begin_anew_are_noted(self):
        self.write("t.csv", "t,x,y\n" + "".join(f"{i % 150},{i},{i % 2}\n" for i in range(300)))
        found = self.table("csv", [{**ARRAY, "columns": ["x"]}], {"format": "column", "column": "y"}, {"by": "time"},
                           items="row")
        self.assertIn("go back 1 times, first at row 151", " ".join(found["notes"]))
        self.write("t.csv", "date,time,x\n" + "".join(f"2024-01-{1 + i // 24:02},{i % 24:02}:00,{i}\n" for i in range(96)))
        found = self.table("csv", [{**ARRAY, "columns": ["x"]}], None, {"by": "time"}, items="row")
        self.assertEqual(found["notes"], [], "a clock begins anew every day")
        self.write("t.csv", "time,x\n" + "".join(f"{i % 4}:00,{i}\n" for i in range(96)))
        found = self.table("csv", [{**ARRAY, "columns": ["x"]}], None, {"by": "time"}, items="row")
        self.assertEqual(found["notes"], [], "and so it does where it stands alone")

    def test_stamps_that_are_numbers_are_ordered_too(self):
        self.write("t.csv", "time,x\n" + "".join(f"{t},{t}\n" for t in (0, 1, 3, 2, 4, 6, 5, 7)))
        self.refuses(["2 rows earlier"], "csv", [{**ARRAY, "columns": ["x"]}], None, {"by": "time"}, items="row")

    def test_positions_are_labels_of_several_numbers(self):
        self.write("p.csv", "rssi,east,north\n-50,1,2\n-60,1.5,2\n-70,,2\n")
        inputs, labels = [{**ARRAY, "columns": ["rssi"]}], {"format": "column", "columns": ["east", "north"], "axes": 2}
        found = self.table("csv", inputs, labels, items="row")
        self.assertEqual(found["labels"], [[1, 2], [1.5, 2]])
        self.assertIn("1 of 3 items left out", " ".join(found["notes"]))
        self.write("p.csv", "rssi,east,north\n-50,here,2\n-60,there,2\n")
        self.refuses(["2 numbers"], "csv", inputs, labels, items="row")

    def test_positions_in_an_array(self):
        inputs, labels = [{**ARRAY, "key": "x"}], {"format": "key", "key": "p", "axes": 3}
        np.savez(self.path("a.npz"), x=np.zeros((4, 5)), p=np.arange(12.0).reshape(4, 3))
        found = self.table("npz", inputs, labels, items="row", split={"limit": 2})
        self.assertEqual(found["labels"][0], [0, 1, 2])
        np.savez(self.path("a.npz"), x=np.zeros((4, 5)), p=np.arange(8.0).reshape(4, 2))
        self.refuses(["shape (4, 2)", "3 numbers"], "npz", inputs, labels, items="row")
        np.savez(self.path("a.npz"), x=np.zeros((4, 5)), a=np.arange(4.0), b=np.ones(4))
        labels = {"format": "key", "columns": ["a", "b"], "axes": 2}
        self.assertEqual(self.table("npz", inputs, labels, items="row")["labels"][3], [3, 1])
        os.remove(self.path("a.npz"))
        np.savez(self.path("a.npz"), x=np.zeros((4, 5)))
        np.save(self.path("where.npy"), np.ones((4, 2)))
        labels = {"format": "key", "files": "where.npy", "axes": 2}
        self.assertEqual(len(self.table("npz", inputs, labels, items="row")["labels"]), 4)
        np.save(self.path("where.npy"), np.full((4, 2), np.inf))
        self.refuses(["infinite"], "npz", inputs, labels, items="row")

    def test_not_utf8_is_read_and_said(self):
        self.write("a.csv", "T \xb0C,y\n1,2\n".encode("latin-1"))
        self.assertIn("Latin-1", self.table("csv", [column("T °C")], items="row")["notes"][0])

    def test_errors_name_the_nearest_column(self):
        self.write("a.csv", "Temp,Occupancy\n1,2\n2,3\n")
        self.refuses(["a.csv", "'Ocupancy'", "'Occupancy'"], "csv", [column("Temp")],
                     {"format": "column", "column": "Ocupancy"}, items="row")
        self.refuses(["'temp'", "'Temp'"], "csv", [column("temp")], items="row")

    def test_broken_tables_are_refused(self):
        self.write("a.csv", "x,y\n1,2\n3\n")
        self.refuses(["a.csv: row 2", "1 cells", "2"], "csv", [column("x")], items="row")
        self.write("a.csv", "x,y\n1,a\n3,b\n")
        self.refuses(["text ('a')", "numbers"], "csv", [{**ARRAY, "columns": ["x", "y"]}], items="row")
        self.write("a.csv", "x,y\n")
        self.refuses(["no rows"], "csv", [column("x")], items="row")
        self.write("a.csv", "")
        self.refuses(["an empty file"], "csv", [column("x")], items="row")
        self.write("a.csv", "x,y\n1,2\n".encode("utf-16"))
        self.refuses(["UTF-16"], "csv", [column("x")], items="row")

    def test_one_bad_file_among_good_ones_is_named(self):
        self.write("a.csv", "x,y\n1,2\n2,3\n")
        self.write("b.csv", "x,z\n1,2\n2,3\n")
        self.refuses(["b.csv", "'y'"], "csv", [column("y")], items="row")


class Arrays(Case):
    def test_npz_rows_with_named_labels_and_subjects(self):
        np.savez(self.path("set.npz"), X=np.arange(24.).reshape(4, 3, 2), y=[0, 1, 1, 0], who=[2, 2, 9, 9],
                 names=["walk", "sit"])
        got = self.table("npz", [{**ARRAY, "key": "X", "dtype": "float32", "shape": "(3, 2)"}],
                         {"format": "key", "key": "y", "names_key": "names"}, {"subject": "who"}, items="row")
        self.assertEqual(got["labels"], ["walk", "sit", "sit", "walk"])
        self.assertEqual(got["subjects"], ["2", "2", "9", "9"])
        self.assertEqual(got["inputs"][0], {"name": "x", "dtype": "float32", "shape": [3, 2], "unit": ""})

    def test_a_selection_keeps_its_order(self):
        np.savez(self.path("set.npz"), X=np.arange(4), t=["a", "b", "c", "d"])
        self.table("npz", [column("X"), {"name": "t", "type": "str"}], items="row",
                   select={"test": ["set-3", "set-1"], "train": ["set-0"]})
        self.assertEqual(self.chosen("test.X").tolist(), [3, 1])
        self.assertEqual(self.chosen("test.t").tolist(), ["d", "b"])
        self.assertEqual((self.chosen("train.X").dtype, self.chosen("train.X").shape), (np.dtype("float64"), (1,)))
        self.assertFalse(os.path.exists(os.path.join(self.out, "table.json")))

    def test_labels_in_an_array_beside(self):
        np.save(self.path("X.npy"), np.zeros((3, 2)))
        np.save(self.path("y.npy"), np.array([5, 6, 5]))
        got = self.table("npy", [ARRAY], {"format": "key", "files": "y.npy"}, items="row")
        self.assertEqual((got["files"], got["labels"]), (["X.npy"] * 3, [5, 6, 5]))

    def test_windows_take_the_majority(self):
        np.savez(self.path("r.npz"), x=np.arange(11.), y=[0, 0, 1, 1, 1, 0, 2, 2, 0, 0, 0])
        got = self.table("npz", [{**ARRAY, "key": "x"}], {"format": "key", "key": "y"}, items="window", window_s=2,
                         rate_hz=2)
        self.assertEqual((got["times"], got["labels"], got["rate_hz"]), ([0, 4], [0, 2], 2.0))
        self.assertEqual(got["inputs"][0]["shape"], [4])
        self.assertIn("3 rows after the last window of 1 files left out", got["notes"])
        self.table("npz", [{**ARRAY, "key": "x"}], items="window", window_s=2, step_s=1, rate_hz=2,
                   select={"test": ["r-1"]})
        self.assertEqual(self.chosen("test.x").tolist(), [[2, 3, 4, 5]])

    def test_windows_need_a_rate_and_a_size(self):
        np.save(self.path("r.npy"), np.zeros(9))
        self.refuses(["rate_hz"], "npy", [ARRAY], items="window", window_s=2)
        self.refuses(["window_s"], "npy", [ARRAY], items="window", rate_hz=2)
        self.refuses(["items: got none"], "npy", [ARRAY], items="window", window_s=20, rate_hz=2)

    def test_a_window_of_two_subjects_is_left_out(self):
        np.savez(self.path("r.npz"), x=np.zeros(6), who=[1, 1, 1, 2, 2, 2])
        got = self.table("npz", [{**ARRAY, "key": "x"}], None, {"subject": "who"}, items="window", window_s=2,
                         rate_hz=1)
        self.assertEqual((got["ids"], got["subjects"]), (["r-0", "r-2"], ["1", "2"]))

    def test_pickles_archives_and_objects_are_refused(self):
        with open(self.path("a.npy"), "wb") as file:
            pickle.dump([1, 2], file)
        self.refuses(["a.npy", "a pickle"], "npy", [ARRAY])
        np.save(self.path("a.npy"), np.array([{}, 1], dtype=object), allow_pickle=True)
        self.refuses(["object array"], "npy", [ARRAY])
        np.savez(self.path("b.npz"), x=np.zeros(2), y=np.array([None, 1]))
        self.refuses(["b.npz", "'y'", "object array"], "npz", [column("x")], items="row")
        with zipfile.ZipFile(self.path("c.npz"), "w") as archive:
            archive.writestr("evil.pkl", b"x")
        self.refuses(["'evil.pkl'"], "npz", [column("x")], files="c.npz")
        for magic in (b"PK\x03\x04", b"\x1f\x8b\x08", b"7z\xbc\xaf\x27\x1c", b"\x80\x04\x95", b"(dp0\n",
                      b"\0" * 257 + b"ustar"):
            self.write("d.csv", magic + b"1,2\n")
            self.refuses(["d.csv", "a file of format csv"], "csv", [column("x")], items="row")

    def test_broken_arrays_are_refused(self):
        np.save(self.path("a.npy"), np.zeros(99))
        with open(self.path("a.npy"), "r+b") as file:
            file.truncate(500)
        self.refuses(["a.npy", "broken"], "npy", [ARRAY])
        self.write("b.npz", b"PK\x03\x04 and no more")
        self.refuses(["b.npz", "broken"], "npz", [ARRAY])

    def test_a_bomb_is_refused_before_it_is_unpacked(self):
        header = io.BytesIO()
        np.lib.format.write_array_header_1_0(header, {"descr": "<f8", "fortran_order": False, "shape": (1 << 40,)})
        with zipfile.ZipFile(self.path("b.npz"), "w") as archive:
            archive.writestr("x.npy", header.getvalue())
        self.refuses(["bytes unpacked"], "npz", [column("x")], items="row")

    def test_a_file_over_the_limit_is_refused_unread(self):
        with open(self.path("a.npy"), "wb") as file:
            file.truncate((1 << 30) + 1)
        self.refuses(["1073741825 bytes"], "npy", [ARRAY])

    def test_unequal_rows_and_shapes_are_refused(self):
        np.savez(self.path("a.npz"), x=np.zeros(3), y=np.zeros(4))
        self.refuses(["a.npz", "rows"], "npz", [column("x"), column("y")], items="row")
        self.refuses(["labels", "4", "3"], "npz", [column("x")], {"format": "key", "key": "y"}, items="row")
        np.save(self.path("a.npy"), np.zeros((4, 2)))
        self.refuses(["shape (2,)", "(3)"], "npy", [{**ARRAY, "shape": "(3,)"}], items="row")
        np.save(self.path("b.npy"), np.zeros((4, 3)))
        self.refuses(["(4, 2)", "(4, 3)", "first axis"], "npy", [ARRAY])

    def test_numbers_that_do_not_fit_the_dtype_are_refused(self):
        np.save(self.path("a.npy"), np.array([1.5, np.nan]))
        self.refuses(["NaN", "float64"], "npy", [{**ARRAY, "dtype": "int64"}])
        np.save(self.path("a.npy"), np.array([1, 300]))
        self.refuses(["300", "uint8"], "npy", [{**ARRAY, "dtype": "uint8"}])
        np.save(self.path("a.npy"), np.array(["a"]))
        self.refuses(["text"], "npy", [{**ARRAY, "dtype": "float64"}])


class Text(Case):
    def test_jsonl(self):
        self.write("a.jsonl", '{"x": [1, 2, null], "r": 1, "act": "a"}\n\n{"x": [3], "r": null, "act": "b"}\n')
        got = self.table("jsonl", [{**ARRAY, "key": "x"}, column("r")], {"format": "key", "key": "act"}, items="row")
        self.assertEqual((got["labels"], [i["shape"] for i in got["inputs"]]), (["a", "b"], [[None], []]))
        self.assertIn("input 'x': 1 values are NaN", got["notes"])
        self.assertIn("input 'x': lengths 1 to 3", got["notes"])

    def test_arrays_of_unequal_length_are_no_labels_and_no_windows(self):
        self.write("a.jsonl", '{"x": [1], "r": 1}\n{"x": [3, 4], "r": 2}\n')
        self.refuses(["'x'", "arrays"], "jsonl", [column("r")], {"format": "key", "key": "x"}, items="row")
        self.refuses(["'x'", "arrays"], "jsonl", [column("r")], None, {"subject": "x"}, items="row")
        for items in ("file", "window"):
            self.refuses(["unequal"], "jsonl", [{**ARRAY, "key": "x"}], items=items, window_s=1, rate_hz=1)
        self.refuses(["unequal"], "jsonl", [column("x")], items="file")

    def test_broken_jsonl(self):
        for text in ('{"x": 1}\n{"x": \n', "[1, 2]\n", "[" * 100000):
            self.write("a.jsonl", text)
            self.refuses(["a.jsonl: line"], "jsonl", [column("x")], items="row")
        self.write("a.jsonl", '{"x": [1, "a"]}\n')
        self.refuses(["'x'", "no arrays"], "jsonl", [column("x")], items="row")

    def test_arff(self):
        self.write("a.arff", "% c\n@RELATION r\n@attribute 'the x' numeric\n@ATTRIBUTE eye {open, 'half open'}\n@DATA\n"
                   "1.5,open\n?,'half open'\n2,?\n")
        got = self.table("arff", [column("the x")], {"format": "column", "column": "eye"}, items="row")
        self.assertEqual(got["labels"], ["open", "half open"])
        self.assertEqual(got["notes"][0], "1 of 3 items left out: no label")
        self.write("a.arff", "@attribute x numeric\n@data\n{0 1}\n")
        self.refuses(["sparse"], "arff", [column("x")], items="row")
        self.write("a.arff", "x,y\n1,2\n")
        self.refuses(["no @attribute"], "arff", [column("x")], items="row")

    def test_ts(self):
        head = "# c\n@problemName p\n@dimensions 2\n@classLabel true a b\n@data\n"
        self.write("p.ts", head + "1,2:3,4:a\n5,?,6:7,8,9:b\n")
        got = self.table("ts", [{**ARRAY, "shape": "(n, 2)"}], {"format": "column", "column": "label"}, items="row")
        self.assertEqual((got["labels"], got["inputs"][0]["shape"]), (["a", "b"], [None, 2]))
        self.table("ts", [ARRAY], items="row", select={"test": ["p-1"]})
        self.assertEqual(self.chosen("test.x")[[0, 2]].tolist(), [[5, 7], [6, 9]])
        for broken in ("1,2:3:a\n", "1,2:a\n", "1,2:3,4:c\n", "1,z:3,4:a\n", ""):
            self.write("p.ts", head + broken)
            self.refuses(["p.ts"], "ts", [ARRAY], items="row")
        self.refuses(['"row"'], "ts", [ARRAY])

    def test_labels_in_lines(self):
        np.save(self.path("X.npy"), np.zeros((3, 2)))
        self.write("labels.txt", "a\n\nb\n")
        got = self.table("npy", [ARRAY], {"format": "lines", "files": "labels.txt"}, items="row")
        self.assertEqual((got["ids"], got["labels"]), (["X-0", "X-2"], ["a", "b"]))
        self.write("labels.txt", "a\nb\n")
        self.refuses(["2 labels", "3"], "npy", [ARRAY], {"format": "lines", "files": "labels.txt"}, items="row")


@unittest.skipUnless(HAS_SCIPY, "no scipy in this Python")
class Scipy(Case):
    def test_wav(self):
        from scipy.io import wavfile

        for name, rate in (("7_ann_0.wav", 8000), ("8_bob_1.wav", 8000)):
            wavfile.write(self.path("s/" + name), rate, np.arange(40, dtype="int16"))
        rate = {"name": "rate_hz", "type": "float", "unit": "Hz"}
        named = {"format": "name", "pattern": "{label}_{who}_{take}"}
        got = self.table("wav", [{**ARRAY, "dtype": "float64"}, rate], named, {"subject": "who"}, files="s/*.wav")
        self.assertEqual((len(set(got["ids"])), got["labels"]), (2, ["7", "8"]))
        self.assertEqual((got["subjects"], got["rate_hz"]), (["ann", "bob"], 8000.0))
        self.refuses(["8000 Hz", "16000 Hz"], "wav", [ARRAY], files="s/*.wav", rate_hz=16000)
        wavfile.write(self.path("s/9_bob_1.wav"), 4000, np.arange(40, dtype="int16"))
        self.refuses(["4000, 8000"], "wav", [ARRAY, rate], files="s/*.wav")
        self.write("s/7_ann_0.wav", b"RIFF\x10\0\0\0WAVEfmt ")
        self.refuses(["7_ann_0.wav", "broken"], "wav", [ARRAY], files="s/*.wav")

    def test_mat(self):
        import scipy.io

        scipy.io.savemat(self.path("a.mat"), {"x": np.arange(3.), "y": np.array([1, 2, 1])})
        got = self.table("mat", [{**ARRAY, "key": "x", "shape": "(n,)"}])
        self.assertEqual(got["inputs"][0]["shape"], [3])
        self.write("a.mat", b"MATLAB 7.3 MAT-file, Platform" + b" " * 483 + b"\x89HDF\r\n\x1a\n")
        self.refuses(["v7.3", "v5"], "mat", [{**ARRAY, "key": "x"}])
        self.write("a.mat", b"nothing of the kind")
        self.refuses(["a.mat", "broken"], "mat", [{**ARRAY, "key": "x"}])

    @unittest.skipUnless(HAS_WFDB, "no wfdb in this Python")
    def test_wfdb(self):
        import wfdb

        wfdb.wrsamp("rec", fs=50, units=["mV", "V"], sig_name=["II", "PPG"], p_signal=np.arange(200.).reshape(100, 2),
                    fmt=["16", "16"], write_dir=self.data)
        got = self.table("wfdb", [ARRAY], channel="PPG", items="window", window_s=1)
        self.assertEqual((len(got["ids"]), got["rate_hz"], got["inputs"][0]["shape"]), (2, 50.0, [50]))
        self.refuses(["'ppg'", "'PPG'"], "wfdb", [ARRAY], channel="ppg")
        os.remove(self.path("rec.dat"))
        self.refuses(["rec.hea", "broken"], "wfdb", [ARRAY])


if __name__ == "__main__":
    unittest.main()
