"""What the tests of runtime/table.py share: a folder of data, and a job over it.   Import it first: it takes ROOT from
the arguments."""
import importlib.util
import io
import json
import os
import sys
import unittest
from contextlib import redirect_stderr

from folder_case import FolderCase

RUNTIME = os.path.join(sys.argv.pop(1), "runtime")
sys.path.insert(0, RUNTIME)

HAS_NUMPY = importlib.util.find_spec("numpy") is not None
if HAS_NUMPY:
    import numpy as np
    import table

ARRAY = {"name": "x", "type": "numpy.ndarray"}


def column(name, **more):
    return {"name": name, "type": "float", "key": name, **more}


@unittest.skipUnless(HAS_NUMPY, "no numpy in this Python")
class Case(FolderCase):
    def table(self, form, inputs, labels=None, split=None, select=None, numbers=False, **data):
        """The table as table.json has it; the text on stderr where the job fails with status 3."""
        job = {"data": {"format": form, "inputs": inputs, **data}, "labels": labels, "split": split or {},
               "select": select, "numbers": numbers}
        errors, stdin, argv = io.StringIO(), sys.stdin, sys.argv
        sys.stdin, sys.argv = io.StringIO(json.dumps(job)), ["table.py", "--data", self.data, "--out", self.out]
        try:
            with redirect_stderr(errors):
                status = table.main()
        finally:
            sys.stdin, sys.argv = stdin, argv
        if status:
            self.assertEqual(status, 3)
            self.assertRegex(errors.getvalue(), r"\A\[table\.read\] [^\n]*: got [^\n]*, expected [^\n]*\n\Z")
            return errors.getvalue()
        if select is None:
            with open(os.path.join(self.out, "table.json"), encoding="utf-8") as file:
                return json.load(file)
        return None

    def refuses(self, words, *args, **more):
        answer = self.table(*args, **more)
        self.assertIsInstance(answer, str, "no error")
        for word in words:
            self.assertIn(word, answer)

    def chosen(self, name):
        return np.load(os.path.join(self.out, name + ".npy"), allow_pickle=False)
