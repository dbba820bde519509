"""The form of frames as it is found on labelled ones, tried on others of the same form.   Usage: frame_form_test.py ROOT"""
import os
import random
import struct
import sys
import unittest

ROOT = sys.argv.pop(1)
sys.path[:0] = [os.path.join(ROOT, "runtime"), os.path.join(ROOT, "runtime", "own")]

from checksum import checksum  # noqa: E402
from checksum_kinds import CRCS, KINDS  # noqa: E402
from frame_bytes import bytes_of  # noqa: E402
import frame_form  # noqa: E402
from frame_starts import starts_of  # noqa: E402
import text_value  # noqa: E402
from frame_value import value_of  # noqa: E402
from frame_verdict import verdict_of  # noqa: E402

# The CRC of the text "123456789" by each of CRCS, as the catalogue has it.
CATALOGUE = [0xF4, 0xD0, 0xA1, 0xA1, 0xF7, 0x4B, 0xDF, 0xBC, 0x25, 0x26, 0x4B37, 0xBB3D, 0xB4C8, 0x44C2, 0xFEE8, 0xAEE7, 0x29B1,
             0x31C3, 0xD64E, 0xE5CC, 0xCE3C, 0x2189, 0x6F91, 0x906E, 0xEA82, 0xC2B7, 0xD0DB, 0x21CF02, 0xC25A56, 0xCBF43926,
             0xFC891918, 0x0376E6E7, 0xE3069283]


def form_of(job, frames):
    form, missed = frame_form.form_of(job, frames)
    assert not missed, missed
    return form


class Case(unittest.TestCase):
    def setUp(self):
        self.chance = random.Random(4)

    def some(self, count):
        return [self.chance.randrange(256) for _ in range(count)]

    def pick(self, *values):
        return self.chance.choice(values)

    @staticmethod
    def sealed(data, name, order="big"):
        kind = next(kind for kind in KINDS if kind[0] == name)
        return list(checksum(data, *kind[1:]).to_bytes(kind[2] // 8, order))


class Checksums(unittest.TestCase):
    def test_are_those_of_the_catalogue(self):
        for kind, expected in zip(CRCS, CATALOGUE, strict=True):
            self.assertEqual(checksum(list(b"123456789"), *kind[1:]), expected, kind[0])

    def test_sums(self):
        self.assertEqual([checksum([0x68, 0xF0, 3], *kind[1:]) for kind in KINDS[:7]],
                         [0x5B, 0xA5, 0xA4, 0x9B, 0x64, 0x15B, 0xFEA5])


class Bytes(unittest.TestCase):
    def test_of_text_and_of_numbers(self):
        self.assertEqual(bytes_of("68 0a:FF"), [0x68, 0x0A, 0xFF])
        self.assertEqual(bytes_of("0x68 0x0A"), [0x68, 0x0A])
        self.assertEqual(bytes_of("680"), [0x68])
        self.assertEqual(bytes_of("$A1"), [0x24, 0x41, 0x31])
        self.assertEqual(bytes_of([1, 255, 256]), [1, 255, 0])


class Verdicts(Case):
    def frame(self):
        kind = self.pick(0x10, 0x20)
        data = [kind, {0x10: 3, 0x20: 6}[kind]]
        data += self.some(data[1])
        verdict = self.pick("fine", "fine", "garbled", "foreign", "torn")
        if verdict == "foreign":
            data[0] = self.pick(0x30, 0x11, 0xFF)
        data += self.sealed(data, "CRC-8/MAXIM-DOW")
        if verdict == "garbled":
            data[self.chance.randrange(2, len(data))] ^= 1 << self.chance.randrange(8)
        if verdict == "torn":
            data = data[:self.chance.randrange(2, len(data))]
        return data, verdict

    def test_are_those_of_the_first_check_that_fails(self):
        frames = [self.frame() for _ in range(300)]
        job = {"kind": "class", "statement": 'It is "foreign", "torn", "garbled" or "fine".'}
        form = form_of(job, frames[:150])
        self.assertEqual([verdict for verdict, _ in form], ["foreign", "torn", "garbled", "fine"])
        self.assertIn("CRC-8/MAXIM-DOW", str(form))
        self.assertEqual([verdict_of(data, form) for data, _ in frames[150:]], [verdict for _, verdict in frames[150:]])

    def test_of_sentences_with_a_checksum_in_digits(self):
        def sentence():
            body = f"GPGLL,{self.chance.randrange(9000) / 100:07.2f},N,{self.chance.randrange(9999)},{self.pick('A', 'V')}"
            line = f"${body}*{checksum(list(body.encode()), 'xor', 8):02X}\r\n"
            if self.chance.random() < 0.7:
                return list(line.encode()), "whole"
            at = self.chance.randrange(3, len(line) - 2)
            damaged = line[:at] + self.pick(*"0123456789ABCDEF,.") + line[at + 1:]
            return list(damaged.encode()), "whole" if damaged == line else "damaged"

        frames = [sentence() for _ in range(300)]
        form = form_of({"kind": "class", "statement": ""}, frames[:150])
        self.assertIn(["text checksum", "exclusive or", 1, "xor", 8], form[0][1])
        self.assertEqual([verdict_of(data, form) for data, _ in frames[150:]], [verdict for _, verdict in frames[150:]])
        for line in (b"", b"*", b"$*", b"$A*4", b"$A*+1", b"$A*GG"):
            self.assertEqual(verdict_of(list(line), form), "damaged", line)

    def test_there_are_none_that_frames_do_not_tell(self):
        frames = [(self.some(5), self.pick("warm", "cold")) for _ in range(60)]
        self.assertIsNone(form_of({"kind": "class", "statement": ""}, frames))
        few = [([1, 2], "warm"), ([7, 2], "cold")] * 4
        self.assertIsNone(form_of({"kind": "class", "statement": ""}, few), "few are told by chance")
        self.assertIsNotNone(form_of({"kind": "class", "statement": ""}, few * 3))


    def test_some_may_be_wrong(self):
        frames = [self.frame() for _ in range(400)]
        wrong = [17, 203, 390]
        labelled = [(data, "fine" if verdict != "fine" else "torn") if i in wrong else (data, verdict)
                    for i, (data, verdict) in enumerate(frames)]
        form, missed = frame_form.form_of({"kind": "class", "statement": 'It is "foreign", "torn", "garbled" or "fine".'}, labelled)
        self.assertEqual(missed, wrong)
        more = [self.frame() for _ in range(300)]
        self.assertEqual([verdict_of(data, form) for data, _ in more], [verdict for _, verdict in more])

    def test_a_rare_one_is_told_or_there_is_no_form(self):
        frames = [(self.some(6), "odd" if i % 100 == 7 else "fine") for i in range(600)]
        self.assertEqual(frame_form.form_of({"kind": "class", "statement": ""}, frames), (None, []))


class Values(Case):
    def found(self, make, statement=""):
        frames = [make() for _ in range(120)]
        form = form_of({"kind": "value", "statement": statement}, frames[:60])
        self.assertIsNotNone(form)
        for data, number in frames[60:]:
            self.assertAlmostEqual(value_of(data, form), number, 3)
        return form

    def test_at_a_place_from_the_start(self):
        def make():
            number = self.chance.randrange(60000)
            return [0x11, *self.some(3), number & 255, number >> 8, *self.some(2)], number / 16 + 3

        form = self.found(make)
        self.assertEqual((form["scale"], form["offset"], form["order"]), (1 / 16, 3, "little"))

    def test_at_a_place_from_the_end_as_a_float(self):
        def make():
            (number,) = struct.unpack("<f", struct.pack("<f", self.chance.uniform(-5, 90)))
            return [*self.some(self.chance.randrange(2, 9)), *struct.pack("<f", number), *self.some(2)], round(number, 3)

        self.assertEqual(self.found(make)["place"], ["from end", 6])

    def test_in_fields_with_tags_of_either_order(self):
        def make(tag_first):
            number = self.chance.randrange(-4000, 8501)
            fields = [(tag, self.some(size)) for tag, size in ((0x11, 1), (0x23, 3), (0x34, 4)) if self.chance.random() < 0.5]
            fields.insert(self.chance.randrange(len(fields) + 1), (7, list(struct.pack(">h", number))))
            heads = [[tag, len(value)] if tag_first else [len(value) + 1, tag] for tag, value in fields]
            return self.some(3) + sum((head + value for head, (_, value) in zip(heads, fields)), []), number / 100

        self.assertEqual(self.found(lambda: make(True))["place"], ["tagged", 3, "tag, length", 7, 0])
        self.assertEqual(self.found(lambda: make(False))["place"], ["tagged", 3, "length, tag", 7, 0])

    def test_as_decimal_digits_or_with_a_sign_apart(self):
        def decimal():
            number = self.chance.randrange(999999)
            return [0x68, *bytes.fromhex(f"{number:06d}"), *self.some(4)], number / 1000

        def signed():
            number = self.chance.randrange(-400, 1250)
            return [*self.some(2), *(abs(number) | (0x8000 if number < 0 else 0)).to_bytes(2, "big")], number / 10

        self.assertEqual(self.found(decimal)["kind"], "decimal")
        self.assertEqual(self.found(signed)["kind"], "sign and size")

    def test_signed_where_the_words_alone_say_so(self):
        def make():
            number = self.chance.randrange(3000)
            return [*self.some(2), *number.to_bytes(2, "big"), *self.some(1)], number / 10

        self.assertEqual(self.found(make)["kind"], "unsigned")
        self.assertEqual(self.found(make, "It is two bytes, signed.")["kind"], "signed")

    def test_there_is_none_that_frames_do_not_tell(self):
        frames = [(self.some(9), self.chance.random()) for _ in range(60)]
        self.assertIsNone(form_of({"kind": "value", "statement": ""}, frames))
        self.assertIsNone(form_of({"kind": "value", "statement": ""}, [([7, 7], 3.0)] * 60), "always the same")

    def test_some_may_be_wrong(self):
        def make():
            number = self.chance.randrange(60000)
            return [*self.some(4), number & 255, number >> 8, *self.some(2)], number / 16

        frames = [make() for _ in range(200)]
        frames[5] = (frames[5][0], frames[5][1] + 40)
        frames[120] = (frames[120][0], -1.0)
        form, missed = frame_form.form_of({"kind": "value", "statement": ""}, frames)
        self.assertEqual(missed, [5, 120])
        self.assertTrue(all(value_of(data, form) == number for data, number in (make() for _ in range(50))))

    def test_a_frame_that_has_it_not_has_no_value(self):
        form = {"place": ["tagged", 0, "tag, length", 2, 0], "size": 2, "kind": "signed", "order": "big", "scale": 1, "offset": 0}
        for data in ([], [2], [2, 2, 5], [1, 1, 0], [2, 1, 9]):
            self.assertNotEqual(value_of(data, form), value_of(data, form), data)


class Texts(Case):
    def found(self, make, form=None):
        lines = [make() for _ in range(80)]
        found, missed = frame_form.form_of({"kind": "value", "statement": ""}, lines[:40])
        self.assertEqual((found is None, missed), (False, []))
        for line, number in lines[40:]:
            self.assertAlmostEqual(text_value.value_of(line, found), number, 4)
        return found

    def test_behind_a_name(self):
        def make():
            number = round(self.chance.uniform(-20, 40), 1)
            parts = [f"T={number}C", f"H={self.chance.randrange(100)}"]
            self.chance.shuffle(parts)
            return f"id{self.chance.randrange(99)} " + " ".join(parts) + "\r\n", number

        self.assertEqual(self.found(make)["place"], ["behind", "T="])

    def test_in_a_field_some_of_which_are_empty(self):
        def make():
            number = self.chance.randrange(900)
            speed = self.pick("", f"{self.chance.random():.2f}")
            return f"$PX,{self.chance.randrange(9999)},{speed},{number / 10},A*7F", round(number / 10 * 0.514444, 4)

        form = self.found(make)
        self.assertEqual((form["place"], form["way"], form["scale"]), (["field", ",", 3], "number", 0.514444))

    def test_as_hexadecimal_digits(self):
        def make():
            number = self.chance.randrange(65536)
            return f"v1;{number:04x};{self.chance.randrange(10)}", number / 10

        self.assertEqual(self.found(make)["way"], "hexadecimal")

    def test_as_degrees_and_minutes_of_either_side(self):
        def make():
            degrees = self.chance.uniform(-89, 89)
            whole, minutes = divmod(abs(degrees) * 60, 60)
            line = f"$GPGLL,{whole:02.0f}{minutes:07.4f},{'S' if degrees < 0 else 'N'},0,E"
            return line, (-1 if degrees < 0 else 1) * (whole + round(minutes, 4) / 60)

        self.assertEqual(self.found(make)["way"], "degrees and minutes")

    def test_digits_alone_are_text_too(self):
        def make():
            number = self.chance.randrange(100, 999)
            return f"{self.chance.randrange(10, 99)},{number},{self.chance.randrange(10, 99)}", number / 10

        self.assertEqual(self.found(make)["place"], ["field", ",", 1])

    def test_there_is_none_that_lines_do_not_tell(self):
        lines = [(f"a={self.chance.random():.3f}", self.chance.random()) for _ in range(60)]
        self.assertEqual(frame_form.form_of({"kind": "value", "statement": ""}, lines), (None, []))

    def test_a_line_that_has_it_not_has_no_value(self):
        for place in (["number", 3], ["number", -3], ["behind", "T="], ["field", ",", 5], ["field", ",", -5]):
            form = {"place": place, "way": "number", "scale": 1, "offset": 0}
            for line in ("", "T", "a,b", "1 2"):
                self.assertNotEqual(text_value.value_of(line, form), text_value.value_of(line, form), (place, line))


class Starts(Case):
    def stream(self, make, whole=0.6):
        data, starts = [], []
        while len(data) < 3000:
            frame, kind = make(), self.chance.random()
            if kind < whole:
                starts.append(len(data))
                data += frame
            elif kind < whole + 0.13:
                data += self.some(self.chance.randrange(1, 30))
            elif kind < whole + 0.26:
                frame[self.chance.randrange(2, len(frame))] ^= 1 << self.chance.randrange(8)
                data += frame
            else:
                data += frame[:self.chance.randrange(2, len(frame))]
        return data, starts

    def found(self, make, whole=0.6):
        streams = [self.stream(make, whole) for _ in range(6)]
        form = form_of({"kind": "events", "statement": ""}, streams[:3])
        self.assertIsNotNone(form)
        for data, starts in streams[3:]:
            self.assertEqual(starts_of(data, form), starts)
        return form

    def test_by_a_length_byte_and_a_crc(self):
        def make():
            size = self.chance.randrange(4, 20)
            body = [size, *self.some(size)]
            return [0xAA, 0x55, *body, *self.sealed(body, "CRC-16/IBM-3740")]

        form = self.found(make)
        self.assertEqual((form["checksum"][0], form["length_at"], form["more"]), ("CRC-16/IBM-3740", 2, 5))

    def test_by_a_length_that_counts_the_whole_frame(self):
        def make():
            size = self.chance.randrange(6, 30)
            body = [0xC0, size, *self.some(size - 6)]
            return body + self.sealed(body, "CRC-32/ISO-HDLC", "little")

        self.assertEqual(self.found(make)["more"], 0)

    def test_of_one_length_with_a_last_byte(self):
        def make():
            body = self.some(9)
            return [0x68, *body, *self.sealed(body, "sum of 8 bits"), 0x16]

        form = self.found(make)
        self.assertEqual((form["more"], form["last_bytes"]), (12, [[1, 0x16]]))

    def test_without_a_checksum(self):
        form = self.found(lambda: [0xB5, 0x62, 5, *self.some(5)] if self.chance.random() < 0.5 else [0xB5, 0x62, 2, *self.some(2)], 1.1)
        self.assertIsNone(form["checksum"])

    def test_there_is_none_that_the_marks_do_not_tell(self):
        streams = [(self.some(500), sorted(self.chance.sample(range(480), 12))) for _ in range(3)]
        self.assertIsNone(form_of({"kind": "events", "statement": ""}, streams))
        self.assertIsNone(form_of({"kind": "events", "statement": ""}, [(self.some(50), [])]))


if __name__ == "__main__":
    unittest.main()
