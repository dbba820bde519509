#include "gpiot/agents/plain_plan.h"

#include <fmt/format.h>

#include <algorithm>

#include "gpiot/agents/event_plan.h"
#include "gpiot/agents/learner.h"
#include "gpiot/agents/outlines.h"
#include "gpiot/agents/parser_plan.h"
#include "gpiot/agents/place_plan.h"
#include "gpiot/agents/rate_plan.h"
#include "gpiot/agents/subtask_text.h"
#include "gpiot/agents/worked_example.h"
#include "gpiot/base/strings.h"

namespace gpiot::agents {
namespace {

core::SubTask subtask(const std::string& name, std::vector<std::string> steps) {
  return {name, base::to_identifier(name), std::move(steps)};
}

}  // namespace

std::vector<std::vector<core::SubTask>> plain_plans(const core::Requirement& requirement) {
  const auto& result = requirement.result;
  if (auto plan = parser_plan(requirement); !plan.empty()) return {std::move(plan)};
  if (auto plan = event_plan(requirement); !plan.empty()) return {std::move(plan)};
  if (!result.learned) {
    std::vector<std::vector<core::SubTask>> plans;
    for (auto& plan : rate_plans(requirement)) plans.push_back(std::move(plan.subtasks));
    if (auto plan = place_plan(requirement); plans.empty() && !plan.empty()) plans.push_back(std::move(plan));
    return plans;
  }
  auto features =
      is_reading(requirement)
          ? subtask("Combine readings", {"Return all readings as one vector of numbers, in their order."})
          : subtask(
                "Extract plain features",
                {"Compute the mean, the standard deviation, the smallest and the largest value of each channel.",
                 "Compute the 5th, 25th, 50th, 75th and 95th percentile of each channel.",
                 "Compute the mean absolute difference of successive values of each channel.",
                 "Compute the power spectrum of each channel and add up its power in 10 bands, each twice as wide as "
                 "the one before, as logarithms.",
                 "Join all these numbers into one vector."});
  auto learner =
      result.kind == "class"
          ? subtask("Classify items",
                    {"Fit a random forest of 200 trees to the features and labels of the learning items.",
                     "Predict the label of each other item from its features."})
          : subtask(
                "Estimate values",
                {"Fit a random forest of 300 trees for regression to the features and values of the learning items.",
                 "Predict the value of each other item from its features."});
  return {{std::move(features), std::move(learner)}};
}

std::vector<core::Specification> plain_learned_specs(const core::Requirement& requirement,
                                                     std::span<const core::SubTask> subtasks) {
  if (!requirement.result.learned) return {};
  const auto plan = plain_plans(requirement).front();
  if (to_markdown(plan) != to_markdown(subtasks)) return {};
  core::Specification features{.subtask = plan[0],
                               .target = "Describes one item by numbers and returns one vector.",
                               .inputs = requirement.data.inputs,
                               .outputs = {feature_variable()}};
  core::Specification learner{.subtask = plan[1],
                              .target = "Learns from labelled items and returns the answers for other items.",
                              .inputs = {},
                              .outputs = {}};
  return {std::move(features), learner_spec(requirement, std::move(learner))};
}

}  // namespace gpiot::agents
