#include "gpiot/agents/python_fix.h"

#include <gtest/gtest.h>

namespace gpiot::agents {
namespace {

core::Specification with_input(const std::string& name) {
  core::Specification spec;
  spec.inputs = {{name, "numpy.ndarray", "float64", "(n_samples,)", "", ""}};
  return spec;
}

std::string mend(const std::string& code, const std::string& input = "x") {
  return mend_python(code, with_input(input)).code;
}

TEST(MendPython, AddsMissingImports) {
  EXPECT_EQ(mend("def f(x):\n    return np.mean(medfilt(x))\n"),
            "from scipy.signal import medfilt\nimport numpy as np\ndef f(x):\n    return np.mean(medfilt(x))\n");
  EXPECT_EQ(mend("def f(x):\n    return scipy.stats.zscore(x)\n"),
            "import scipy.stats\ndef f(x):\n    return scipy.stats.zscore(x)\n");
}

TEST(MendPython, LeavesRightCodeAlone) {
  const std::string code =
      "import numpy as np\nfrom scipy.signal import butter, filtfilt\n\n\ndef f(x, label=1.0):\n"
      "    # np2.mean is not used; wiener( either\n    def welch(y):\n        return y\n"
      "    b, a = butter(2, 0.5)\n    return welch(filtfilt(b, a, x)) * np.float64(label)\n";
  const auto mended = mend_python(code, with_input("x"));
  EXPECT_EQ(mended.code, code);
  EXPECT_TRUE(mended.mended.empty());
}

TEST(MendPython, MovesNamesToTheirModule) {
  EXPECT_EQ(mend("from scipy.signal import gaussian_filter1d\ndef f(x):\n    return gaussian_filter1d(x, 2)\n"),
            "from scipy.ndimage import gaussian_filter1d\ndef f(x):\n    return gaussian_filter1d(x, 2)\n");
  EXPECT_EQ(
      mend("import scipy.signal\nimport scipy.ndimage\ndef f(x):\n    return scipy.signal.uniform_filter1d(x, 2)\n"),
      "import scipy.signal\nimport scipy.ndimage\ndef f(x):\n    return scipy.ndimage.uniform_filter1d(x, 2)\n");
}

TEST(MendPython, ReplacesNamesThatAreGone) {
  EXPECT_EQ(mend("import numpy as np\ndef f(x):\n    return np.trapz(x.astype(np.int), x.astype(np.int_))\n"),
            "import numpy as np\ndef f(x):\n    return np.trapezoid(x.astype(int), x.astype(np.int_))\n");
}

TEST(MendPython, FindsAModuleHiddenByAnInput) {
  EXPECT_EQ(mend("from scipy import signal\ndef f(signal):\n    return signal.detrend(signal).mean() + signal.size\n",
                 "signal"),
            "import scipy.signal\nfrom scipy import signal\ndef f(signal):\n    return "
            "scipy.signal.detrend(signal).mean() + signal.size\n");
}

TEST(MendPython, KnowsTheRateByItsNameInTheFunction) {
  core::Specification spec = with_input("x");
  spec.inputs.push_back({"rate_hz", "float", "", "", "Hz", ""});
  EXPECT_EQ(mend_python("def f(x, rate_hz):\n    return x * rate + fs\n", spec).code,
            "def f(x, rate_hz):\n    return x * rate_hz + rate_hz\n");
  const std::string own = "def f(x, rate_hz):\n    fs = 2 * rate_hz\n    return g(x, fs=fs)\n";
  EXPECT_EQ(mend_python(own, spec).code, own);
}

TEST(MendPython, RemovesPrints) {
  EXPECT_EQ(mend("def f(x):\n    if x:\n        print('a', x)\n    return x\n"),
            "def f(x):\n    if x:\n        pass\n    return x\n");
}

TEST(MendPython, StandsAnyText) {
  for (const auto* text :
       {"", "\n", "((((", "from scipy import", "import", "\"\"\"", "from scipy.signal import butter as\n"}) {
    (void)mend(text);
  }
  (void)mend(std::string(100000, 'a'));
  (void)mend(std::string(100000, '"'));
}

TEST(MendPython, TypesAndFilterCoefficientsAsTheyAreMeant) {
  core::Specification spec;
  const auto types = mend_python("import numpy as np\n\ndef f(x):\n    return np.array(x, dtype=int64)\n", spec);
  EXPECT_NE(types.code.find("dtype=np.int64"), std::string::npos);
  const auto quoted = mend_python("import numpy as np\n\ndef f(x):\n    return x.astype('int64')\n", spec);
  EXPECT_TRUE(quoted.mended.empty());
  const auto mended = [&](const std::string& body) {
    return mend_python("from scipy.signal import butter, filtfilt, sosfiltfilt\n\ndef f(x):\n    " + body + "\n", spec)
        .code;
  };
  EXPECT_NE(mended("b, a = butter(2, [1, 2], fs=9, output=\"sos\")").find("b, a = butter(2, [1, 2], fs=9)\n"),
            std::string::npos);
  EXPECT_NE(mended("sos = butter(2, [1, 2], fs=9)  # band").find("fs=9, output=\"sos\")"), std::string::npos);
  EXPECT_NE(mended("return filtfilt(sos, x)").find("return sosfiltfilt(sos, x)"), std::string::npos);
  EXPECT_NE(mended("return sosfiltfilt(b, a, x)").find("return filtfilt(b, a, x)"), std::string::npos);
  EXPECT_NE(mended("p, _ = find_peaks(x, height=1)[0]").find("p, _ = find_peaks(x, height=1)\n"), std::string::npos);
  EXPECT_NE(mended("p = find_peaks(x)[0]").find("p = find_peaks(x)[0]"), std::string::npos);
  EXPECT_NE(mended("n = np.max(1, int(x))").find("n = max(1, int(x))"), std::string::npos);
  const std::string right = "sos = butter(2, 1, fs=9, output=\"sos\")";
  EXPECT_NE(mended(right).find(right + "\n"), std::string::npos);
}

}  // namespace
}  // namespace gpiot::agents
