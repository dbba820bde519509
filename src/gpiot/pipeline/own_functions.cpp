#include "gpiot/pipeline/own_functions.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "gpiot/agents/learner.h"
#include "gpiot/agents/outlines.h"
#include "gpiot/agents/rate_plan.h"
#include "gpiot/base/error.h"
#include "gpiot/base/files.h"
#include "gpiot/base/strings.h"

namespace gpiot::pipeline {
namespace {

constexpr std::string_view kWhere = "pipeline.own_functions";
constexpr std::string_view kQuotes = "\"\"\"";

bool may_use(const core::Requirement& requirement, std::span<const std::string_view> packages) {
  return std::ranges::all_of(packages, [&](const auto package) {
    return std::ranges::find(requirement.packages, package) != requirement.packages.end();
  });
}

bool is_numeric(const core::Variable& variable) {
  const auto& type = variable.type;
  return type == "numpy.ndarray" || type == "float" || type == "int" || type == "bool";
}

/// A file of runtime/own: what it says of itself, and its code, in which the function is `own`.
struct OwnFile {
  std::string about;
  std::string code;
};

OwnFile read_own(const std::filesystem::path& runtime, const std::string& name) {
  const auto text = base::read_file(runtime / "own" / name, std::string(kWhere));
  const auto end = text.find(kQuotes, kQuotes.size());
  if (!text.starts_with(kQuotes) || end == std::string::npos || text.find("def own(") == std::string::npos) {
    throw base::Error(base::ErrorCode::Internal, std::string(kWhere),
                      name + ": got no docstring or no function `own`, expected both", "install gpiot again");
  }
  return {base::replace_all(text.substr(kQuotes.size(), end - kQuotes.size()), "\n", " "),
          base::trim(text.substr(end + kQuotes.size())) + "\n"};
}

/// `code` with the text of a file of runtime/own in place of each line that imports from it: an application's functions
/// stand alone.
std::string with_helpers(const std::filesystem::path& runtime, const std::string& code) {
  constexpr std::string_view kFrom = "from ";
  std::string whole;
  for (const auto& line : base::split(code, '\n')) {
    const auto name = line.starts_with(kFrom) ? line.substr(kFrom.size(), line.find(" import ") - kFrom.size()) : "";
    const auto file = runtime / "own" / fmt::format("{}.py", name);
    if (name.empty() || !std::filesystem::is_regular_file(file)) {
      whole.append(line).append(1, '\n');
      continue;
    }
    const auto text = base::read_file(file, std::string(kWhere));
    if (whole = base::trim(whole); !whole.empty()) whole.append(3, '\n');
    whole += base::trim(text.substr(text.find(kQuotes, kQuotes.size()) + kQuotes.size())) + "\n";
  }
  return base::trim(whole) + "\n";
}

/// The file's function as the one that `spec` wants: its name, and its inputs in the place of `*inputs`.
CheckedCandidate made_for(const core::Specification& spec, const OwnFile& file) {
  std::vector<std::string> all, sequences;
  std::string rate = "rate_hz";
  for (const auto& input : spec.inputs) {
    all.push_back(input.name);
    if (input.unit == "Hz") rate = input.name;
    if (input.unit != "Hz") sequences.push_back(input.name);
  }
  const auto list = base::join(all, ", ");
  auto code = base::replace_all(file.code, "def own(", "def " + spec.subtask.identifier + "(");
  if (code.find("(strength, rate_hz,") != std::string::npos) code = base::replace_all(code, "strength", all.front());
  if (!sequences.empty()) code = base::replace_all(code, "next(iter(inputs))", sequences.front());
  code = base::replace_all(code, "*inputs, rate_hz", list);
  code = base::replace_all(code, "*inputs", list);
  code = base::replace_all(code, "rate_hz", rate);
  code = base::replace_all(code, "in inputs:", fmt::format("in ({},):", list));
  code = base::replace_all(code, "in inputs]", fmt::format("in ({},)]", base::join(sequences, ", ")));
  return {std::move(code), file.about, 0, std::string(kOwnOrigin), {}};
}

/// Bounds in Hz, 0 for none.
struct Band {
  double low = 0;
  double high = 0;
};

/// One sequence whose rate is that of sounds and of what shakes, and the rate.
bool is_sound(const core::Requirement& requirement, const core::Specification& spec) {
  constexpr double kLeastHz = 2000;
  const auto is_sequence = [](const core::Variable& input) {
    return input.type == "numpy.ndarray" && agents::shape_dims(input.shape).size() == 1;
  };
  const auto is_rate = [](const core::Variable& input) { return input.type == "float" && input.unit == "Hz"; };
  return requirement.data.rate_hz >= kLeastHz && spec.inputs.size() == 2 &&
         std::ranges::count_if(spec.inputs, is_sequence) == 1 && std::ranges::count_if(spec.inputs, is_rate) == 1;
}

}  // namespace

CheckedCandidate own_function(const std::filesystem::path& runtime, const std::string& file,
                              const core::Specification& spec, std::string_view standing, const std::string& instead) {
  auto own = read_own(runtime, file);
  own.code = with_helpers(runtime, own.code);
  if (!standing.empty()) own.code = base::replace_all(own.code, standing, instead);
  return made_for(spec, own);
}

std::vector<CheckedCandidate> own_functions(const std::filesystem::path& runtime, const core::Requirement& requirement,
                                            const core::Specification& spec) {
  constexpr std::array<std::string_view, 1> kOfFeatures = {"numpy"};
  constexpr std::array<std::string_view, 2> kOfLearner = {"numpy", "sklearn"};
  if (!requirement.result.learned) return {};
  if (agents::is_learner(spec)) {
    if (!may_use(requirement, kOfLearner)) return {};
    return {
        own_function(runtime, requirement.result.kind == "class" ? "plain_classifier.py" : "plain_regressor.py", spec)};
  }
  if (!agents::gives_features(spec) || spec.inputs.empty() || !std::ranges::all_of(spec.inputs, is_numeric)) return {};
  if (!may_use(requirement, kOfFeatures)) return {};
  std::vector<CheckedCandidate> own = {own_function(runtime, "plain_features.py", spec)};
  if (is_sound(requirement, spec)) {
    own.push_back(own_function(runtime, "sound_features.py", spec));
    own.back().origin += ", of sounds";
  }
  return own;
}

std::vector<std::vector<CheckedCandidate>> own_event_functions(const std::filesystem::path& runtime,
                                                               std::span<const core::Specification> specs,
                                                               const Gaps& gaps, double rate_hz) {
  constexpr std::string_view kStrength = "kind=\"size\", low_hz=0.0, high_hz=0.0, smooth_s=0.0";
  constexpr std::string_view kPlaces = "kind=\"peak\", level=0.5, top_share=0.01, distance_s=0.5, least_s=0.05";
  constexpr double kFewSamples = 3;
  constexpr double kNearer = 0.8;  // what is to come, than what was labelled
  const double gap_s = gaps.usual_s;
  std::vector<std::vector<CheckedCandidate>> own(2);
  const auto add = [&](std::size_t step, const char* file, std::string_view standing, const std::string& instead) {
    own[step].push_back(own_function(runtime, file, specs[step], standing, instead));
    own[step].back().origin += fmt::format(", {}", instead.substr(0, instead.find(',')));
  };
  const Band slow{0.2 / gap_s, 4 / gap_s}, fast{20 / gap_s, 400 / gap_s}, below{0, 4 / gap_s};
  for (const auto* const kind : {"size", "quiet", "level", "drop", "rise", "fall", "step", "step_down"}) {
    const std::string_view name = kind;
    const auto bands = name == "size" || name == "quiet" ? std::vector{slow, fast, Band{}}
                       : name.starts_with("step")        ? std::vector{Band{}}
                                                         : std::vector{slow, below};
    for (const auto& band : bands) {
      if (band.low > 0.3 * rate_hz) continue;
      add(0, "event_strength.py", kStrength,
          fmt::format("kind=\"{}\", low_hz={:.3g}, high_hz={:.3g}, smooth_s={:.3g}", kind, band.low, band.high,
                      std::max(0.1 * gap_s, kFewSamples / rate_hz)));
    }
  }
  for (const auto* const kind : {"peak", "foot", "start", "sized"}) {
    add(1, "event_places.py", kPlaces,
        fmt::format("kind=\"{}\", level=0.5, top_share=0.02, distance_s={:.3g}, least_s={:.3g}", kind, 0.5 * gap_s,
                    std::max(0.02 * gap_s, 1 / rate_hz)));
    if (gaps.least_s <= 0) continue;
    own[1].back().code = base::replace_all(own[1].back().code, "nearest_s = 1e9",
                                           fmt::format("nearest_s = {:.3g}", kNearer * gaps.least_s));
  }
  return own;
}

std::vector<std::vector<CheckedCandidate>> own_rate_functions(const std::filesystem::path& runtime,
                                                              const core::Requirement& requirement,
                                                              std::span<const core::Specification> specs) {
  constexpr std::array<std::string_view, 2> kPackages = {"numpy", "scipy"};
  std::vector<core::SubTask> subtasks;
  for (const auto& spec : specs) subtasks.push_back(spec.subtask);
  const auto plan = agents::rate_plan_of(requirement, subtasks);
  if (!plan || agents::rate_specs(requirement, subtasks).empty() || !may_use(requirement, kPackages)) return {};
  auto band = own_function(runtime, "rate_band.py", specs[0], "low_hz=0.5, high_hz=4.0, order=2, size=False",
                           fmt::format("low_hz={:.4g}, high_hz={:.4g}, order=2, size={}", plan->filter.low,
                                       plan->filter.high, plan->pulses ? "True" : "False"));
  auto top = own_function(runtime, "rate_top.py", specs[1], "low_hz=0.5, high_hz=4.0, units_per_hz=60.0",
                          fmt::format("low_hz={:.4g}, high_hz={:.4g}, units_per_hz={:.6g}", plan->band.low,
                                      plan->band.high, plan->units_per_hz));
  return {{std::move(band)}, {std::move(top)}};
}

Gaps gaps_of(const eval::Events& events, std::span<const eval::RecordFacts> records) {
  constexpr std::size_t kOneOf = 50;
  std::vector<double> gaps;
  double length_s = 0, count = 0;
  for (const auto& record : records) {
    const auto found = events.find(record.id);
    if (found == events.end() || record.rate_hz <= 0) continue;
    length_s += static_cast<double>(record.samples) / record.rate_hz;
    count += static_cast<double>(found->second.size());
    for (std::size_t i = 1; i < found->second.size(); ++i)
      gaps.push_back(static_cast<double>(found->second[i] - found->second[i - 1]) / record.rate_hz);
  }
  if (gaps.empty()) return {count > 0 && length_s > 0 ? length_s / count : 1, 0};
  std::ranges::sort(gaps);
  return {gaps[gaps.size() / 2], gaps[gaps.size() / kOneOf]};
}

bool is_own(const CheckedCandidate& candidate) { return candidate.origin.starts_with(kOwnOrigin); }

std::vector<std::string> own_among(std::span<const CheckedCandidate> steps,
                                   std::span<const core::Specification> specs) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < std::min(steps.size(), specs.size()); ++i) {
    if (is_own(steps[i])) names.push_back(specs[i].subtask.identifier);
  }
  return names;
}

}  // namespace gpiot::pipeline
