#include "gpiot/agents/plain_plan.h"

#include <fmt/format.h>

#include <algorithm>

#include "gpiot/agents/event_plan.h"
#include "gpiot/agents/learner.h"
#include "gpiot/agents/outlines.h"
#include "gpiot/agents/parser_plan.h"
#include "gpiot/agents/plan_frequencies.h"
#include "gpiot/agents/stated_range.h"
#include "gpiot/agents/subtask_text.h"
#include "gpiot/agents/worked_example.h"
#include "gpiot/base/strings.h"

namespace gpiot::agents {
namespace {

core::SubTask subtask(const std::string& name, std::vector<std::string> steps) {
  return {name, base::to_identifier(name), std::move(steps)};
}

std::string words_of(const core::Variable& variable) { return base::replace_all(variable.name, "_", " "); }

/// Steps that end in one value for every sample of the only signal, in `band` or, where `pulses`, the size of what is
/// faster: the harmonics of sharp pulses come and go with the rate.
core::SubTask filter_step(const core::Variable& signal, const BandHz& band, bool pulses) {
  const auto text = words_of(signal);
  std::vector<std::string> steps;
  if (shape_dims(signal.shape).size() == 2) {
    steps.push_back(fmt::format("Compute the norm of the {} over the channels, one value for every sample.", text));
  }
  steps.push_back(
      fmt::format("Apply a zero-phase Butterworth band-pass filter of order 2 from {:.3g} to {:.3g} Hz to {}.",
                  band.low, band.high, steps.empty() ? "the " + text : "it"));
  steps.push_back(pulses
                      ? fmt::format("Return the absolute value of the filtered {}, one value for every sample.", text)
                      : fmt::format("Return the filtered {}, one value for every sample.", text));
  return subtask((pulses ? "Compute size of " : "Filter ") + text, std::move(steps));
}

core::SubTask top_step(const core::Variable& result, const std::string& text, const BandHz& band) {
  const auto factor = units_per_hz(result);
  return subtask(
      "Estimate " + words_of(result),
      {fmt::format(
           "Subtract the mean from the {}, multiply it by a Hann window and compute the squared magnitude of its "
           "Fourier transform, padded with zeros to 8 times its length.",
           text),
       fmt::format("Find the largest value of the spectrum between {:.3g} and {:.3g} Hz.", band.low, band.high),
       factor == 1 ? std::string("Return its frequency.") : fmt::format("Return its frequency times {:g}.", factor)});
}

/// A rate that lies in a stated band is where the spectrum of the only signal has its top there, or, where pulses are
/// sharp, that of their size.
std::vector<std::vector<core::SubTask>> rate_plans(const core::Requirement& requirement) {
  constexpr double kFromOfTop = 4;  // of the band of pulses, in highest rates
  constexpr double kToOfTop = 12;
  const auto& inputs = requirement.data.inputs;
  const auto is_array = [](const core::Variable& input) { return input.type == "numpy.ndarray"; };
  const auto signal = std::ranges::find_if(inputs, is_array);
  const auto band = stated_band(requirement);
  if (requirement.result.kind != "value" || !band || std::ranges::count_if(inputs, is_array) != 1) return {};
  const auto& result = requirement.result.variable;
  const auto text = words_of(*signal);
  std::vector<std::vector<core::SubTask>> plans = {
      {filter_step(*signal, *band, false), top_step(result, "filtered " + text, *band)}};
  const BandHz fast{kFromOfTop * band->high, kToOfTop * band->high};
  if (requirement.data.rate_hz > 0 && fast.high <= kShareOfRate * requirement.data.rate_hz) {
    plans.push_back({filter_step(*signal, fast, true), top_step(result, "size of the " + text, *band)});
  }
  return plans;
}

}  // namespace

std::vector<std::vector<core::SubTask>> plain_plans(const core::Requirement& requirement) {
  const auto& result = requirement.result;
  if (auto plan = parser_plan(requirement); !plan.empty()) return {std::move(plan)};
  if (auto plan = event_plan(requirement); !plan.empty()) return {std::move(plan)};
  if (!result.learned) return rate_plans(requirement);
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
