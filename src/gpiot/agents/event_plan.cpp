#include "gpiot/agents/event_plan.h"

#include <fmt/format.h>

#include <algorithm>

#include "gpiot/agents/outlines.h"
#include "gpiot/agents/subtask_text.h"
#include "gpiot/base/strings.h"

namespace gpiot::agents {
namespace {

/// The sequences of an item, where all inputs are sequences of one length and the sampling rate; else none.
std::vector<core::Variable> sequences_of(const core::Requirement& requirement) {
  std::vector<core::Variable> sequences;
  const auto* rate = rate_input(requirement);
  for (const auto& input : requirement.data.inputs) {
    if (rate != nullptr && input.name == rate->name) continue;
    const auto dims = shape_dims(input.shape);
    const bool fits = input.type == "numpy.ndarray" && (dims.size() == 1 || dims.size() == 2);
    if (!fits || (!sequences.empty() && shape_dims(sequences.front().shape).front() != dims.front())) return {};
    sequences.push_back(input);
  }
  return sequences;
}

core::SubTask subtask(const std::string& name, std::vector<std::string> steps) {
  return {name, base::to_identifier(name), std::move(steps)};
}

}  // namespace

std::vector<core::SubTask> event_plan(const core::Requirement& requirement) {
  const auto& result = requirement.result;
  const bool wanted = result.kind == "events" && !result.learned && !requirement.labels.format.empty();
  const auto sequences = sequences_of(requirement);
  if (!wanted || rate_input(requirement) == nullptr || sequences.empty()) return {};
  std::vector<std::string> names;
  for (const auto& one : sequences) names.push_back(base::replace_all(one.name, "_", " "));
  const auto signal = base::join(names, " and ");
  const auto events = base::replace_all(result.variable.name, "_", " ");
  return {subtask("Measure strength of " + events,
                  {fmt::format("Filter the {} to the band of the {}, without delay.", signal, events),
                   "Take its size, its level or its slope, smoothed, one value for every sample."}),
          subtask("Locate " + events,
                  {"Find where the strength is above a limit between its middle and its top.",
                   fmt::format("Return the maxima there, or where its rise begins, as the {}.", events)})};
}

std::vector<core::Specification> event_specs(const core::Requirement& requirement,
                                             std::span<const core::SubTask> subtasks) {
  const auto plan = event_plan(requirement);
  if (plan.empty() || to_markdown(plan) != to_markdown(std::vector(subtasks.begin(), subtasks.end()))) return {};
  auto inputs = sequences_of(requirement);
  const auto samples = shape_dims(inputs.front().shape).front();
  const auto taken = [&](const std::string& name) {
    return requirement.result.variable.name == name ||
           std::ranges::any_of(requirement.data.inputs, [&](const auto& input) { return input.name == name; });
  };
  const core::Variable strength{
      taken("strength") ? "strength_of_event" : "strength", "numpy.ndarray", "float64", "(" + samples + ",)", "",
      "how much of an event there is at each sample"};
  const auto rate = *rate_input(requirement);
  inputs.push_back(rate);
  const auto events = base::replace_all(requirement.result.variable.name, "_", " ");
  return {{.subtask = plan[0],
           .target = fmt::format("Tells how much of one of the {} there is at each sample.", events),
           .inputs = std::move(inputs),
           .outputs = {strength}},
          {.subtask = plan[1],
           .target = fmt::format("Returns where the {} are.", events),
           .inputs = {strength, rate},
           .outputs = {requirement.result.variable}}};
}

}  // namespace gpiot::agents
