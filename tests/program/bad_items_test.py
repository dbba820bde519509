"""Data that is read as a table of items, and whole records of odd size, number and name: broken, mixed, with gaps, out
of order, with labels that say nothing, in archives and pickles. Each is refused with a message of its own before a
token is spent, or read with a note.

Usage: bad_items_test.py GPIOT_BINARY ROOT.   Exit status 0 when every check holds, 77 when there is no sandbox Python.
"""
import io
import os
import pickle
import random
import struct
import tarfile
import time
import zipfile

from scripted_model import Model
from small_project import REQUIREMENT, ROWS, edited, make_project
from support import Scratch, check, expect_error, gpiot, need_sandbox, no_fault, shown, snapshot, write

ITEMS = ROWS + """column = "y"
[split]
by = "index"
[result]
kind = "class"
learned = true
[result.variable]
name = "answer"
type = "str"
[evaluator]
kind = "classification"
accuracy = 0.1
+++
Tell it.
"""
ARRAYS = edited('"csv"', '"npz"', edited('"*.csv"', '"*.npz"', edited('columns = ["u", "v"]', 'key = "x"', edited(
    'format = "column"\ncolumn = "y"', 'format = "key"\nkey = "y"', ITEMS))))
WINDOWS = edited('items = "row"', 'items = "window"\nwindow_s = 2\nrate_hz = 10',
                 edited('by = "index"', 'by = "time"', ITEMS))
MAIN = """import json, sys
args = dict(zip(sys.argv[1::2], sys.argv[2::2]))
facts = json.load(open(args["--data"] + "/records.json"))
labels = json.load(open(args["--data"] + "/train/labels.json"))
with open(args["--out"], "w") as file:
    for i, record in enumerate(facts["records"]):
        file.write(json.dumps({"record": record, "answer": labels[i % len(labels)]}) + "\\n")
"""
HEAD = "u,v,y,who,time\n"


def rows(n=40, first=0, label=lambda i: "ab"[i % 2], who=lambda i: f"p{i // 10}", value=lambda i: f"{i % 7}.5"):
    return "".join(f"{value(i)},{i},{label(i)},{who(i)},{i}\n" for i in range(first, first + n))


def refused(what, code, *parts, requirement=ITEMS, files=None, remedy=True, expected=True, within_s=60):
    """synthesize refuses the data, asks the model nothing, changes no file of the user's and takes no long time."""
    model = Model()
    with Scratch() as folder:
        write(folder, "requirement.md", requirement)
        for name, content in (files or {}).items():
            content(folder) if callable(content) else write(folder, "data/" + name, content)
        before = snapshot(folder, but=(".gpiot", "data"))
        start = time.monotonic()
        done = gpiot("synthesize", folder, *model.options())
        wall_s = time.monotonic() - start
        expect_error(done, code, what, *parts, remedy=remedy, expected=expected)
        check(not model.asked and snapshot(folder, but=(".gpiot", "data")) == before and wall_s < within_s,
              f"{what}: no token, no change, {wall_s:.1f} s", str(model.asked)[:300])


def read(what, *notes, requirement=ITEMS, files=None):
    """The data is read, and what is odd about it is said."""
    with Scratch() as folder:
        write(folder, "requirement.md", requirement)
        write(folder, "app/main.py", MAIN)
        for name, content in (files or {}).items():
            write(folder, "data/" + name, content)
        done = gpiot("run", folder, "--final", timeout_s=200)
        no_fault(done, what)
        check(done.returncode in (0, 3) and "error" not in done.stderr, f"{what}: it is read", shown(done))
        for note in notes:
            check(note in done.stderr, f"{what}: it is said: {note}", shown(done))
        return done


def npy(shape, values, kind="<f8"):
    """The bytes of an npy file, made without numpy."""
    head = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}".encode()
    head += b" " * (64 - (10 + len(head) + 1) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head + values


def npz(**arrays):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in arrays.items():
            archive.writestr(name + ".npy", content)
    return packed.getvalue()


def floats(count, value=lambda i: float(i)):
    return b"".join(struct.pack("<d", value(i)) for i in range(count))


def broken_and_mixed():
    refused("a table with a broken row", "data", "b.csv", files={"a.csv": HEAD + rows(), "b.csv": HEAD + rows(9) + "1,2\n"})
    refused("a table with text among its numbers", "data", "a.csv", "'u'", "text",
            files={"a.csv": HEAD + rows(value=lambda i: "high" if i == 30 else "1")})
    refused("two tables of different columns", "data", "b.csv", "'v'",
            files={"a.csv": HEAD + rows(), "b.csv": "u,w,y\n1,2,a\n3,4,b\n"})
    refused("an empty table", "data", "b.csv", "empty file", files={"a.csv": HEAD + rows(), "b.csv": ""})
    refused("a table of the head alone", "data", "a.csv", files={"a.csv": HEAD})
    refused("a picture in the place of a table", "data", "a.csv", files={"a.csv": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + b"\0" * 99})
    refused("an array that is cut short", "data", "a.npz", requirement=ARRAYS,
            files={"a.npz": npz(x=npy("(40, 2)", floats(80)), y=npy("(40,)", floats(40)))[:300]})


def gaps_and_lengths():
    read("gaps in the values", "'values': 3 values are NaN",
         files={"a.csv": HEAD + rows(value=lambda i: "" if i in (3, 4, 30) else "1")})
    read("gaps in the labels", "2 of 40 items left out: no label",
         files={"a.csv": HEAD + rows(label=lambda i: "" if i in (3, 4) else "ab"[i % 2])})
    refused("arrays of unequal length", "data", "a.npz", "40", requirement=ARRAYS,
            files={"a.npz": npz(x=npy("(40, 2)", floats(80)), y=npy("(39,)", floats(39)))})
    whole = edited('items = "row"', 'items = "file"', edited('by = "index"', 'by = "file"', ARRAYS))
    lengths = {f"r{i}.npz": npz(x=npy(f"({5 + i}, 2)", floats(2 * (5 + i))), y=npy("(1,)", floats(1, lambda _: i % 2)))
               for i in range(8)}
    read("files of unequal length", "'values': lengths 5 to 12", requirement=whole, files=lengths)
    refused("windows longer than the data", "data", "items", "none", requirement=WINDOWS, files={"a.csv": HEAD + rows(15)})


def labels():
    refused("a label column that is not there", "data", "'y'", "'u', 'v'", files={"a.csv": "u,v,z\n1,2,a\n3,4,b\n"})
    refused("a label array that is not there", "data", "'y'", requirement=ARRAYS,
            files={"a.npz": npz(x=npy("(40, 2)", floats(80)))})
    refused("one class only", "data", "all labels are the same", 'got "a" for 40 items', "at least two classes",
            files={"a.csv": HEAD + rows(label=lambda i: "a")}, remedy=False)
    numbers = edited('kind = "class"', 'kind = "value"', edited('type = "str"', 'type = "float"', edited(
        'kind = "classification"\naccuracy = 0.1', 'kind = "regression"\nmae = 1', ITEMS)))
    read("a label that is constant", "all items have the same label: 7", requirement=numbers,
         files={"a.csv": HEAD + rows(label=lambda i: "7")})
    refused("numbers promised, words found", "data", "labels holds no number", requirement=numbers,
            files={"a.csv": HEAD + rows()}, remedy=False, expected=False)
    subjects = edited('by = "index"', 'by = "subject"\nsubject = "who"', ITEMS)
    refused("one subject only", "data", "there is only one subject to part: got anna, expected at least two",
            requirement=subjects, files={"a.csv": HEAD + rows(who=lambda i: "anna")})
    refused("a subject column that is not there", "data", "'whom'",
            requirement=edited('subject = "who"', 'subject = "whom"', subjects), files={"a.csv": HEAD + rows()})


def order_and_units():
    shuffled = rows().splitlines(keepends=True)
    random.Random(1).shuffle(shuffled)
    for requirement in (WINDOWS, edited('by = "index"', 'by = "time"', ITEMS)):
        refused("time stamps out of order", "data", "time stamps of 'time'", "earlier than the row before",
                "rows in the order of time", requirement=requirement, files={"a.csv": HEAD + "".join(shuffled)})
    read("the same where order does not count", files={"a.csv": HEAD + "".join(shuffled)})
    refused("windows in seconds without a rate", "data", "[data] rate_hz: got none",
            requirement=edited("\nrate_hz = 10", "", WINDOWS), files={"a.csv": HEAD + rows()})
    rate = edited("[labels]", '[[data.inputs]]\nname = "rate_hz"\ntype = "float"\nunit = "Hz"\n[labels]', ITEMS)
    refused("an input in Hz without a rate", "data", "[data] rate_hz: got none", "an input in Hz needs it",
            requirement=rate, files={"a.csv": HEAD + rows()})


def huge():
    def sparse(name, head):
        def make(folder):
            path = write(folder, "data/" + name, head)
            os.truncate(path, 2 << 30)
        return make

    for what, name, head, requirement in (
            ("a table of 2 GB", "b.csv", HEAD + rows(), ITEMS),
            ("an npy header before 2 GB", "b.npz", npz(x=npy("(40, 2)", floats(80)), y=npy("(40,)", floats(40))), ARRAYS)):
        refused(what, "data", name, "2147483648 bytes", "at most 1073741824", requirement=requirement,
                files={"huge": sparse(name, head)}, within_s=60)
    model = Model()
    with Scratch() as folder:
        make_project(folder)
        os.truncate(os.path.join(folder, "data", "c.csv"), 2 << 30)
        start = time.monotonic()
        done = gpiot("synthesize", folder, *model.options())
        no_fault(done, "a record of 2 GB")
        check(done.returncode != 0 and "c.csv" in done.stderr and "error (" in done.stderr and not model.asked,
              f"a record of 2 GB is refused by its name, {time.monotonic() - start:.1f} s", shown(done))


def many_small_files():
    whole = edited('items = "row"', 'items = "file"', edited('by = "index"', 'by = "file"', ITEMS))
    start = time.monotonic()
    done = read("a thousand small files", requirement=whole,
                files={f"r{i:04}.csv": f"u,v,y\n{i},1,{'ab'[i % 2]}\n{i},2,{'ab'[i % 2]}\n" for i in range(1000)})
    check("400 records" in done.stderr and time.monotonic() - start < 150, "all of them are parted", shown(done))
    with Scratch() as folder:
        write(folder, "requirement.md", edited('development = ["a", "b"]\nfinal = ["c"]', "final_share = 0.5", REQUIREMENT))
        for i in range(1000):
            write(folder, f"data/r{i:04}.csv", "ecg\n" + "0.1\n" * 60)
            write(folder, f"data/r{i:04}.beats", "sample\n30\n")
        write(folder, "app/main.py", "raise SystemExit('stopped')\n")
        done = gpiot("run", folder, "--final")
        no_fault(done, "a thousand records")
        check("500 records of the final part" in done.stderr, "a thousand records are parted", shown(done))


def odd_names():
    whole = edited('items = "row"', 'items = "file"', edited('by = "index"', 'by = "file"', ITEMS))
    names = ["mein Lauf.csv", "данные.csv", "測定 2.csv", "a\nb.csv", "-rf.csv", "quote'\".csv", "semi;colon.csv", "ü.csv"]
    read("names with spaces, line ends and other letters", requirement=whole,
         files={name: f"u,v,y\n{i},1,{'ab'[i % 2]}\n" for i, name in enumerate(names)})
    for name, what in (("a\nb", "a line end"), ("a\x1b[31mb", "an escape sequence")):
        model = Model()
        with Scratch() as folder:
            make_project(folder)
            for end in (".csv", ".beats"):
                os.rename(os.path.join(folder, "data", "c" + end), os.path.join(folder, "data", name + end))
            done = gpiot("synthesize", folder, *model.options())
            expect_error(done, "data", f"a record with {what} in its name", "a name that is not text", "one line")
            check("\x1b" not in done.stderr and not model.asked, f"{what} does not reach the terminal", shown(done))
    with Scratch() as folder:
        make_project(folder, edited('final = ["c"]', 'final = ["mesure à deux"]'))
        for end in (".csv", ".beats"):
            os.rename(os.path.join(folder, "data", "c" + end), os.path.join(folder, "data", "mesure à deux" + end))
        write(folder, "app/main.py", "import json, sys\nargs = dict(zip(sys.argv[1::2], sys.argv[2::2]))\n"
              "facts = json.load(open(args['--data'] + '/records.json'))\nprint(open(args['--data'] + '/test/' + "
              "facts['records'][0] + '.csv').readline())\nopen(args['--out'], 'w').write(json.dumps("
              "{'record': facts['records'][0], 'r_peaks': [1]}) + '\\n')\n")
        done = gpiot("run", folder, "--final")
        check(done.returncode == 3 and "precision" in done.stdout, "a record with a space and an accent is measured",
              shown(done))


def archives_and_pickles():
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        entry = tarfile.TarInfo("a.csv")
        entry.size = 4
        archive.addfile(entry, io.BytesIO(b"u,v\n"))
    inside = io.BytesIO()
    with zipfile.ZipFile(inside, "w") as archive:
        archive.writestr("a.csv", HEAD + rows())
    bomb = pickle.dumps({"x": [1, 2]})
    for what, content in (("a zip archive", inside.getvalue()), ("a tar archive", packed.getvalue()),
                          ("a gzip archive", b"\x1f\x8b\x08\0" + b"\0" * 60), ("a pickle", bomb)):
        refused(f"{what} in the place of a table", "data", "a.csv", what, "a file of format csv", files={"a.csv": content})
        if what != "a zip archive":
            refused(f"{what} in the place of arrays", "data", "a.npz", what, requirement=ARRAYS, files={"a.npz": content})
    refused("a zip archive of tables in the place of arrays", "data", "a.npz", requirement=ARRAYS,
            files={"a.npz": inside.getvalue()})
    objects = npz(x=npy("(2,)", bomb, "|O"), y=npy("(2,)", floats(2)))
    refused("arrays of objects", "data", "a.npz", "object", requirement=ARRAYS, files={"a.npz": objects})
    refused("an archive in the place of the folder", "data", "got a file, expected a folder",
            requirement=edited('path = "data"', 'path = "data/all.zip"', ITEMS), files={"all.zip": inside.getvalue()})
    with Scratch() as folder:
        path = write(folder, "all.zip", inside.getvalue())
        expect_error(gpiot("init", "Tell what it is", "--data", path, "-o", folder + "/made"), "not_found",
                     "init with an archive", "no such data folder", expected=False)
        check(not os.path.exists(folder + "/made/requirement.md"), "and writes nothing")


if __name__ == "__main__":
    need_sandbox()
    broken_and_mixed()
    gaps_and_lengths()
    labels()
    order_and_units()
    huge()
    many_small_files()
    odd_names()
    archives_and_pickles()
