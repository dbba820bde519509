#include "gpiot/agents/plain_plan.h"

#include "gpiot/agents/worked_example.h"
#include "gpiot/base/strings.h"

namespace gpiot::agents {
namespace {

core::SubTask subtask(const std::string& name, std::vector<std::string> steps) {
  return {name, base::to_identifier(name), std::move(steps)};
}

}  // namespace

std::vector<core::SubTask> plain_plan(const core::Requirement& requirement) {
  const auto& result = requirement.result;
  if (!result.learned) return {};
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
  return {std::move(features), std::move(learner)};
}

}  // namespace gpiot::agents
