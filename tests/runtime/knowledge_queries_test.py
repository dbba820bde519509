"""Tests of bench/knowledge: the queries are in order, and the check sees it when they are not.

Usage: knowledge_queries_test.py ROOT.
"""
import copy
import json
import os
import subprocess
import sys
import unittest

FOLDER = os.path.join(sys.argv.pop(1), "bench", "knowledge")
sys.path.insert(0, FOLDER)

from check import KEYS, STYLES, check_list, check_names  # noqa: E402
from draw import draw, groups, read_queries  # noqa: E402
from names import holds, resolve, words  # noqa: E402

try:
    import numpy
except ImportError:
    numpy = None


class List(unittest.TestCase):
    def test_the_queries_are_in_order(self):
        done = subprocess.run([sys.executable, "-B", os.path.join(FOLDER, "check.py")], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_no_answer_of_a_final_query_is_one_of_a_tuning_query(self):
        names = {part: {n for q in read_queries() if q["part"] == part for n in q["relevant"]}
                 for part in ("tuning", "final")}
        self.assertFalse(names["tuning"] & names["final"])

    def test_another_seed_draws_other_parts_and_order_does_not_matter(self):
        queries = read_queries()
        self.assertNotEqual(draw(queries), draw(queries, 1))
        self.assertEqual(draw(queries), draw(queries[::-1]))


class Fresh(unittest.TestCase):
    """The queries by which the ranking of messages was chosen; they may share answers with the others, not words."""

    def setUp(self):
        with open(os.path.join(FOLDER, "fresh.jsonl"), encoding="utf-8") as file:
            self.fresh = [json.loads(line) for line in file]

    def test_they_have_the_form_of_the_others_and_are_none_of_them(self):
        others = read_queries()
        self.assertEqual(len({query["query"].lower() for query in self.fresh + others}), len(self.fresh) + len(others))
        self.assertEqual(len({query["id"] for query in self.fresh + others}), len(self.fresh) + len(others))
        for query in self.fresh:
            self.assertEqual((list(query), query["part"]), (KEYS, "fresh"))
            self.assertIn(query["style"], STYLES)
            self.assertTrue(1 <= len(query["relevant"]) <= 4 and query["relevant"][0].startswith(query["package"]), query["id"])

    @unittest.skipUnless(numpy, "no numpy in this Python")
    def test_every_name_exists(self):
        for name in {name for query in self.fresh for name in query["relevant"]}:
            resolve(name)


class Check(unittest.TestCase):
    """What the check must not let pass."""

    def setUp(self):
        self.queries = copy.deepcopy(read_queries())
        self.first = self.queries[0]

    def refused(self, text, check=check_list):
        with self.assertRaisesRegex(SystemExit, text):
            check(self.queries)

    def test_it_passes_as_it_is(self):
        check_list(self.queries)

    def test_an_id_or_a_query_twice(self):
        self.queries[1]["id"] = self.first["id"]
        self.refused("id more than once")
        self.setUp()
        self.queries[1]["query"] = self.first["query"].upper()
        self.refused("query more than once")

    def test_five_answers_or_a_private_one(self):
        self.first["relevant"] = [f"scipy.signal.{name}" for name in ("iirnotch", "butter", "bessel", "ellip", "remez")]
        self.refused("5 answers")
        self.first["relevant"] = ["scipy.signal._filter_design.iirnotch"]
        self.refused("private name")

    def test_a_part_that_was_not_drawn(self):
        self.first["part"] = "tuning" if self.first["part"] == "final" else "final"
        self.refused("draw.py draws")

    def test_too_many_queries_that_hold_the_bare_name(self):
        for number, query in enumerate(self.queries[:200]):
            query["query"] = f"{query['relevant'][0]} {number}"
        self.refused("hold the bare name")

    def test_near_copies(self):
        self.queries[1]["query"] = self.first["query"] + " please"
        self.refused("near copies")

    @unittest.skipUnless(numpy, "no numpy in this Python")
    def test_a_name_that_does_not_exist_and_one_object_under_two_names(self):
        self.first["relevant"] = ["numpy.trapz"]
        self.refused("numpy.trapz", check_names)
        self.first["relevant"] = ["numpy.arctan2", "numpy.atan2"]
        self.refused("numpy.atan2 is numpy.arctan2", check_names)


class Names(unittest.TestCase):
    def test_words_are_parted_as_an_index_would(self):
        self.assertEqual(words("findPeaks min_distance=2.5"), ["find", "peaks", "min", "distance", "2", "5"])

    def test_a_query_holds_a_name_also_without_its_underscores(self):
        self.assertTrue(holds("Convex hull of points", "scipy.spatial.ConvexHull"))
        self.assertTrue(holds("find peaks in it", "scipy.signal.find_peaks"))
        self.assertFalse(holds("find the peaks", "scipy.signal.find_peaks"))

    def test_names_resolve_to_objects(self):
        self.assertIs(resolve("os.path.join"), os.path.join)
        self.assertIs(resolve("unittest.TestCase.setUp"), unittest.TestCase.setUp)
        with self.assertRaises(AttributeError):
            resolve("os.path.no_such_name")

    def test_a_chain_of_shared_answers_is_one_group(self):
        chain = [{"relevant": r} for r in (["a", "b"], ["c"], ["b", "d"], ["d"])]
        self.assertEqual(sorted(map(len, groups(chain))), [1, 3])


if __name__ == "__main__":
    unittest.main()
