#include "gpiot/agents/worked_example.h"

#include <algorithm>
#include <array>
#include <string>

#include "gpiot/agents/outlines.h"
#include "gpiot/base/strings.h"

namespace gpiot::agents {
namespace {

constexpr std::array kOnsetWords = {"start",   "onset", "begin",  "opening", "closing", "pause",     "stop",
                                    "arrival", "depar", " enter", "leav",    "switch",  "change in", "change of"};
constexpr std::array kStretchWords = {"stretch",   "first sample", "mask",       "start of",
                                      "starts of", "mark each",    "truth value"};

constexpr std::array kRateWords = {"1/min", "/min", "per minute", "per hour", "bpm", "count", "how many", "number of"};
constexpr std::array kPulseWords = {"maxima", "peaks", "time between", "intervals between", "successive"};

/// Samples/s from which on what starts is a pulse rather than a state: nobody samples slow states that fast.
constexpr double kRateOfPulses = 300;

template <std::size_t N>
bool speaks_of(const std::string& text, const std::array<const char*, N>& words) {
  const auto lower = base::to_lower(text);
  return std::ranges::any_of(words, [&](const char* word) { return lower.find(word) != std::string::npos; });
}

/// True where the first sample of something is wanted, not its middle.
bool starts_wanted(const core::Requirement& requirement) {
  const auto& evaluator = requirement.evaluator.kind;
  const auto& wanted = requirement.result.variable;
  return evaluator == "change_points" || evaluator == "anomaly" ||
         speaks_of(wanted.name + " " + wanted.description + " " + requirement.title, kOnsetWords);
}

}  // namespace

bool has_channels(const core::Requirement& requirement) {
  return std::ranges::any_of(requirement.data.inputs, [](const core::Variable& input) {
    return input.type == "numpy.ndarray" && shape_dims(input.shape).size() == 2;
  });
}

bool is_reading(const core::Requirement& requirement) {
  const auto& data = requirement.data;
  if (data.items != "row" || data.sources.size() != data.inputs.size()) return false;
  for (std::size_t i = 0; i < data.inputs.size(); ++i) {
    if (data.inputs[i].type == "numpy.ndarray" && data.sources[i].columns.empty()) return false;
  }
  return !data.inputs.empty();
}

bool stands_beside_features(const core::Requirement& requirement) {
  constexpr double kMostNumbers =
      64;  // a day by the hour and what belongs to it: a choice, longer ones were not measured
  if (is_reading(requirement)) return true;
  double numbers = 0;
  for (const auto& input : requirement.data.inputs) {
    if (input.type != "numpy.ndarray") continue;
    double size = 1;
    for (const auto& part : base::split(base::replace_all(base::replace_all(input.shape, "(", ""), ")", ""), ',')) {
      const auto text = base::trim(part);
      if (text.empty()) continue;
      if (text.size() > 4 || text.find_first_not_of("0123456789") != std::string::npos) return false;
      size *= std::stoi(text);
    }
    numbers += size;
  }
  return numbers > 0 && numbers <= kMostNumbers;
}

std::vector<std::string_view> example_kinds(const core::Requirement& requirement) {
  const auto& result = requirement.result;
  if (result.learned) {
    if (result.kind != "class") return {is_reading(requirement) ? "estimate" : "sequence"};
    return {is_reading(requirement) ? "reading" : "class"};
  }
  if (result.kind == "series") return {"series"};
  if (result.kind == "value") {
    const auto& [name, type, dtype, shape, unit, description] = result.variable;
    const bool counted = speaks_of(unit + " " + name + " " + description, kRateWords);
    return counted ? std::vector<std::string_view>{"counts", "value"}
                   : std::vector<std::string_view>{"value", "counts"};
  }
  if (result.kind != "events") return {"value"};
  const std::string_view starts = has_channels(requirement) ? "channels" : "onsets";
  const bool fast = requirement.data.rate_hz >= kRateOfPulses || requirement.data.format == "wav";
  const bool first = starts_wanted(requirement) && !fast;
  return {first ? starts : "events", first ? "events" : starts};
}

std::string_view example_of_plan(const core::Requirement& requirement, std::span<const core::SubTask> subtasks) {
  const auto kinds = example_kinds(requirement);
  if (kinds.size() == 1) return kinds.front();
  const auto follows = [&](const auto& words) {
    return std::ranges::any_of(subtasks, [&](const core::SubTask& subtask) {
      return speaks_of(subtask.name + " " + base::join(subtask.steps, " "), words);
    });
  };
  if (requirement.result.kind == "value") return follows(kPulseWords) ? "counts" : "value";
  if (has_channels(requirement) && follows(kStretchWords)) return "channels";
  return follows(kStretchWords) ? "onsets" : "events";
}

}  // namespace gpiot::agents
