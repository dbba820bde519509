"""Tests of runtime/knowledge_chunks.py: passages cover their source and keep the limit.   Usage: knowledge_chunks_test.py ROOT."""
import json
import random
import unittest

from knowledge_case import Case

import knowledge_chunks
from knowledge_cut import cut, heading_before


def sample(rng):
    """A text of words, sentences, paragraphs, headings and lines of code, some of them very long."""
    parts = []
    for _ in range(rng.randint(1, 40)):
        kind = rng.randint(0, 5)
        words = ["w" * rng.randint(1, 12) for _ in range(rng.randint(1, 60))]
        parts.append({0: "## " + words[0], 1: " ".join(words) + ".", 2: ". ".join(words) + "!", 3: "x" * rng.randint(1, 900),
                      4: "\n".join("    " + w + " = 1" for w in words), 5: " " * rng.randint(1, 300)}[kind])
    return rng.choice(["\n\n", "\n", " "]).join(parts)


class Cutting(unittest.TestCase):
    def test_stretches_cover_the_text_and_keep_the_limit(self):
        rng = random.Random(1)
        for case in range(400):
            text, limit, overlap = sample(rng), rng.randint(60, 900), rng.choice([0, 10, 50, 200])
            spans = cut(text, limit, overlap)
            at = 0
            for start, end in spans:
                self.assertTrue(0 < end - start <= limit, (case, start, end))
                self.assertEqual(text[at:start].strip(), "", case)
                self.assertLessEqual(at - start, overlap, case)
                at = end
            self.assertEqual(text[at:].strip(), "", case)
            self.assertEqual(spans, sorted(set(spans)))
            self.assertLessEqual(len(spans), 8 * len(text) // limit + 3, case)

    def test_cuts_are_at_the_best_joints(self):
        text = "## A\nFirst one. Second one.\n\nThird words here.\n\n## B\nFourth and more words.\n\nFifth."
        self.assertEqual([text[a:b] for a, b in cut(text, 60, 0)],
                         ["## A\nFirst one. Second one.\n\nThird words here.", "## B\nFourth and more words.\n\nFifth."])
        text = "One two three. Four five six. Seven eight nine."
        self.assertEqual([text[a:b] for a, b in cut(text, 30, 0)], ["One two three. Four five six.", "Seven eight nine."])
        text = "One. Two. Three. Four. Five. Six. Seven. Eight."
        self.assertEqual([text[a:b] for a, b in cut(text, 30, 8)],
                         ["One. Two. Three. Four. Five.", "Five. Six. Seven. Eight."])
        code = "if a:\n    b = 1\n    c = 2\n    d = 3\n"
        self.assertEqual([code[a:b] for a, b in cut(code, 26, 0)][1], "    c = 2\n    d = 3\n")

    def test_no_small_rest(self):
        sizes = [b - a for a, b in cut("word " * 210, 1000, 0)]
        self.assertEqual(len(sizes), 2)
        self.assertGreater(min(sizes), 300)

    def test_the_heading_above(self):
        text = "## A\nx y\n\n## B\nz"
        self.assertEqual([heading_before(text, text.index(c)) for c in ("x", "y", "## B", "z")], ["A", "A", "", "B"])
        self.assertEqual((heading_before(text, 0), heading_before("no", 1)), ("", ""))


class Passages(Case):
    script = knowledge_chunks

    def passages(self, sections, **limits):
        self.write("sections.jsonl", "".join(json.dumps(t) + "\n" for t in sections))
        self.assertEqual(self.run_script({"limits": limits}, "--data", self.data)[0], 0)
        found = self.lines("passages.jsonl")
        for passage in found:
            size = sum(len(t) + 3 for t in passage["title_path"]) + len(passage["text"])
            self.assertLessEqual(size, limits.get("characters", 2000))
        return found

    def section(self, path, text, kind="section", document="a.md", start=0):
        return {"document": document, "title_path": path.split("/") if path else [], "text": text, "kind": kind,
                "start": start, "end": start + 1}

    def test_neighbours_of_one_section_are_joined(self):
        found = self.passages([self.section("A", "one", start=1), self.section("A", "x = 1", "code", start=5),
                               self.section("A/B", "y" * 600), self.section("A/B", "z" * 1500),
                               self.section("A/B", "z" * 300, document="b.md"), self.section("C", "q = 1", "code")])
        self.assertEqual([(p["title_path"], p["kind"], len(p["text"])) for p in found],
                         [(["A"], "section", 10), (["A", "B"], "section", 600), (["A", "B"], "section", 1500),
                          (["A", "B"], "section", 300), (["C"], "code", 5)])
        self.assertEqual((found[0]["text"], found[0]["start"], found[0]["end"]), ("one\n\nx = 1", 1, 6))

    def test_short_sections_of_one_parent_are_joined_with_their_titles(self):
        found = self.passages([self.section("A/B", "one"), self.section("A/B", "more"), self.section("A/C", "two"),
                               self.section("D", "three"), self.section("E", "four")])
        self.assertEqual([(p["title_path"], p["text"]) for p in found],
                         [(["A"], "## B\none\n\nmore\n\n## C\ntwo"), (["D"], "three"), (["E"], "four")])

    def test_long_ones_are_cut_and_say_where(self):
        text = "\n\n".join(f"Paragraph {i} has some words. And more of them." for i in range(200))
        found = self.passages([self.section("A/B", text)], characters=700, overlap=100)
        self.assertGreater(len(found), 12)
        self.assertEqual([(p["part"], p["parts"]) for p in found], [(i + 1, len(found)) for i in range(len(found))])
        at = 0
        for p in found:
            self.assertEqual(text[p["from"]:p["to"]], p["text"])
            self.assertTrue(p["from"] <= at or not text[at:p["from"]].strip())
            at = p["to"]
        self.assertEqual(at, len(text))
        self.assertTrue(any(a["to"] > b["from"] for a, b in zip(found, found[1:])), "an overlap")

    def test_the_same_text_once_and_ids_from_the_content(self):
        first = self.passages([self.section("A", "Same  words"), self.section("B", "same\nWORDS"), self.section("C", "other")])
        self.assertEqual([p["title_path"] for p in first], [["A"], ["C"]])
        self.assertEqual(self.told("passages.json")["same"], 1)
        again = self.passages([self.section("Z", "before"), self.section("A", "Same words", document="z.md")])
        self.assertEqual(again[1]["id"], first[0]["id"])
        self.assertEqual(len({p["id"] for p in first + again}), 3)
        self.assertRegex(first[0]["id"], r"\A[0-9a-f]{64}\Z")
        moved = self.passages([self.section("M", "Same words")])
        self.assertNotEqual(moved[0]["id"], first[0]["id"], "the titles are part of it")

    def test_long_titles_leave_room(self):
        found = self.passages([self.section("/".join(["T" * 300] * 9), " ".join(map(str, range(500))))], characters=200)
        self.assertGreater(len(found), 9)

    def test_what_is_no_input_is_refused(self):
        self.assertIn("no sections.jsonl", self.run_script({}, "--data", self.data)[1][0])
        for text in (b"x\n", b"[1]\n", b'{"text": 3}\n', b"[" * 100000 + b"\n", b'{"text": "\xff"}\n'):
            self.write("sections.jsonl", text)
            self.assertIn("sections.jsonl line 1", self.run_script({}, "--data", self.data)[1][0])
        self.write("sections.jsonl", '{"text": "%s"}\n' % ("x" * 1000))
        for limits in ({"line_bytes": 500}, {"characters": 100}, {"passages": 0.5}, {"words": 1}):
            self.assertEqual(self.run_script({"limits": limits}, "--data", self.data)[0], 3)
        self.assertEqual(self.run_script({}, "--data", self.data)[0], 0)
        self.write("sections.jsonl", '{"text": "x", "title_path": 7, "document": null}\n{"text": "y", "title_path": [1, "t"]}\n')
        self.assertEqual(self.run_script({}, "--data", self.data)[0], 0)


if __name__ == "__main__":
    unittest.main()
