#pragma once

#include <optional>
#include <span>
#include <vector>

#include "gpiot/agents/stated_range.h"
#include "gpiot/core/program.h"
#include "gpiot/core/requirement.h"

namespace gpiot::agents {

/// A rate that lies in a stated band is where the spectrum of the only signal has its top there, or, where pulses are
/// sharp, that of their size.
struct RatePlan {
  std::vector<core::SubTask> subtasks;  ///< two: what is filtered, and the top of its spectrum
  BandHz filter;
  bool pulses = false;  ///< the size of what is in `filter`, which is faster than the rate
  BandHz band;          ///< in which the rate lies
  double units_per_hz = 1;
};

/// One for the band itself and, where the data is fast enough, one for pulses; none where the result is no rate, its
/// range is not stated, or there are several signals. Ours: the paper is silent.
[[nodiscard]] std::vector<RatePlan> rate_plans(const core::Requirement& requirement);

/// The one that `subtasks` are; nothing where they are another plan.
[[nodiscard]] std::optional<RatePlan> rate_plan_of(const core::Requirement& requirement,
                                                   std::span<const core::SubTask> subtasks);

/// Its specifications. Empty where `subtasks` are another plan, or the program is not given the sampling rate.
[[nodiscard]] std::vector<core::Specification> rate_specs(const core::Requirement& requirement,
                                                          std::span<const core::SubTask> subtasks);

}  // namespace gpiot::agents
