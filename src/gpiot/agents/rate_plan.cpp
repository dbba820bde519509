#include "gpiot/agents/rate_plan.h"

#include <fmt/format.h>

#include <algorithm>

#include "gpiot/agents/outlines.h"
#include "gpiot/agents/plan_frequencies.h"
#include "gpiot/agents/subtask_text.h"
#include "gpiot/base/strings.h"

namespace gpiot::agents {
namespace {

core::SubTask subtask(const std::string& name, std::vector<std::string> steps) {
  return {name, base::to_identifier(name), std::move(steps)};
}

std::string words_of(const core::Variable& variable) { return base::replace_all(variable.name, "_", " "); }

bool is_array(const core::Variable& input) { return input.type == "numpy.ndarray"; }

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

}  // namespace

std::vector<RatePlan> rate_plans(const core::Requirement& requirement) {
  constexpr double kFromOfTop = 4;  // of the band of pulses, in highest rates
  constexpr double kToOfTop = 12;
  const auto& inputs = requirement.data.inputs;
  const auto signal = std::ranges::find_if(inputs, is_array);
  const auto band = stated_band(requirement);
  if (requirement.result.learned || requirement.result.kind != "value" || !band ||
      std::ranges::count_if(inputs, is_array) != 1) {
    return {};
  }
  const auto& result = requirement.result.variable;
  const auto text = words_of(*signal);
  const double factor = units_per_hz(result);
  std::vector<RatePlan> plans = {
      {{filter_step(*signal, *band, false), top_step(result, "filtered " + text, *band)}, *band, false, *band, factor}};
  const BandHz fast{kFromOfTop * band->high, kToOfTop * band->high};
  if (requirement.data.rate_hz > 0 && fast.high <= kShareOfRate * requirement.data.rate_hz) {
    plans.push_back({{filter_step(*signal, fast, true), top_step(result, "size of the " + text, *band)},
                     fast,
                     true,
                     *band,
                     factor});
  }
  return plans;
}

std::optional<RatePlan> rate_plan_of(const core::Requirement& requirement, std::span<const core::SubTask> subtasks) {
  const auto wanted = to_markdown(subtasks);
  for (auto& plan : rate_plans(requirement)) {
    if (to_markdown(plan.subtasks) == wanted) return std::move(plan);
  }
  return std::nullopt;
}

std::vector<core::Specification> rate_specs(const core::Requirement& requirement,
                                            std::span<const core::SubTask> subtasks) {
  const auto plan = rate_plan_of(requirement, subtasks);
  const auto* rate = rate_input(requirement);
  if (!plan || rate == nullptr) return {};
  const auto& signal = *std::ranges::find_if(requirement.data.inputs, is_array);
  const auto dims = shape_dims(signal.shape);
  core::Variable filtered{
      (plan->pulses ? "size_of_" : "filtered_") + signal.name,
      "numpy.ndarray",
      "float64",
      fmt::format("({},)", dims.empty() ? "n_samples" : dims.front()),
      signal.unit,
      plan->pulses ? "how large the fast part of the signal is" : "the signal in the band of the rate"};
  return {{.subtask = plan->subtasks[0],
           .target = fmt::format("Returns the {} between {:.3g} and {:.3g} Hz.", words_of(signal), plan->filter.low,
                                 plan->filter.high),
           .inputs = {signal, *rate},
           .outputs = {filtered}},
          {.subtask = plan->subtasks[1],
           .target = fmt::format("Returns the {} from the top of a spectrum.", words_of(requirement.result.variable)),
           .inputs = {filtered, *rate},
           .outputs = {requirement.result.variable}}};
}

}  // namespace gpiot::agents
