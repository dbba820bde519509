"""Tests of runtime/knowledge_text.py: the sections of each format.   Usage: knowledge_text_test.py ROOT."""
import json
import os
import shutil
import stat
import subprocess
import sys
import unittest

from knowledge_case import RUNTIME, Case

import knowledge_text

HAS_PDFTOTEXT = shutil.which("pdftotext") is not None


class Reading(Case):
    script = knowledge_text

    def read(self, name, text, form=None):
        """[(titles, kind, text)], after a check that the spans lie in the source and in order."""
        self.write(name, text)
        self.run_script(None, "--data", self.data)
        sections = self.lines("sections.jsonl")
        about = self.told("documents.json")["documents"][0]
        self.assertEqual((about["sections"], about["bytes"]), (len(sections), len(text if isinstance(text, bytes) else text.encode())))
        if about["span"] == "character":
            ends = [0] + [s["end"] for s in sections]
            for before, s in zip(ends, sections):
                self.assertLessEqual(before, s["start"])
                self.assertLess(s["start"], s["end"])
                self.assertLessEqual(s["end"], len(text))
        self.spans = [(s["start"], s["end"]) for s in sections]
        self.about = about
        return [("/".join(s["title_path"]), s["kind"], s["text"]) for s in sections]


class Formats(Reading):
    def test_markdown(self):
        text = ("---\ntitle: x\n---\nBefore.\n\n# One #\nA [link](http://x) and ![a picture](y.png), **bold**.\n<!-- not\nseen --> seen\n"
                "\n## Two\n```python\n# no heading\nx = 1\n```\nAfter.\n\nThree\n=====\n- a\n\n[ref]: http://z\n~~~\nopen\n")
        self.assertEqual(self.read("a.md", text), [
            ("", "section", "Before."), ("One", "section", "A link and a picture, bold.\n\n seen"),
            ("One/Two", "code", "# no heading\nx = 1"), ("One/Two", "section", "After."), ("Three", "section", "- a"),
            ("Three", "code", "open")])
        self.assertEqual([text[a:b].strip() for a, b in self.spans][3], "After.")
        self.assertEqual((self.about["title"], self.about["format"]), ("One", "markdown"))

    def test_html(self):
        text = ("<!DOCTYPE html><html><head><title>The page</title><style>p{}</style></head><body><nav>menu</nav>"
                "<h1>Top<a href='#x'>¶</a></h1><p>Hello <b>world</b> &amp; all<p>second<script>alert('</p>')</script>"
                "<div style='display: none'>hidden<p>too</div><span hidden>h</span><h2>Code</h2><pre>x = 1\n  y &lt; 2</pre>"
                "<ul><li>one<li>two</ul><table><tr><td>a<td>b<tr><td>c</table><math alttext='x^2'><mi>x</mi></math></body>")
        found = self.read("a.html", text)
        self.assertEqual(found[:2], [("Top", "section", "Hello world & all\n\nsecond"), ("Top/Code", "code", "x = 1\n  y < 2")])
        self.assertEqual(found[2][2].split(), "- one - two | a | b | c $x^2$".split())
        self.assertEqual(self.about["title"], "The page")
        self.assertEqual(text[self.spans[1][0]:self.spans[1][1]], "<pre>x = 1\n  y &lt; 2")

    def test_latex(self):
        text = (r"\documentclass{article}\newcommand{\sys}{GPIoT}\title{A \textbf{Paper}}" "\n% not seen\n"
                r"\begin{document}\maketitle\begin{abstract}We show \sys: 50\% more.\end{abstract}" "\n"
                r"\section[short]{First \emph{part}}\label{s} As in~\cite{a,b}, \emph{we} take $x_1 = \frac{a}{b}$. % not seen" "\n"
                r"\begin{equation}\label{e} y = x^2 \end{equation}\begin{itemize}\item one\item two\end{itemize}" "\n"
                r"\subsection{Code}\begin{lstlisting}[language=Python]" "\nx = 1 % kept\n" r"\end{lstlisting}" "\n"
                r"\begin{figure}\includegraphics[width=1cm]{a.png}\caption{A picture.}\end{figure}"
                r"\begin{thebibliography}{9}\bibitem{a} Not seen\end{thebibliography}\end{document} not seen")
        found = self.read("a.tex", text)
        self.assertEqual(found[0], ("Abstract", "section", "We show GPIoT: 50% more."))
        self.assertEqual(found[1][:2], ("First part", "section"))
        self.assertEqual(found[1][2].split(), r"As in, we take $x_1 = \frac{a}{b}$. $$y = x^2$$ - one - two".split())
        self.assertEqual(found[2:], [("First part/Code", "code", "x = 1 % kept"),
                                     ("First part/Code", "section", "A picture.")])
        self.assertEqual(self.about["title"], "A Paper")

    def test_restructured_text(self):
        text = ("=====\nTitle\n=====\n\nWith :func:`~numpy.mean` and a `link <http://x>`_::\n\n    code = 1\n\n.. a comment\n   not seen\n\n"
                "Section\n-------\n.. note:: Mind this.\n\n.. code-block:: python\n   :linenos:\n\n   print('x')\n\n"
                ".. image:: x.png\n   :alt: no\n\nAfter.\n\nOther\n=======\nEnd.\n")
        self.assertEqual(self.read("a.rst", text), [
            ("Title", "section", "With mean and a link:"), ("Title", "code", "code = 1"),
            ("Title/Section", "section", "Mind this."), ("Title/Section", "code", "print('x')"),
            ("Title/Section", "section", "After."), ("Title/Section/Other", "section", "End.")])

    def test_notebooks(self):
        cells = [{"cell_type": "markdown", "source": ["# One\n", "Text."]},
                 {"cell_type": "code", "source": "x = 1", "outputs": [{"text": "not seen"}]}, {"cell_type": "raw", "source": "r"}, 7,
                 {"cell_type": "markdown", "source": "## Two\nMore."}]
        found = self.read("a.ipynb", json.dumps({"cells": cells, "metadata": {}, "nbformat": 4}))
        self.assertEqual(found, [("One", "section", "Text."), ("One", "code", "x = 1"), ("One/Two", "section", "More.")])
        self.assertEqual((self.spans, self.about["span"]), ([(1, 1), (2, 2), (5, 5)], "cell"))
        old = {"worksheets": [{"cells": [{"cell_type": "heading", "level": 1, "source": "T"},
                                         {"cell_type": "code", "input": "y"}]}]}
        self.assertEqual(self.read("a.ipynb", json.dumps(old)), [("T", "code", "y")])

    def test_plain_text_and_what_cannot_be_seen(self):
        self.assertEqual(self.read("a.txt", "One\r\n\r\n\r\n\r\ntw\u200bo\x1b[2J \u202ethree\U000e0041 \n"),
                         [("", "section", "One\n\ntwo[2J three")])
        self.assertEqual(self.about["title"], "a")

    def test_encodings_that_are_stated(self):
        self.assertEqual(self.read("a.txt", "größe".encode("utf-16"))[0][2], "größe")
        self.write("a.txt", "x")
        latin = '<meta charset="windows-1252"><p>größe'.encode("cp1252")
        self.write("b.html", latin)
        self.write("c.tex", r"\usepackage[latin1]{inputenc} größe".encode("latin-1"))
        self.run_script(None, "--data", self.data)
        self.assertEqual([s["text"].split()[-1] for s in self.lines("sections.jsonl")], ["x", "größe", "größe"])
        self.assertEqual([d["encoding"] for d in self.told("documents.json")["documents"]], ["utf-8", "windows-1252", "iso-8859-1"])

    def test_a_folder_in_order_and_named_files(self):
        for name in ("b/two.md", "a.md", "picture.png", ".git/config.md"):
            self.write(name, "x")
        os.symlink("a.md", self.path("link.md"))
        self.run_script(None, "--data", self.data)
        told = self.told("documents.json")
        self.assertEqual(([d["document"] for d in told["documents"]], told["others"]), (["a.md", "link.md", "b/two.md"], 1))
        self.run_script({"files": ["b/two.md"]}, "--data", self.data)
        self.assertEqual([s["document"] for s in self.lines("sections.jsonl")], ["b/two.md"])

    def test_alone_in_isolated_mode(self):
        self.write("a.md", "# T\nx\n")
        done = subprocess.run([sys.executable, "-I", "-B", os.path.join(RUNTIME, "knowledge_text.py"), "--data", self.data,
                               "--out", self.out], input="{}", capture_output=True, text=True, cwd="/")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))
        self.assertEqual(self.lines("sections.jsonl")[0]["title_path"], ["T"])


PAGES = ["A Paper\n\nAbstract\nWe show.\n\n1 Introduction\n\nIt was meas-\nured.\n2 of these\n", "Running head\nMore.\n\n2 Method\n\nWe do.\n",
         "Running head\n\n2.1 Filter\n\nBy 3 Hz.\n\n7 Not A Heading Here\n\nx\n", "Running head\nReferences\n[1] Not seen.\n"]


def pdf(pages):
    """A small PDF with a line of text for each line."""
    objects = ["<< /Type /Catalog /Pages 2 0 R >>",
               f"<< /Type /Pages /Count {len(pages)} /Kids [{' '.join(f'{4 + 2 * i} 0 R' for i in range(len(pages)))}] >>",
               "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]
    for i, page in enumerate(pages):
        stream = "BT /F1 12 Tf 14 TL 50 780 Td " + " ".join(f"({line}) Tj T*" for line in page.split("\n")) + " ET"
        objects.append(f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 842] /Contents {5 + 2 * i} 0 R "
                       "/Resources << /Font << /F1 3 0 R >> >> >>")
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
    text, places = "%PDF-1.4\n", []
    for i, body in enumerate(objects, 1):
        places.append(len(text))
        text += f"{i} 0 obj\n{body}\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    return (f"{text}xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}trailer << /Size {len(objects) + 1} /Root 1 0 R >>\n"
            f"startxref\n{len(text)}\n%%EOF\n").encode()


class Pdf(Reading):
    def put_pdftotext(self, body):
        """A program of that name which runs `body`, in place of the real one."""
        folder = os.path.join(self.folder, "bin")
        os.makedirs(folder, exist_ok=True)
        path = os.path.join(folder, "pdftotext")
        with open(path, "w") as file:
            file.write(f"#!{sys.executable} -IS\nimport os, sys, time\n" + body)
        os.chmod(path, stat.S_IRWXU)
        before = os.environ["PATH"]
        os.environ["PATH"] = folder + os.pathsep + before
        self.addCleanup(os.environ.__setitem__, "PATH", before)

    def check_paper(self, found):
        self.assertEqual([f[0] for f in found], ["", "Abstract", "1 Introduction", "2 Method", "2 Method/2.1 Filter"])
        self.assertIn("It was measured.", found[2][2])
        self.assertIn("7 Not A Heading Here", found[4][2])
        self.assertNotIn("Running", "".join(f[2] for f in found))
        self.assertEqual((self.spans, self.about["span"]), ([(1, 1), (1, 1), (1, 2), (2, 3), (3, 4)], "page"))

    def test_pages_and_headings(self):
        self.put_pdftotext(f"open(sys.argv[-1], 'w').write({chr(12).join(PAGES) + chr(12)!r})\n")
        self.check_paper(self.read("a.pdf", pdf(PAGES)))

    @unittest.skipUnless(HAS_PDFTOTEXT, "no pdftotext on this machine")
    def test_the_real_program(self):
        self.check_paper(self.read("a.pdf", pdf(PAGES)))


if __name__ == "__main__":
    unittest.main()
