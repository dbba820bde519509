#pragma once

#include <span>
#include <vector>

#include "gpiot/core/program.h"
#include "gpiot/core/requirement.h"

namespace gpiot::agents {

/// gpiot's own plan for events of sequences that have labels: how much of an event there is at each sample, and where
/// that is high. Its functions are gpiot's own, so the model is asked for nothing. Empty for all else. Ours: the paper
/// is silent.
[[nodiscard]] std::vector<core::SubTask> event_plan(const core::Requirement& requirement);

/// The specifications of that plan; none where `subtasks` are another.
[[nodiscard]] std::vector<core::Specification> event_specs(const core::Requirement& requirement,
                                                           std::span<const core::SubTask> subtasks);

}  // namespace gpiot::agents
