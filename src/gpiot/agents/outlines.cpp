#include "gpiot/agents/outlines.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "gpiot/base/strings.h"

namespace gpiot::agents {

std::string requirement_outline(const core::Requirement& requirement) {
  const std::string statement = base::trim(requirement.statement);
  return requirement.title.empty() ? statement : requirement.title + ". " + statement;
}

std::string requirement_line(const core::Requirement& requirement) {
  constexpr std::size_t kLongest = 300;
  std::string text = requirement_outline(requirement);
  text = base::replace_all(text.substr(0, text.find("\n\n")), "\n", " ");
  if (text.size() <= kLongest) return text;
  const auto stop = text.rfind(". ", kLongest);
  if (stop != std::string::npos) return text.substr(0, stop + 1);
  return text.substr(0, text.rfind(' ', kLongest));
}

std::string time_rule(const core::Requirement& requirement, const core::Specification& spec) {
  const auto* rate = rate_input(requirement);
  if (rate == nullptr) return "";
  const bool given =
      std::any_of(spec.inputs.begin(), spec.inputs.end(), [&](const auto& input) { return input.name == rate->name; });
  if (!given) return "";
  return fmt::format(
      "- Time spans are parameters in seconds; max(1, int(round(span_s * {0}))) is their number of samples. "
      "Frequencies "
      "are in Hz and stay below {0} / 2.\n",
      rate->name);
}

std::string subtask_outline(std::span<const core::SubTask> subtasks) {
  std::string text;
  for (std::size_t k = 0; k < subtasks.size(); ++k) text += fmt::format("{}. {}\n", k + 1, subtasks[k].name);
  return base::trim(text);
}

std::string neighbour_outline(std::span<const core::Specification> specs, std::size_t index) {
  std::string text;
  if (index > 0) text += "Before it: " + specs[index - 1].target + "\n";
  if (index + 1 < specs.size()) text += "After it: " + specs[index + 1].target + "\n";
  return base::trim(text);
}

std::string step_outline(const core::SubTask& subtask) {
  std::string text;
  for (const auto& step : subtask.steps) text += "- " + step + "\n";
  return base::trim(text);
}

std::string signature(const core::Specification& spec) {
  std::vector<std::string> names;
  for (const auto& input : spec.inputs) names.push_back(input.name);
  return fmt::format("def {}({}", spec.subtask.identifier, base::join(names, ", "));
}

std::string package_outline(std::span<const std::string> packages) {
  return fmt::format("{}", fmt::join(packages, ", "));
}

const core::Variable* rate_input(const core::Requirement& requirement) {
  for (const auto& input : requirement.data.inputs) {
    const bool scalar = input.type == "float" || input.type == "int";
    const std::string text = base::to_lower(input.name + " " + input.description);
    if (scalar && input.unit == "Hz" && (text.find("rate") != std::string::npos)) return &input;
  }
  return nullptr;
}

bool speaks_of_time(const std::string& text) {
  constexpr std::array kWords = {"hz",       "second", "millisecond", " ms",      "minute", "hour",
                                 "duration", "cutoff", "cut-off",     "frequenc", "window", "interval"};
  const std::string lower = base::to_lower(text);
  return std::any_of(kWords.begin(), kWords.end(),
                     [&](const char* word) { return lower.find(word) != std::string::npos; });
}

std::vector<std::string> shape_dims(const std::string& shape) {
  std::vector<std::string> dims;
  for (const auto& part : base::split(base::replace_all(base::replace_all(shape, "(", ""), ")", ""), ',')) {
    if (auto dim = base::trim(part); !dim.empty()) dims.push_back(std::move(dim));
  }
  return dims;
}

}  // namespace gpiot::agents
