"""Tests of knowledge/uses: each usage note is of something that exists in the pinned packages, and says something; and
of knowledge/query_maps: the encoder of the catalogue has its map, a change of numbers that does something.

Usage: knowledge_uses_test.py ROOT.
"""
import array
import glob
import json
import os
import sys
import tomllib
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


class QueryMaps(unittest.TestCase):
    def test_the_encoder_of_the_catalogue_has_its_map(self):
        with open(os.path.join(ROOT, "models.toml"), "rb") as file:
            models = tomllib.load(file)["model"]
        encoder = next(model for model in models if model["alias"] == "minilm-l6-v2")
        with open(os.path.join(ROOT, "knowledge", "query_maps", encoder["sha256"][:16] + ".safetensors"), "rb") as file:
            header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
            numbers = array.array("f", file.read())
        self.assertEqual(header["__metadata__"]["encoder_sha256"], encoder["sha256"])
        rank = header["down"]["shape"][1]
        self.assertEqual((header["down"]["shape"], header["up"]["shape"]), ([384, rank], [rank, 384]))
        self.assertEqual(len(numbers), 2 * 384 * rank)
        self.assertTrue(all(abs(number) < 10 for number in numbers))
        self.assertGreater(max(map(abs, numbers)), 0.01)


if __name__ == "__main__":
    unittest.main()
