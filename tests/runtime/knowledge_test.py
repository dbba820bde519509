"""Tests of runtime/knowledge_package.py: what it tells of installed packages.   Usage: knowledge_test.py ROOT."""
import importlib
import importlib.util
import inspect
import sys
import time
import unittest

from knowledge_case import Case

import knowledge_docstring
import knowledge_package
from knowledge_object import describe
from knowledge_signature import from_docstring, signature_of

HAS_SCIPY = all(importlib.util.find_spec(n) for n in ("numpy", "scipy", "pandas", "sklearn", "pywt"))
ABOUT = {"package": "p", "version": "1", "aliases": [], "max_characters": 60000}
KINDS = {"positional_only": 0, "positional_or_keyword": 1, "var_positional": 2, "keyword_only": 3, "var_keyword": 4}
NUMPY_STYLE = """Find the peaks. Then rest.

    More words, e.g. these.

    .. deprecated:: 1.2
        Use other.

    Parameters
    ----------
    x, y : array_like
        Both signals.
    rate : float, optional, default: 2.5
        The rate in Hz.

        A second paragraph.
    cutoff : float
        In the same units as `rate`.
    delay : {'a', 'b'}, default 'a'
        Delay (ms).
    *args
    **kwargs : dict

    Returns
    -------
    peaks : ndarray
        Indices of :func:`~p.peaks` of ``x``.
    bool

    Raises
    ------
    ValueError
        If `x` is empty.

    See Also
    --------
    find, scipy.signal.other : Other words.

    Notes
    -----
    Some [1]_ notes.

    **Array API Standard Support**

    Words about it.
    See :ref:`dev-arrayapi` for more information.

    References
    ----------
    .. [1] A book.

    Examples
    --------
    >>> peaks([1])
    0
    """
GOOGLE_STYLE = """Reads a record.

    Args:
        name (str): The name,
            and more.
        rate (float, optional): In hertz. Defaults to 4.
        **more: Anything.

    Returns:
        dict: the record

    Raises:
        IOError: if there is none.

    Example:
        >>> read("a")
    """


class Known(unittest.TestCase):
    def compare(self, thing, function):
        expected = [(p.name, int(p.kind), "-" if p.default is p.empty else repr(p.default))
                    for p in inspect.signature(function).parameters.values()]
        got = [(p["name"], KINDS[p["kind"]], "-" if p["default"] is None else p["default"])
               for p in thing["parameters"] if p["kind"] != "documented"]
        self.assertEqual(got, expected)
        self.assertEqual((thing["signature_from"], thing["call_known"]), ("inspect", True))

    @unittest.skipUnless(HAS_SCIPY, "no scipy and its friends in this Python")
    def test_well_known_functions_have_their_parameters(self):
        for name, kind in (("scipy.signal.butter", "function"), ("numpy.percentile", "function"),
                           ("pandas.read_csv", "function"), ("sklearn.ensemble.RandomForestClassifier", "class")):
            module, _, last = name.rpartition(".")
            obj = getattr(importlib.import_module(module), last)
            thing = describe(name, kind, obj, ABOUT)
            self.compare(thing, obj)
            told = [p["name"] for p in thing["parameters"] if p["kind"] not in ("documented", "var_keyword")]
            without = [p["name"] for p in thing["parameters"] if p["name"] in told and not (p["text"] and p["type"])]
            self.assertEqual(without, [], name)
            self.assertGreater(len(thing["returns"]) + (kind == "class"), 0)
            self.assertTrue(thing["summary"].endswith(".") and thing["examples"] and thing["see_also"], name)
            self.assertTrue(thing["text"].startswith(f"{name}({told[0]}"))

    @unittest.skipUnless(HAS_SCIPY, "no scipy and its friends in this Python")
    def test_what_they_say_is_there(self):
        from scipy import signal
        butter = {p["name"]: p for p in describe("scipy.signal.butter", "function", signal.butter, ABOUT)["parameters"]}
        self.assertEqual((butter["Wn"]["unit"], butter["N"]["required"], butter["fs"]["required"]), ("as fs", True, False))
        self.assertIn("'sos'", butter["output"]["type"])
        peaks = describe("scipy.signal.find_peaks", "function", signal.find_peaks, ABOUT)
        self.assertEqual({p["name"]: p["unit"] for p in peaks["parameters"]}["distance"], "samples")
        self.assertEqual([r["name"] for r in peaks["returns"]], ["peaks", "properties"])


class Docstrings(unittest.TestCase):
    def test_numpy_style(self):
        told = knowledge_docstring.parse(NUMPY_STYLE, "peaks")
        self.assertEqual((told["summary"], told["extended"]), ("Find the peaks.", "Then rest.\n\nMore words, e.g. these."))
        self.assertEqual(told["deprecated"], "1.2 Use other.")
        by_name = {p["name"]: p for p in told["parameters"]}
        self.assertEqual(list(by_name), ["x", "y", "rate", "cutoff", "delay", "args", "kwargs"])
        self.assertEqual((by_name["x"]["type"], by_name["y"]["text"]), ("array_like", "Both signals."))
        self.assertEqual((by_name["rate"]["default"], by_name["rate"]["unit"]), ("2.5", "Hz"))
        self.assertEqual(by_name["rate"]["text"], "The rate in Hz. A second paragraph.")
        self.assertEqual((by_name["delay"]["default"], by_name["delay"]["unit"]), ("'a'", "ms"))
        self.assertEqual(by_name["cutoff"]["unit"], "as rate")
        self.assertEqual([(r["name"], r["type"]) for r in told["returns"]], [("peaks", "ndarray"), ("", "bool")])
        self.assertEqual(told["returns"][0]["text"], "Indices of peaks of `x`.")
        self.assertEqual(told["raises"], [{"name": "ValueError", "text": "If `x` is empty."}])
        self.assertEqual(told["see_also"], ["find", "scipy.signal.other"])
        self.assertEqual(told["others"], [("Notes", "Some notes.")])
        self.assertEqual(told["examples"], ">>> peaks([1])\n0")

    def test_google_style(self):
        told = knowledge_docstring.parse(GOOGLE_STYLE)
        self.assertEqual([(p["name"], p["type"], p["text"]) for p in told["parameters"]],
                         [("name", "str", "The name, and more."), ("rate", "float, optional", "In hertz. Defaults to 4."),
                          ("more", "", "Anything.")])
        self.assertEqual((told["returns"][0]["type"], told["returns"][0]["text"]), ("dict", "the record"))
        self.assertEqual((told["raises"][0]["name"], told["examples"]), ("IOError", '>>> read("a")'))

    def test_fields(self):
        told = knowledge_docstring.parse("Does.\n\n:param int n: how many\n   of them\n:param m: more\n:type m: float\n:returns: x\n")
        self.assertEqual([(p["name"], p["type"], p["text"]) for p in told["parameters"]],
                         [("n", "int", "how many of them"), ("m", "float", "more")])
        self.assertEqual((told["summary"], told["returns"][0]["text"]), ("Does.", "x"))

    def test_odd_ones_do_not_fail(self):
        odd = [None, "", " ", "\n\n", 3, "---\n---", "Parameters\n----------", "Parameters\n----------\n: int\n  x",
               "Parameters\n----------\n    x : int\n  y : int\nz", "Args:\n  (((\n", "Returns:\n    :", "Raises\n------\n\n",
               "See Also\n--------\n: :", ":param:", ":param : x", "a" * 100000, "Args:\n" + "    x: y\n" * 5000, "f(" * 3000,
               "\ud800", "x\n\t- y\n===", "Parameters\n----------\nx : " + "(" * 5000]
        for doc in odd:
            told = knowledge_docstring.parse(doc, "f")
            self.assertEqual(set(told), set(knowledge_docstring.parse("")))
        self.assertEqual(knowledge_docstring.first_sentence("As in e.g. Fig. 2 of the\nbook. Second."),
                         "As in e.g. Fig. 2 of the book.")


class Signatures(unittest.TestCase):
    def test_calls_written_in_docstrings(self):
        def read(doc):
            told = from_docstring(doc, "f")
            return [(p["name"], KINDS[p["kind"]], p["required"], p["default"]) for p in told["parameters"]], told["call_known"]
        self.assertEqual(read("f(a, /, b=(1, 2), *, c='x, y')\n\nDoes."),
                         ([("a", 0, True, None), ("b", 1, False, "(1, 2)"), ("c", 3, False, "'x, y'")], True))
        self.assertEqual(read("f(x[, y[, z]], **kw)"),
                         ([("x", 1, True, None), ("y", 1, False, None), ("z", 1, False, None), ("kw", 4, False, None)], True))
        self.assertEqual(read("a.f(*args, n) -> int"), ([("args", 2, False, None), ("n", 3, True, None)], True))
        self.assertEqual(read("f([start,] stop[, step,], dtype=None)")[1], False, "who binds first is not known")
        self.assertEqual(read("f(x)\nf(x, y)\n\nTwo forms.")[1], False)
        self.assertEqual(read("f(x, ...)")[1], False)
        for doc in ("Does.", "f(x", "f", "g(x)", None):
            self.assertEqual(from_docstring(doc, "f")["signature_from"], "none", doc)

    def test_defaults_are_the_same_text_in_every_run(self):
        def f(a, *rest, b=object(), c=list(range(1000)), **more):
            pass
        told = signature_of(f, "f", "")
        self.assertNotIn("0x", told["signature"])
        self.assertLess(len(told["signature"]), 300)
        self.assertRegex(told["signature"], r"^\(a, \*rest, b=<object object>, c=\[0, .*\.\.\., \*\*more\)$")
        self.assertEqual(signature_of(lambda a, b, /, c, *, d: 0, "f", "", True)["signature"], "(b, /, c, *, d)")


class Packages(Case):
    script = knowledge_package

    def setUp(self):
        super().setUp()
        sys.path.insert(0, self.data)
        self.addCleanup(sys.path.remove, self.data)

    def read(self, package, **limits):
        importlib.invalidate_caches()
        self.run_script({"packages": [package], "limits": limits})
        return {thing["name"]: thing for thing in self.lines("objects.jsonl")}

    def test_each_public_object_once_under_its_shortest_path(self):
        self.write("shop/__init__.py", "from shop.deep.tools import weigh\nfrom os import getcwd\nfrom shop._own import Box\n"
                   "__all__ = ['weigh', 'Box', 'gone']\n")
        self.write("shop/_own.py", "class Base:\n def size(self, unit='m'):\n  'Size.'\nclass Box(Base):\n 'A box.'\n n = 1\n"
                   " def __init__(self, w, /, h=2): pass\n @property\n def w(self): 'Width.'\n"
                   " @staticmethod\n def of(a, b): 'Of.'\n @classmethod\n def by(cls, c): 'By.'\n def _no(self): 'No.'\n")
        self.write("shop/deep/__init__.py", "'Deep.'\n")
        self.write("shop/deep/tools.py", "from shop._own import Box\ndef weigh(x): 'Weigh.'\ndef other(): 'Other.'\ndef _no(): 'No.'\n"
                   "def untold(): pass\n")
        self.write("shop/tests/__init__.py", "def test(): 'Test.'\n")
        found = self.read("shop")
        self.assertEqual(sorted(found), ["shop", "shop.Box", "shop.Box.by", "shop.Box.of", "shop.Box.size",
                                         "shop.deep.tools", "shop.deep.tools.other", "shop.weigh"])
        self.assertEqual(found["shop.weigh"]["aliases"], ["shop.deep.tools.weigh"])
        self.assertEqual((found["shop.Box"]["kind"], found["shop.Box"]["signature"]), ("class", "(w, /, h=2)"))
        self.assertEqual((found["shop.Box"]["methods"], found["shop.Box"]["attributes"]), (["by", "of", "size"], ["n", "w"]))
        self.assertEqual([found["shop.Box." + n]["signature"] for n in ("by", "of", "size")], ["(c)", "(a, b)", "(unit='m')"])
        self.assertEqual((found["shop"]["kind"], found["shop"]["names"]), ("module", ["Box", "weigh"]))

    def test_modules_that_fail_are_named_and_deprecated_ones_left_out(self):
        self.write("bad/__init__.py", "def good(): 'Good.'\n")
        self.write("bad/broken.py", "1 / 0\n")
        self.write("bad/leaves.py", "import sys\nsys.exit(0)\n")
        self.write("bad/old.py", "import warnings\nwarnings.warn('bad.old is deprecated', DeprecationWarning)\ndef f(): 'F.'\n")
        self.write("bad/shim.py", "import warnings\n__all__ = ['g']\ndef __getattr__(name):\n"
                   " warnings.warn('use bad', DeprecationWarning)\n return lambda: 0\n")
        found = self.read("bad")
        self.assertEqual(sorted(found), ["bad", "bad.good"])
        skipped = {s["module"]: s["why"] for s in self.told("packages.json")["packages"][0]["skipped"]}
        self.assertEqual(sorted(skipped), ["bad.broken", "bad.leaves", "bad.old"])
        self.assertIn("ZeroDivisionError", skipped["bad.broken"])

    def test_what_packages_print_is_in_no_output(self):
        self.write("loud/__init__.py", "import os, sys\nprint('{}')\nos.write(1, b'{}')\nos.write(2, b'x')\n"
                   "print('y', file=sys.stderr)\ndef f(): 'F.'\n")
        self.assertEqual(sorted(self.read("loud")), ["loud", "loud.f"])
        self.assertEqual(self.told("packages.json")["packages"][0]["cut"], "")

    def test_a_time_limit_for_each_package(self):
        self.write("slow/__init__.py", "def f(): 'F.'\n")
        self.write("slow/waits.py", "import time\ntime.sleep(100)\n")
        begin = time.monotonic()
        self.assertEqual(sorted(self.read("slow", seconds=0.5)), [])
        self.assertEqual(self.told("packages.json")["packages"][0]["cut"], "more than 0.5 s")
        self.write("busy/__init__.py", "while True: pass\n")
        self.read("busy", cpu_seconds=0.3)
        self.assertIn("on a core", self.told("packages.json")["packages"][0]["cut"])
        self.assertLess(time.monotonic() - begin, 20)

    def test_objects_before_an_end_by_force_are_kept(self):
        self.write("dies/__init__.py", "import os\ndef a(): 'A.'\nclass B:\n 'B.'\n @property\n def __signature__(self): pass\n"
                   "class M(type):\n @property\n def __signature__(cls): os._exit(1)\nclass z(metaclass=M): 'Z.'\n")
        found = self.read("dies")
        self.assertIn("dies.a", found)
        self.assertNotIn("dies.z", found)
        self.assertIn("stopped", self.told("packages.json")["packages"][0]["cut"])

    def test_unknown_packages_and_jobs_are_refused(self):
        self.write("fine/__init__.py", "def f(): 'F.'\n")
        importlib.invalidate_caches()
        _, errors = self.run_script({"packages": ["no_such_thing", "../x", "a\nb", "fine"]})
        self.assertEqual(len(errors), 3)
        self.assertEqual(len(self.lines("objects.jsonl")), 2)
        for job in ([], {"packages": []}, {"packages": "fine"}, {"packages": ["fine"], "limits": {"seconds": -1}},
                    {"packages": ["fine"], "limits": {"hours": 1}}, {}):
            self.assertEqual(self.run_script(job)[0], 3)
        self.read("fine", objects=1)
        self.assertEqual((len(self.lines("objects.jsonl")), self.told("packages.json")["packages"][0]["cut"]),
                         (1, "more than 1 objects"))

    @unittest.skipUnless(HAS_SCIPY, "no scipy and its friends in this Python")
    def test_real_packages_by_the_name_of_their_distribution_too(self):
        found = self.read("PyWavelets")
        self.assertIn("pywt.Wavelet.wavefun", found)
        self.assertEqual(found["pywt.wavedec"]["parameters"][2]["default"], "'symmetric'")
        found = self.read("numpy")
        self.assertGreater(len(found), 1000)
        self.assertIn("numpy.memmap.mean", found["numpy.ndarray.mean"]["aliases"])
        for name in ("numpy.linalg.norm", "numpy.random.Generator.normal", "numpy.add"):
            self.assertTrue(found[name]["call_known"] and found[name]["summary"], name)
        self.assertEqual([n for n in found if "._" in n or "test" in n.split(".")], [])


if __name__ == "__main__":
    unittest.main()
