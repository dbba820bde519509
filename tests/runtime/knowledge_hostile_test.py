"""Tests of runtime/knowledge_text.py with documents that mean harm, or are broken: each is refused in one line and within
its time, and the sound ones beside it are read all the same.   Usage: knowledge_hostile_test.py ROOT."""
import gzip
import io
import json
import os
import pickle
import stat
import sys
import time
import unittest
import zipfile
from unittest import mock

from knowledge_case import Case

import knowledge_text
from knowledge_lines import Refusal


class Refused(Case):
    script = knowledge_text

    def refused(self, name, expected, text=None, files=None, **limits):
        """The document is refused in words that hold `expected`; good.md is read."""
        if text is not None:
            self.write(name, text)
        self.write("good.md", "# Good\nfine\n")
        begin = time.monotonic()
        _, errors = self.run_script({"limits": limits, **({"files": files} if files else {})}, "--data", self.data)
        self.assertLess(time.monotonic() - begin, 30)
        self.assertEqual(len(errors), 1, errors)
        self.assertIn(expected, errors[0])
        self.assertLess(len(errors[0]), 700)
        self.assertEqual([s["text"] for s in self.lines("sections.jsonl")], ["fine"])
        self.assertEqual(len(self.told("documents.json")["refused"]), 1)
        return errors[0]


class Hostile(Refused):
    def test_another_format_under_this_name(self):
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
            file.writestr("bomb", b"\0" * (50 << 20))
        for name, text, expected in (
                ("a.html", archive.getvalue(), "a zip archive"), ("a.html", gzip.compress(b"0" * (20 << 20)), "a gzip archive"),
                ("a.html", pickle.dumps([1]), "a pickle"), ("a.html", b"%PDF-1.4\n", "a PDF"), ("a.html", b"<p>\0\1\2", "binary data"),
                ("a.html", b"", "an empty file"), ("a.html", b" \n\t ", "an empty file"), ("a.html", b"<p></p>", "no text")):
            self.refused(name, expected, text)

    def test_wrong_encodings(self):
        for text, expected in ((b"caf\xe9", "not UTF-8 (at byte 3)"), (b"\xff\xfea\0\0", "utf-16"),
                               (b"<meta charset=utf-7>+ADw-\xe9", "not UTF-8"), (b"<meta charset=zip>\xe9", "not UTF-8"),
                               (b"<meta charset=utf-8>\xe9", "not UTF-8"), (b"<meta charset=shift_jis>\xff\xff", "shift_jis")):
            self.refused("a.html", expected, text)

    def test_size_and_nesting(self):
        with open(self.path("a.html"), "wb") as file:
            file.truncate(100 << 20)
        self.refused("a.html", "104857600 bytes")
        self.refused("a.html", "elements nested 501 deep", "<div>" * 3_000_000)
        self.refused("a.html", "elements nested 501 deep", "<b><i>" * 1000)
        self.refused("a.html", "20 sections", "<h1>x</h1>y" * 100, sections=20)
        self.refused("a.html", "1000 characters", "<p>" + "x" * 1001, characters=1000)
        os.remove(self.path("a.html"))
        self.refused("a.tex", "braces nested more than 500 deep", "{" * 100_000)
        os.remove(self.path("a.tex"))
        self.refused("a.rst", "titles nested 4 deep", "".join(f"T\n{c * 3}\n\n" for c in "=-~^'\""), nesting=3)

    def test_notebooks(self):
        self.refused("a.ipynb", "JSON nested too deep", "[" * 200_000)
        self.refused("a.ipynb", "no JSON", '{"cells": [')
        self.refused("a.ipynb", "JSON without cells", '{"cells": {"x": 1}}')
        self.refused("a.ipynb", "no text", json.dumps({"cells": [None, 1, {"cell_type": "code", "source": {"a": 1}},
                                                                 {"cell_type": [], "source": "x"}]}))

    def test_documents_that_take_too_long_or_too_much(self):
        def endless(text, sections):
            while True:
                pass
        with mock.patch.dict(knowledge_text._READERS, html=endless):
            self.refused("a.html", "a document that takes more than 2 s", "<p>x", seconds=2)
        self.refused("a.html", "something that cannot be read", "<![x[ ]]>")
        self.refused("a.html", "memory", "<p>" + "x " * (8 << 20), memory_bytes=100 << 20, characters=1 << 30)

    def test_limits_far_below_a_second(self):
        self.write("a.html", "<p>x</p>" * 500_000)
        for seconds in (0.01, 0.0124, 0.000_3):
            begin = time.monotonic()
            with self.assertRaises(Refusal) as caught:
                knowledge_text.read_apart(self.data, "a.html", {**knowledge_text.LIMITS, "seconds": seconds})
            self.assertLess(time.monotonic() - begin, 4)
            self.assertEqual(str(caught.exception.got), f"a document that takes more than {seconds} s")

    def test_macros_that_multiply_are_not_expanded(self):
        bomb = r"\newcommand{\a}{haha}" + "".join(rf"\newcommand{{\{chr(98 + i)}}}{{\{chr(97 + i)}\{chr(97 + i)}}}" for i in range(24))
        self.write("a.tex", bomb + r"\begin{document}\y\y and \a\end{document}")
        self.run_script(None, "--data", self.data)
        self.assertEqual(self.lines("sections.jsonl")[0]["text"].strip(), "and haha")

    def test_files_that_are_none(self):
        os.symlink("/etc/passwd", self.path("a.md"))
        self.refused("a.md", "a link out of the folder")
        os.remove(self.path("a.md"))
        os.symlink("missing.md", self.path("a.md"))
        self.refused("a.md", "a file that does not open")
        os.remove(self.path("a.md"))
        os.symlink("/etc", self.path("a"))
        self.refused("a", "a link out of the folder")
        os.remove(self.path("a"))
        os.mkfifo(self.path("a.md"))
        self.refused("a.md", "no regular file")

    def test_paths_out_of_the_folder(self):
        for name, expected in (("../good.md", "a path out"), ("/etc/passwd", "a path out"), ("x\0.md", "a path out"),
                               ("none.md", "no file"), ("a.exe", "unknown ending")):
            if name == "a.exe":
                self.write(name, "x")
            self.refused(name, expected, files=[name, "good.md"])

    def test_names_that_write_to_the_terminal(self):
        error = self.refused("a\n\x1b[2J.md", "a zip archive", b"PK\x03\x04")
        self.assertNotIn("\x1b", error)
        self.write("\udcff.md".encode("utf-8", "surrogateescape").decode("latin-1"), "x")
        os.remove(self.path("a\n\x1b[2J.md"))
        self.write("b\n.md", "x")
        self.assertEqual(self.run_script(None, "--data", self.data)[0], 0)
        self.assertIn("b .md", [d["document"] for d in self.told("documents.json")["documents"]])

    def test_jobs_that_cannot_be_done(self):
        self.write("x.png", "x")
        self.assertIn("no known format", self.run_script(None, "--data", self.data)[1][0])
        self.write("good.md", "x")
        self.assertEqual(self.run_script(None, "--data", self.data)[0], 0)
        for job in ([], {"files": []}, {"files": "a.md"}, {"files": [1]}, {"limits": {"seconds": -1}}, {"limits": {"byte": 1}},
                    {"limits": {"files": float("inf")}}, {"limits": {"sections": True}}, {"limits": []}):
            _, errors = self.run_script(job, "--data", self.data)
            self.assertRegex(" ".join(errors), r"\A\[knowledge\.read\] (the job|limits)")
        self.assertEqual(self.run_script(None, "--data", self.data + "x")[0], 3)
        for i in range(5):
            self.write(f"{i}.md", "x")
        self.assertIn("more than 3 files", self.run_script({"limits": {"files": 3}}, "--data", self.data)[1][0])


class Pdf(Refused):
    def program(self, body):
        folder = os.path.join(self.folder, "bin")
        os.makedirs(folder, exist_ok=True)
        path = os.path.join(folder, "pdftotext")
        with open(path, "w") as file:
            file.write(f"#!{sys.executable} -IS\nimport os, sys, time\nout = sys.argv[-1]\n{body}\n")
        os.chmod(path, stat.S_IRWXU)
        before = os.environ["PATH"]
        os.environ["PATH"] = folder
        self.addCleanup(os.environ.__setitem__, "PATH", before)

    def test_pdfs(self):
        body = b"%PDF-1.4\n" + b"x" * 100
        for program, expected, limits in (
                ("print('Syntax Error: no trailer', file=sys.stderr); sys.exit(1)", "pdftotext does not read (Syntax Error: no trailer)", {}),
                ("time.sleep(100)", "a PDF that takes more than 1 s", {"seconds": 1}),
                ("while True: pass", "a PDF that takes more than 1 s", {"seconds": 1}),
                ("open(out, 'w').write('x' * 10000)", "more than 1000 characters of text", {"characters": 1000}),
                ("open(out, 'w').write('\\f\\f')", "a PDF without text", {}),
                ("sys.exit(0)", "pdftotext does not read", {}),
                ("bytearray(600 << 20)", "pdftotext does not read (MemoryError)", {"memory_bytes": 300 << 20}),
                ("open(out, 'w').write(''.join(f'{i} Title\\n\\nText.\\n' for i in range(1, 99)))", "5 sections",
                 {"sections": 5})):
            self.program(program)
            self.refused("a.pdf", expected, body, **limits)

    def test_no_program_and_no_pdf(self):
        self.program("")
        os.remove(os.path.join(self.folder, "bin", "pdftotext"))
        self.assertIn("poppler-utils", self.refused("a.pdf", "no pdftotext", b"%PDF-1.4\nx"))
        self.refused("a.pdf", "got something else, expected a PDF", "words")


if __name__ == "__main__":
    unittest.main()
