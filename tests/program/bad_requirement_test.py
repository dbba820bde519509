"""A requirement that is empty, far too long, not text, or wrong in its front matter: each is named with line and key."""
import os

from small_project import REQUIREMENT, edited, make_project
from support import Scratch, check, expect_error, gpiot, snapshot, write, shown

WITHOUT_WORDS = REQUIREMENT.split("+++\n")[0] + "+++\n" + REQUIREMENT.split("+++\n")[1] + "+++\n"


def refused(what, requirement, code, *parts, **form):
    """A project with that requirement.md is refused before anything in its folder changes."""
    with Scratch() as folder:
        make_project(folder, records="")
        write(folder, "requirement.md", requirement)
        before = snapshot(folder)
        expect_error(gpiot("synthesize", folder, "--endpoint", "http://127.0.0.1:9/v1"), code, what, *parts, **form)
        check(snapshot(folder) == before, f"{what}: the folder is as it was")


def front_matter():
    def line(key):
        return [text.split(" = ")[0] for text in REQUIREMENT.splitlines()].index(key) + 1

    def wrong(what, old, new, code, *parts, **form):
        refused(what, edited(old, new), code, "requirement.md", *parts, **form)

    wrong("an unknown evaluator", 'kind = "events"\ntolerance_ms', 'kind = "vibes"\ntolerance_ms', "unsupported",
          "evaluator.kind", 'got "vibes"', "events, change_points, anomaly, file, contract", remedy=False)
    wrong("a mistyped key", "rate_hz = 100", "rate_hertz = 100", "format", f"line {line('rate_hz')}",
          "data.rate_hertz", 'did you mean "rate_hz"?')
    wrong("a value of the wrong type", "rate_hz = 100", 'rate_hz = "100"', "format", f"line {line('rate_hz')}",
          "data.rate_hz", "got a text", remedy=False)
    wrong("a value out of range", "precision = 0.95", "precision = 95", "format", f"line {line('precision')}",
          "evaluator.precision", "got 95", remedy=False)
    wrong("a missing key", 'channel = "ecg"\n', "", "format", "data.channel", remedy=False)
    wrong("broken TOML", "rate_hz = 100", "rate_hz = = 100", "format", f"line {line('rate_hz')}", remedy=False,
          expected=False)
    wrong("a key given twice", "rate_hz = 100", "rate_hz = 100\nrate_hz = 200", "format",
          f"line {line('rate_hz') + 1}", "rate_hz", remedy=False, expected=False)
    wrong("a file pattern that leaves the data folder", 'files = "*.csv"', 'files = "../*.csv"', "format",
          f"line {line('files')}", "data.files", remedy=False)
    refused("no front matter", "Find every heartbeat.\n", "format", "line 1", "expected +++", remedy=False)
    refused("no end of the front matter", REQUIREMENT.replace("\n+++\n", "\n"), "format", "expected a second line +++",
            remedy=False)


def whole_files():
    refused("an empty file", b"", "format", "line 1", remedy=False)
    refused("a requirement without words", WITHOUT_WORDS, "format", "no statement")
    refused("a requirement of 1 MB", WITHOUT_WORDS + "beat " * 200_000, "capacity", "got 1000", remedy=False)
    refused("a statement of 9 kB", WITHOUT_WORDS + "beat " * 1800, "capacity", "statement", "got 8999 bytes")
    refused("bytes that are not UTF-8", REQUIREMENT.encode() + b"H\xe4ufig \xff\xfe\n", "format", "UTF-8",
            expected=False)
    refused("a control byte in the statement", REQUIREMENT + "a\x1b[2Jb", "format", "0x1b", remedy=False)
    with Scratch() as folder:
        os.mkfifo(os.path.join(folder, "requirement.md"))
        expect_error(gpiot("synthesize", folder, timeout_s=20), "format", "a pipe in its place", "got a device or pipe",
                     remedy=False)
    with Scratch() as folder:
        expect_error(gpiot("synthesize", folder), "not_found", "no requirement.md at all", "requirement.md")
        check(snapshot(folder) == {}, "a folder that is no project stays empty")


def in_words():
    with Scratch() as folder:
        data = os.path.join(folder, "data")
        os.mkdir(data)
        write(data, "a.hea", "a 1 100 2\na.dat 16 200 11 0 0 0 0 MLII\n")
        write(data, "a.dat", b"\0\0\1\0")
        before = snapshot(folder)

        def words(what, text, code, *parts, **form):
            done = gpiot("synthesize", text, "--data", data, "-o", os.path.join(folder, "made"))
            expect_error(done, code, what, *parts, **form)
            check(snapshot(folder) == before, f"{what}: nothing is made")

        words("no words", "", "invalid_argument", "empty")
        words("only blanks", " \n\t", "invalid_argument", "empty")
        words("100 kB of words", "beat " * 20_000, "capacity", "got 99999 bytes")
        words("words that are not UTF-8", os.fsdecode(b"H\xe4ufig"), "format", "UTF-8")
        words("words with a control byte", "clear\x1b[2J", "format", "0x1b", remedy=False)
        # Cutting a title between the bytes of a character would make a requirement.md that gpiot itself refuses.
        done = gpiot("decompose", "x", "--endpoint", "http://127.0.0.1:9/v1")
        expect_error(done, "not_found", "words without data", "no such project folder")
        title = "ä" * 40
        done = gpiot("synthesize", title, "--data", data, "-o", os.path.join(folder, "made"), "--endpoint",
                     "http://127.0.0.1:9/v1")
        check(done.returncode == 5, "long words of two-byte letters are taken, and one record without labels", shown(done))
        with open(os.path.join(folder, "made", "requirement.md"), encoding="utf-8") as file:
            check("ä" * 30 + '"' in file.read(), "the title is cut between characters")
        check(snapshot(data) == {name[5:]: entry for name, entry in before.items() if name[:5] == "data/"},
              "the data is as it was")


if __name__ == "__main__":
    front_matter()
    whole_files()
    in_words()
