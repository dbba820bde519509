"""Tests of runtime/mend_imports.py: what is imported in vain, or not at all.   Usage: mend_imports_test.py ROOT."""
import importlib.util
import os
import sys
import unittest

sys.path.insert(0, os.path.join(sys.argv.pop(1), "runtime"))

from mend_imports import mend_imports  # noqa: E402


@unittest.skipUnless(importlib.util.find_spec("numpy"), "no numpy in this Python")
class MendImports(unittest.TestCase):
    def test_names_of_numpy_come_from_numpy(self):
        code = "from numpy.fft import rfft, count_nonzero\n\n\ndef f(x):\n    return count_nonzero(rfft(x))"
        self.assertIn("from numpy.fft import rfft; from numpy import count_nonzero\n", mend_imports(code))

    def test_what_is_not_used_goes(self):
        self.assertEqual(mend_imports("from numpy import nothing_like_it\nx = 1"), "\nx = 1")

    def test_a_name_of_a_neighbour_comes_from_there(self):
        code = "from sklearn.ensemble import RandomForestClassifier, MultiOutputClassifier\nMultiOutputClassifier(RandomForestClassifier())"
        self.assertIn("from sklearn.ensemble import RandomForestClassifier; from sklearn.multioutput import MultiOutputClassifier\n",
                      mend_imports(code))
        self.assertIn("from scipy.ndimage import gaussian_filter1d as g\n", mend_imports("from scipy.signal import gaussian_filter1d as g\ng(1, 2)"))
        several = "from scipy.signal import nowhere_at_all\nnowhere_at_all()"
        self.assertEqual(mend_imports(several), several)

    def test_what_was_forgotten_is_imported_from_its_only_home(self):
        code = "import numpy as np\n\n\ndef f(x, n=3):\n    return [maximum_filter1d(v, n) for v in x]"
        self.assertEqual(mend_imports(code, ["numpy", "scipy"]), "from scipy.ndimage import maximum_filter1d\n" + code)
        self.assertEqual(mend_imports(code, ["numpy"]), code)
        self.assertEqual(mend_imports("def f(x):\n    return nowhere_at_all(len(x))", ["scipy"]),
                         "def f(x):\n    return nowhere_at_all(len(x))")

    def test_what_numpy_lacks_comes_from_its_only_home(self):
        code = "import numpy as np\ny = np.maximum_filter1d(np.abs(x), size=3)"
        self.assertEqual(mend_imports(code, ["numpy", "scipy"]), "from scipy.ndimage import maximum_filter1d\n"
                         "import numpy as np\ny = maximum_filter1d(np.abs(x), size=3)")
        for same in ("import numpy as np\ny = np.nowhere_at_all(x)", "np = 3\ny = np.maximum_filter1d"):
            self.assertEqual(mend_imports(same, ["scipy"]), same)

    def test_windows_come_from_their_module(self):
        code = "from scipy.signal import hann\nw = hann(8)"
        self.assertEqual(mend_imports(code), "from scipy.signal.windows import hann\nw = hann(8)")

    def test_a_slip_of_the_pen_is_the_only_name_near_it(self):
        for wrong, right in (("from numpy.fft import rffreq\nf = rffreq(8)", "from numpy.fft import rfftfreq as rffreq\nf = rffreq(8)"),
                             ("import numpy as np\nf = np.fft.rffreq(8)", "import numpy as np\nf = np.fft.rfftfreq(8)"),
                             ("import numpy as np\nf = np.linalg.normm(x)", "import numpy as np\nf = np.linalg.norm(x)")):
            self.assertEqual(mend_imports(wrong, ["numpy"]), right)
        for same in ("import numpy as np\nf = np.fft.fftt1(8)", "import numpy as np\nf = np.fft.fft(8)", "np = x\nf = np.fft.rffreq(8)"):
            self.assertEqual(mend_imports(same, ["numpy"]), same)

    def test_what_is_used_and_nowhere_stays_for_the_check(self):
        code = "from numpy import nothing_like_it\nx = nothing_like_it"
        self.assertEqual(mend_imports(code), code)

    def test_code_that_does_not_parse_stays(self):
        self.assertEqual(mend_imports("def f(:"), "def f(:")


if __name__ == "__main__":
    unittest.main()
