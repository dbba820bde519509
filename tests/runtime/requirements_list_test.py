"""Tests of bench/requirements: the list of fifty is in order.   Usage: requirements_list_test.py ROOT."""
import os
import subprocess
import sys
import unittest

FOLDER = os.path.join(sys.argv.pop(1), "bench", "requirements")
sys.path.insert(0, FOLDER)

from check import KNOWN, check_front_matter, draw  # noqa: E402
from loading import read_list, read_requirement  # noqa: E402


class List(unittest.TestCase):
    def test_the_list_is_in_order(self):
        done = subprocess.run([sys.executable, "-B", os.path.join(FOLDER, "check.py"), "--quick"], capture_output=True,
                              text=True)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_another_seed_draws_another_final_part_of_twenty(self):
        entries = read_list(FOLDER)["requirements"]
        draws = [frozenset(draw(entries, seed)) for seed in range(40, 44)]
        self.assertGreater(len(set(draws)), 1)
        self.assertTrue(all("ecg-beats-holter" not in d for d in draws))


class Check(unittest.TestCase):
    """What the check must not let pass."""

    def setUp(self):
        self.entry = next(e for e in read_list(FOLDER)["requirements"] if e["id"] == "rssi-room")
        self.facts, _ = read_requirement(os.path.join(FOLDER, "rssi-room", "requirement.md"))
        self.refused = self.assertRaises(SystemExit)

    def test_a_label_among_the_inputs(self):
        self.facts["data"]["inputs"][0]["columns"].append("room")
        with self.refused:
            check_front_matter("rssi-room", self.facts, self.entry)

    def test_an_unknown_key(self):
        self.assertNotIn("threshhold", KNOWN["evaluator"])
        self.facts["evaluator"]["threshhold"] = 1
        with self.refused:
            check_front_matter("rssi-room", self.facts, self.entry)

    def test_a_threshold_that_is_not_the_list_s(self):
        self.facts["evaluator"]["accuracy"] = 0.5
        with self.refused:
            check_front_matter("rssi-room", self.facts, self.entry)

    def test_it_passes_as_it_is(self):
        check_front_matter("rssi-room", self.facts, self.entry)


if __name__ == "__main__":
    unittest.main()
