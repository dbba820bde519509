#include "gpiot/agents/outlines.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "gpiot/agents/parser_plan.h"
#include "gpiot/agents/references.h"
#include "gpiot/agents/spec_text.h"
#include "gpiot/base/strings.h"

namespace gpiot::agents {
namespace {

/// What an entry of the reference says of its package, and the package.
struct OfPackage {
  const char* mark;
  const char* package;
};
constexpr std::array kOfPackage = {OfPackage{" of scipy", "scipy"}, OfPackage{" of sklearn", "sklearn"}};

}  // namespace

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

std::string problem_outline(const core::Requirement& requirement, const std::string& statement) {
  return fmt::format("Problem:\n{}\n\nGiven:\n{}\nWanted:\n{}", statement, to_markdown(requirement.data.inputs),
                     to_markdown(requirement.result.variable));
}

std::string subtask_outline(std::span<const core::SubTask> subtasks) {
  std::string text;
  for (std::size_t k = 0; k < subtasks.size(); ++k) text += fmt::format("{}. {}\n", k + 1, subtasks[k].name);
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
  return fmt::format("def {}({}, ...)", spec.subtask.identifier, base::join(names, ", "));
}

std::string fitting_calls(const std::string& reference, const core::Specification& spec,
                          std::span<const std::string> packages) {
  constexpr std::size_t kMostCalls = 6;
  const std::string steps = base::to_lower(base::join(spec.subtask.steps, "\n"));
  const auto missing = [&](const std::string& line) {
    return std::ranges::any_of(kOfPackage, [&](const auto& of) {
      return line.find(of.mark) != std::string::npos && std::ranges::find(packages, of.package) == packages.end();
    });
  };
  std::string text;
  std::size_t count = 0;
  for (const auto& line : base::split_lines(reference)) {
    const auto bar = line.find(" | ");
    if (line.rfind("- ", 0) != 0 || bar == std::string::npos || count == kMostCalls) continue;
    const auto words = base::split(line.substr(2, bar - 2), ',');
    const bool fits = std::any_of(words.begin(), words.end(),
                                  [&](const auto& word) { return steps.find(base::trim(word)) != std::string::npos; });
    if (!fits || missing(line)) continue;
    text += "- " + line.substr(bar + 3) + "\n";
    ++count;
  }
  return text.empty() ? "" : "Calls that fit:\n" + text + "\n";
}

std::map<std::string, std::string> function_values(const PromptSet& prompts, const core::Requirement& requirement,
                                                   const core::Specification& spec,
                                                   std::span<const core::Reference> references) {
  const std::string learned = requirement.result.learned ? prompts.text("reference_learned") + "\n" : "";
  std::string calls = fitting_calls(learned + prompts.text("reference"), spec, requirement.packages);
  if (const auto lines = reference_lines(references, calls); !lines.empty()) {
    calls = (calls.empty() ? "Calls that fit:\n" : calls.substr(0, calls.size() - 1)) + lines + "\n";
  }
  return {{"calls", calls},
          {"target", spec.target},
          {"inputs", to_markdown(spec.inputs)},
          {"outputs", to_markdown(spec.outputs)},
          {"steps", step_outline(spec.subtask)},
          {"signature", is_parser(requirement) ? base::replace_all(signature(spec), ", ...)", ")") : signature(spec)}};
}

const core::Variable* rate_input(const core::Requirement& requirement) {
  const auto& data = requirement.data;
  for (std::size_t i = 0; i < data.inputs.size(); ++i) {
    const auto& input = data.inputs[i];
    const bool has_no_source = i < data.sources.size() && data.sources[i] == core::InputSource();
    const bool scalar = input.type == "float" || input.type == "int";
    const std::string text = base::to_lower(input.name + " " + input.description);
    if (scalar && input.unit == "Hz" && (has_no_source || text.find("rate") != std::string::npos)) return &input;
  }
  return nullptr;
}

const core::Variable* only_input(const core::Requirement& requirement) {
  const auto* rate = rate_input(requirement);
  const core::Variable* only = nullptr;
  for (const auto& input : requirement.data.inputs) {
    if (&input == rate) continue;
    if (only != nullptr) return nullptr;
    only = &input;
  }
  return only;
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
