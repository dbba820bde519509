#include "gpiot/agents/place_plan.h"

#include <fmt/format.h>

#include <algorithm>

#include "gpiot/agents/outlines.h"
#include "gpiot/agents/subtask_text.h"
#include "gpiot/base/strings.h"

namespace gpiot::agents {
namespace {

std::string words_of(const core::Variable& variable) { return base::replace_all(variable.name, "_", " "); }

core::SubTask subtask(const std::string& name, std::vector<std::string> steps) {
  return {name, base::to_identifier(name), std::move(steps)};
}

bool is_sequence(const core::Variable& input) {
  return input.type == "numpy.ndarray" && shape_dims(input.shape).size() == 1;
}

/// The only sequence; null where there is none, or something else beside it and its sampling rate.
const core::Variable* only_sequence(const core::Requirement& requirement) {
  const auto* input = only_input(requirement);
  return input != nullptr && is_sequence(*input) ? input : nullptr;
}

}  // namespace

std::vector<core::SubTask> place_plan(const core::Requirement& requirement) {
  const auto& result = requirement.result;
  const auto* sequence = only_sequence(requirement);
  const bool wanted = result.kind == "value" && result.variable.type == "float" && !result.learned;
  if (!wanted || requirement.labels.format.empty() || sequence == nullptr) return {};
  const auto signal = words_of(*sequence);
  const auto value = words_of(result.variable);
  return {subtask(fmt::format("Find place of {}", value),
                  {fmt::format("Subtract from the {} the straight line that fits it best.", signal),
                   "Compute its spectrum or its envelope, whichever tells more.",
                   "Return where that has its top, between the bounds that can occur."}),
          subtask("Estimate " + value,
                  {"Multiply the place by a scale and add an offset, both measured on labelled items."})};
}

std::vector<core::Specification> place_specs(const core::Requirement& requirement,
                                             std::span<const core::SubTask> subtasks) {
  const auto plan = place_plan(requirement);
  if (plan.empty() || to_markdown(plan) != to_markdown(subtasks)) return {};
  const auto& result = requirement.result.variable;
  const bool taken = result.name == "place" || std::ranges::any_of(requirement.data.inputs, [](const auto& input) {
                       return input.name == "place";
                     });
  const core::Variable place{taken ? "place_of_top" : "place", "float", "", "", "", "in samples, or cycles per sample"};
  return {{.subtask = plan[0],
           .target = fmt::format("Returns where the {} stands out.", words_of(*only_sequence(requirement))),
           .inputs = requirement.data.inputs,
           .outputs = {place}},
          {.subtask = plan[1],
           .target = fmt::format("Returns the {} that the place tells.", words_of(result)),
           .inputs = {place},
           .outputs = {result}}};
}

}  // namespace gpiot::agents
