"""What the tests of the knowledge base's readers share: a folder, and a run of a script over it.   Import it first: it
takes ROOT from the arguments."""
import io
import json
import os
import sys
from contextlib import redirect_stderr

from folder_case import FolderCase

RUNTIME = os.path.join(sys.argv.pop(1), "runtime")
sys.path.insert(0, RUNTIME)


class Case(FolderCase):
    script = None  # the module whose main() is run

    def run_script(self, job, *options):
        """(exit status, lines on stderr)."""
        errors, stdin, argv = io.StringIO(), sys.stdin, sys.argv
        sys.stdin = io.StringIO(json.dumps(job) if job is not None else "")
        sys.argv = ["script", *options, "--out", self.out]
        try:
            with redirect_stderr(errors):
                status = self.script.main()
        finally:
            sys.stdin, sys.argv = stdin, argv
        for line in errors.getvalue().splitlines():
            self.assertRegex(line, r"\A\[knowledge\.read\] .*: got .*, expected .*\Z")
        self.assertEqual(status, 3 if errors.getvalue() else 0)
        return status, errors.getvalue().split("\n")[:-1]

    def lines(self, name):
        with open(os.path.join(self.out, name), encoding="utf-8") as file:
            return [json.loads(line) for line in file.read().split("\n")[:-1]]

    def told(self, name):
        with open(os.path.join(self.out, name), encoding="utf-8") as file:
            return json.load(file)
