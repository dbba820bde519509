"""Tests of knowledge/uses: each usage note is of something that exists in the pinned packages, and says something.

Usage: knowledge_uses_test.py ROOT.
"""
import glob
import os
import sys
import unittest

ROOT = sys.argv.pop(1)
sys.path.insert(0, os.path.join(ROOT, "bench", "knowledge"))

from names import resolve  # noqa: E402

try:
    import numpy
except ImportError:
    numpy = None


def notes():
    """(file, line, name, text) of every line."""
    for path in sorted(glob.glob(os.path.join(ROOT, "knowledge", "uses", "*.tsv"))):
        with open(path, encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                name, _, text = line.rstrip("\n").partition("\t")
                yield os.path.basename(path), number, name, text


class Uses(unittest.TestCase):
    def test_every_line_has_a_name_and_a_text(self):
        lines = list(notes())
        self.assertGreater(len(lines), 8000)
        for file, number, name, text in lines:
            self.assertRegex(name, r"^[A-Za-z_][\w]*(\.[A-Za-z_]\w*)+$", f"{file}:{number}")
            self.assertGreater(len(text), 10, f"{file}:{number}")
            self.assertNotIn("\t", text, f"{file}:{number}")

    def test_a_name_stands_once_in_a_file(self):
        seen = set()
        for file, number, name, _ in notes():
            self.assertNotIn((file, name), seen, f"{file}:{number}")
            seen.add((file, name))

    @unittest.skipUnless(numpy, "no numpy in this Python")
    def test_every_name_exists(self):
        gone = {}
        for file, number, name, _ in notes():
            if name in gone:
                continue
            try:
                resolve(name)
            except Exception as error:
                gone[name] = f"{file}:{number}: {error}"
        self.assertEqual(gone, {})


if __name__ == "__main__":
    unittest.main()
