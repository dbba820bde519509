"""prompts/members.md says what the installed packages have.   Usage: members_test.py ROOT."""
import importlib.util
import os
import sys
import unittest

ROOT = sys.argv.pop(1)
sys.path.insert(0, os.path.join(ROOT, "tools"))

import make_members  # noqa: E402


@unittest.skipUnless(all(importlib.util.find_spec(name) for name in make_members.MODULES), "not in this Python")
class Members(unittest.TestCase):
    def test_the_file_is_that_of_the_installed_packages(self):
        with open(os.path.join(ROOT, "prompts", "members.md"), encoding="utf-8") as file:
            self.assertEqual(file.read(), make_members.text(), "write it anew: tools/make_members.py")

    def test_public_functions_and_classes_alone(self):
        self.assertIn("butter", make_members.members_of("scipy.signal"))
        self.assertIn("SVC", make_members.members_of("sklearn.svm"))
        self.assertNotIn("windows", make_members.members_of("scipy.signal"), "a module")
        self.assertNotIn("BadCoefficients", make_members.members_of("scipy.signal"), "a warning")


if __name__ == "__main__":
    unittest.main()
