#include "gpiot/agents/python_fix.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <regex>
#include <set>
#include <sstream>

#include "gpiot/base/strings.h"

namespace gpiot::agents {
namespace {

constexpr std::size_t kLongestLine = 1000;  // std::regex recurses per character
constexpr std::size_t kLongestCode = 64 << 10;

struct Module {
  const char* name;
  const char* members;  ///< blank-separated
};

/// Where well-known functions live. A name stands in one row only.
constexpr std::array kModules = {
    Module{
        "scipy.signal",
        "argrelextrema argrelmax argrelmin bessel bilinear butter buttord cheby1 cheby2 coherence convolve2d correlate "
        "csd "
        "czt decimate deconvolve detrend ellip fftconvolve filtfilt find_peaks find_peaks_cwt firls firwin firwin2 "
        "freqz get_window group_delay hilbert iirfilter iirnotch iirpeak istft lfilter lfilter_zi lombscargle medfilt "
        "medfilt2d oaconvolve peak_prominences peak_widths periodogram remez resample resample_poly savgol_coeffs "
        "savgol_filter sosfilt sosfiltfilt sosfilt_zi sosfreqz spectrogram stft tf2sos welch wiener"},
    Module{"scipy.signal.windows", "hann hamming blackman blackmanharris boxcar bartlett flattop tukey"},
    Module{"scipy.ndimage",
           "binary_closing binary_dilation binary_erosion binary_fill_holes binary_opening center_of_mass convolve1d "
           "find_objects gaussian_filter gaussian_filter1d generic_filter label maximum_filter maximum_filter1d "
           "median_filter minimum_filter minimum_filter1d percentile_filter uniform_filter uniform_filter1d"},
    Module{"scipy.fft", "dct fft fft2 fftfreq fftshift idct ifft ifftshift irfft next_fast_len rfft rfftfreq"},
    Module{"scipy.interpolate",
           "Akima1DInterpolator CubicSpline PchipInterpolator UnivariateSpline griddata interp1d make_interp_spline "
           "splev splrep"},
    Module{"scipy.optimize",
           "brentq curve_fit fsolve least_squares linear_sum_assignment minimize minimize_scalar nnls"},
    Module{"scipy.stats",
           "entropy gaussian_kde iqr kurtosis linregress median_abs_deviation pearsonr skew spearmanr "
           "theilslopes trim_mean zscore"},
    Module{"scipy.integrate", "cumulative_trapezoid quad simpson solve_ivp trapezoid"},
    Module{"scipy.spatial.distance", "cdist pdist squareform"},
    Module{"collections", "Counter OrderedDict defaultdict deque"},
    Module{"itertools", "groupby"},
};

struct Renamed {
  const char* pattern;
  const char* now;
};

/// Names that current numpy and scipy no longer have.
constexpr std::array kRenamed = {
    Renamed{R"(\bsavitzky_golay\b)", "savgol_filter"},
    Renamed{R"(\bsavgol\()", "savgol_filter("},
    Renamed{R"(\bnp\.(int|float|bool|object|str|complex)\b(?!_))", "$1"},
    Renamed{R"(\bnp\.trapz\b)", "np.trapezoid"},
    Renamed{R"(\bnp\.(Inf|Infinity|PINF)\b)", "np.inf"},
    Renamed{R"(\bnp\.NaN\b)", "np.nan"},
    Renamed{R"(\bnp\.in1d\b)", "np.isin"},
    Renamed{R"(\bnp\.product\b)", "np.prod"},
    Renamed{R"(\bnp\.math\.)", "math."},
    Renamed{R"(\bscipy\.signal\.(hann|hamming|blackman|blackmanharris|boxcar|bartlett|flattop|tukey)\b)",
            "scipy.signal.windows.$1"},
    Renamed{R"(\bscipy\.integrate\.cumtrapz\b)", "scipy.integrate.cumulative_trapezoid"},
    Renamed{R"(\bscipy\.integrate\.trapz\b)", "scipy.integrate.trapezoid"},
    Renamed{R"(\bscipy\.integrate\.simps\b)", "scipy.integrate.simpson"},
};

std::vector<std::string> words(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> list;
  for (std::string word; stream >> word;) list.push_back(word);
  return list;
}

const char* module_of(const std::string& name) {
  for (const auto& module : kModules) {
    const auto members = words(module.members);
    if (std::find(members.begin(), members.end(), name) != members.end()) return module.name;
  }
  return nullptr;
}

bool has_member(const char* module, const std::string& name) {
  const char* home = module_of(name);
  return home != nullptr && std::string_view(home) == module;
}

struct ImportLine {
  std::string module;
  std::vector<std::pair<std::string, std::string>> names;  ///< name, alias
};

/// Reads "from module import a as b, c"; no module where the line is another.
ImportLine read_from_import(const std::string& line) {
  static const std::regex form(R"(^from ([\w.]+) import ([\w, ]+)$)");
  std::smatch match;
  ImportLine read;
  if (line.size() > 500 || !std::regex_match(line, match, form)) return read;
  read.module = match[1];
  for (const auto& part : base::split(match[2].str(), ',')) {
    const auto tokens = words(part);
    if (tokens.size() == 1) read.names.emplace_back(tokens[0], "");
    if (tokens.size() == 3 && tokens[1] == "as") read.names.emplace_back(tokens[0], tokens[2]);
  }
  return read;
}

/// Puts each imported well-known name into its right module; the line as it should be.
std::string right_import(const std::string& line) {
  const ImportLine read = read_from_import(line);
  if (read.names.empty() || read.module == "numpy" || read.module.rfind("numpy.", 0) == 0) return line;
  std::string text;
  bool moved = false;
  for (const auto& [name, alias] : read.names) {
    const char* home = module_of(name);
    const bool scipy = read.module == "scipy" || read.module.rfind("scipy.", 0) == 0;
    const std::string module = home != nullptr && scipy ? home : read.module;
    moved = moved || module != read.module;
    text += fmt::format("{}from {} import {}{}", text.empty() ? "" : "\n", module, name,
                        alias.empty() ? "" : " as " + alias);
  }
  return moved ? text : line;
}

/// A submodule imported by name and hidden by an input of that name: `signal.butter` becomes `scipy.signal.butter`.
void unhide_modules(std::string& code, const core::Specification& spec, std::vector<std::string>& mended) {
  for (const std::string submodule : {"signal", "fft", "stats", "ndimage", "interpolate", "optimize"}) {
    const bool hidden =
        std::any_of(spec.inputs.begin(), spec.inputs.end(), [&](const auto& input) { return input.name == submodule; });
    if (!hidden) continue;
    const std::string full = "scipy." + submodule;
    bool changed = false;
    std::string members;
    for (const auto& module : kModules) {
      if (module.name == full || std::string(module.name) == full + ".windows")
        members += std::string(module.members) + " ";
    }
    const std::string joined = base::replace_all(base::trim(members), " ", "|");
    const std::regex use("(^|[^\\w.])" + submodule + "\\.(windows|" + joined + ")\\b");
    const std::string after = std::regex_replace(code, use, "$1" + full + ".$2");
    changed = after != code;
    code = after;
    if (changed) {
      code = "import " + full + "\n" + code;
      mended.push_back(fmt::format("module {} was hidden by the input of that name", full));
    }
  }
}

/// Lines that only print become `pass`.
void drop_prints(std::string& code, std::vector<std::string>& mended) {
  std::string kept;
  bool dropped = false;
  for (const auto& line : base::split_lines(code)) {
    const std::string text = base::trim(line);
    const bool whole = text.rfind("print(", 0) == 0 && text.back() == ')';
    kept += whole ? line.substr(0, line.find('p')) + "pass\n" : line + "\n";
    dropped = dropped || whole;
  }
  code = kept;
  if (dropped) mended.emplace_back("print removed");
}

/// Code without comments and string contents, for looking up names.
std::string bare(std::string_view code) {
  std::string text;
  for (std::size_t i = 0; i < code.size();) {
    const char c = code[i];
    if (c == '#') {
      i = std::min(code.find('\n', i), code.size());
    } else if (c == '"' || c == '\'') {
      const std::string triple(3, c);
      const bool is_triple = code.substr(i, 3) == triple;
      const auto open = i + (is_triple ? 3 : 1);
      const auto close = is_triple ? code.find(triple, open) : code.find_first_of(std::string{c, '\n'}, open);
      if (close == std::string_view::npos) break;
      text += "''";
      i = close + (is_triple ? 3 : 1);
    } else {
      text += c;
      ++i;
    }
  }
  return text;
}

/// `rate`, `fs` and the like where the sampling rate has another name in this function.
void right_rate(std::string& code, const core::Specification& spec, std::vector<std::string>& mended) {
  const auto rate = std::find_if(spec.inputs.begin(), spec.inputs.end(), [](const auto& input) {
    return input.unit == "Hz" && input.type != "numpy.ndarray" && input.name.find("rate") != std::string::npos;
  });
  if (rate == spec.inputs.end()) return;
  const std::string text = bare(code);
  for (const std::string alias : {"rate", "fs", "sampling_rate", "sample_rate", "sampling_frequency", "sr"}) {
    const bool bound = std::regex_search(
        text, std::regex("\\b" + alias + "\\s*=[^=]|[(,]\\s*" + alias + "\\s*[,):]|\\bfor " + alias + "\\b"));
    const std::regex use("(^|[^\\w.])" + alias + "\\b(?!\\s*=[^=])");
    if (alias == rate->name || bound || !std::regex_search(text, use)) continue;
    code = std::regex_replace(code, use, "$1" + rate->name);
    mended.push_back(fmt::format("{} -> {}", alias, rate->name));
  }
}

/// Filters in the two forms of scipy, coefficients and sections, mixed up: the name they are given says which is meant.
void right_filters(std::string& code, std::vector<std::string>& mended) {
  const std::string design = R"(([\w.]*(?:butter|cheby1|cheby2|ellip|iirfilter))\(([^\n]*)\)[ \t]*(?=\n|#))";
  static const std::regex coefficients(R"((\bb, *a *= *))" + design);
  static const std::regex sections(R"((\bsos\w* *= *))" + design);
  static const std::regex output(R"(, *output *= *["'](sos|ba)["'])");
  std::string after;
  for (const auto& line : base::split_lines(code)) {
    std::smatch match;
    const std::string ended = line + "\n";
    std::string kept = line;
    if (std::regex_search(ended, match, coefficients) || std::regex_search(ended, match, sections)) {
      const bool is_sections = match[1].str().find("sos") != std::string::npos;
      const std::string arguments = std::regex_replace(match[3].str(), output, "");
      kept = std::string(match.prefix()) + match[1].str() + match[2].str() + "(" + arguments +
             (is_sections ? ", output=\"sos\")" : ")") + base::trim(match.suffix().str());
    }
    after += kept + "\n";
  }
  after = std::regex_replace(after, std::regex(R"(\bfiltfilt\((sos\w*, ))"), "sosfiltfilt($1");
  after = std::regex_replace(after, std::regex(R"(\blfilter\((sos\w*, ))"), "sosfilt($1");
  after = std::regex_replace(after, std::regex(R"(\bsosfiltfilt\((b, *a, ))"), "filtfilt($1");
  if (after == code || after == code + "\n") return;
  code = after;
  mended.emplace_back("the filter's form, coefficients or sections, is the one it is used in");
}

/// Two calls whose result or arguments are mistaken in one way only.
void right_calls(std::string& code, std::vector<std::string>& mended) {
  // Both halves of find_peaks' result are taken, and then the first once more.
  static const std::regex peaks(R"((\w+, *\w+ *= *[\w.]*find_peaks\([^\n]*\))\[0\](?=[ \t]*(\n|#|$)))");
  // The second argument of numpy's own max is an axis.
  static const std::regex largest(R"(\bnp\.(max|min)\((\d+), )");
  const std::string after = std::regex_replace(std::regex_replace(code, peaks, "$1"), largest, "$1($2, ");
  if (after == code) return;
  code = after;
  mended.emplace_back("a call with one mistake: find_peaks(...)[0] unpacked, or np.max(1, n)");
}

/// Types of numpy that stand alone: `dtype=int64`.
void right_types(std::string& code, std::vector<std::string>& mended) {
  static const std::regex use(R"((^|[^\w."'])(int64|int32|float64|float32)\b(?!["']))");
  const std::string text = bare(code);
  for (const std::string type : {"int64", "int32", "float64", "float32"}) {
    if (std::regex_search(text, std::regex("\\bimport [^\\n]*\\b" + type + "\\b|\\b" + type + "\\s*=[^=]"))) return;
  }
  const std::string after = std::regex_replace(code, use, "$1np.$2");
  if (after == code) return;
  code = after;
  mended.emplace_back("int64 -> np.int64");
}

/// Imports for names that are used and bound nowhere.
void add_imports(std::string& code, std::vector<std::string>& mended) {
  const std::string text = bare(code);
  const auto bound = [&](const std::string& name) {
    return std::regex_search(text, std::regex("(\\b(import|as|def|for)\\s+|\\bimport [^\\n]*\\b)" + name + "\\b")) ||
           std::regex_search(text, std::regex("(^|[\\n(,])\\s*" + name + "\\s*(=[^=]|,|\\))"));
  };
  std::set<std::string> lines;
  for (const auto& [name, line] : {std::pair{"np", "import numpy as np"},
                                   {"math", "import math"},
                                   {"signal", "from scipy import signal"},
                                   {"stats", "from scipy import stats"},
                                   {"ndimage", "from scipy import ndimage"}}) {
    if (std::regex_search(text, std::regex(std::string("(^|[^\\w.])") + name + "\\.\\w")) && !bound(name))
      lines.insert(line);
  }
  static const std::regex call(R"((^|[^\w.])([A-Za-z_]\w*)\()");
  for (auto at = std::sregex_iterator(text.begin(), text.end(), call); at != std::sregex_iterator(); ++at) {
    const std::string name = (*at)[2];
    if (const char* home = module_of(name); home != nullptr && !bound(name))
      lines.insert(fmt::format("from {} import {}", home, name));
  }
  static const std::regex dotted(
      R"((^|[^\w.])(scipy\.(signal|fft|stats|ndimage|interpolate|optimize|integrate|spatial))\.)");
  for (auto at = std::sregex_iterator(text.begin(), text.end(), dotted); at != std::sregex_iterator(); ++at) {
    const std::string module = (*at)[2];
    if (text.find("import " + module + "\n") == std::string::npos) lines.insert("import " + module);
  }
  for (const auto& line : lines) mended.push_back(line);
  for (auto line = lines.rbegin(); line != lines.rend(); ++line) code.insert(0, *line + "\n");
}

/// `signal.gaussian_filter1d` -> `scipy.ndimage.gaussian_filter1d`: the module is right for the name or is replaced.
void right_members(std::string& code, std::vector<std::string>& mended) {
  static const std::regex use(
      R"((^|[^\w.])((scipy\.)?(signal|ndimage|stats|fft|interpolate|optimize|integrate))\.(\w+)\()");
  std::string after;
  std::size_t done = 0;
  for (auto at = std::sregex_iterator(code.begin(), code.end(), use); at != std::sregex_iterator(); ++at) {
    const std::string name = (*at)[5];
    const char* home = module_of(name);
    const std::string module = "scipy." + (*at)[4].str();
    if (home == nullptr || home == module || has_member(module.c_str(), name)) continue;
    after += code.substr(done, static_cast<std::size_t>(at->position(2)) - done) + home + "." + name + "(";
    done = static_cast<std::size_t>(at->position(0) + at->length(0));
    mended.push_back(fmt::format("{}.{} -> {}.{}", module, name, home, name));
  }
  code = after + code.substr(done);
}

}  // namespace

MendedCode mend_python(std::string code, const core::Specification& spec) {
  MendedCode result;
  std::string lines;
  for (const auto& line : base::split_lines(code)) {
    if (line.size() > kLongestLine || code.size() > kLongestCode) return {std::move(code), {}};
    lines += right_import(line) + "\n";
  }
  if (lines != code) result.mended.emplace_back("imports put into their right modules");
  code = std::move(lines);
  for (const auto& [pattern, now] : kRenamed) {
    const std::string after = std::regex_replace(code, std::regex(pattern), now);
    if (after != code) result.mended.push_back(fmt::format("a name that is gone -> {}", now));
    code = after;
  }
  unhide_modules(code, spec, result.mended);
  right_members(code, result.mended);
  drop_prints(code, result.mended);
  right_types(code, result.mended);
  right_filters(code, result.mended);
  right_calls(code, result.mended);
  right_rate(code, spec, result.mended);
  add_imports(code, result.mended);
  result.code = std::move(code);
  return result;
}

}  // namespace gpiot::agents
