"""The records of examples/tiny-tune are those of its seeds, and its seeds have their form."""
import json
import os
import subprocess
import sys
import tempfile
import shutil
import unittest

ROOT = os.path.abspath(sys.argv.pop())
FOLDER = os.path.join(ROOT, "examples", "tiny-tune")


class TinyTune(unittest.TestCase):
    def test_records_are_made_from_the_seeds(self):
        with tempfile.TemporaryDirectory() as folder:
            copy = shutil.copytree(FOLDER, os.path.join(folder, "copy"), ignore=shutil.ignore_patterns("tuned"))
            subprocess.run([sys.executable, os.path.join(copy, "make_records.py")], check=True, stdout=subprocess.DEVNULL)
            with open(os.path.join(copy, "records.jsonl"), encoding="utf-8") as made, \
                    open(os.path.join(FOLDER, "records.jsonl"), encoding="utf-8") as kept:
                self.assertEqual(made.read(), kept.read(), "run make_records.py")

    def test_each_task_has_forty_records_and_some_for_validation(self):
        with open(os.path.join(FOLDER, "records.jsonl"), encoding="utf-8") as file:
            records = [json.loads(line) for line in file]
        for kind in ("tdd", "cgd-d3"):
            own = [one for one in records if one["kind"] == kind]
            self.assertGreaterEqual(len(own), 40)
            self.assertGreaterEqual(sum(one["split"] == "validation" for one in own), 4)
        self.assertEqual({one["source"]["licence"] for one in records}, {"CC0-1.0"})

    def test_problems_have_their_form(self):
        done = subprocess.run([sys.executable, os.path.join(FOLDER, "check_seeds.py")], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
