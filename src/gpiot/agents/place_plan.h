#pragma once

#include <span>
#include <vector>

#include "gpiot/core/program.h"
#include "gpiot/core/requirement.h"

namespace gpiot::agents {

/// gpiot's own plan for a number that a place in the only sequence tells: a distance by the frequency of a beat or the
/// delay of an echo, a flow by the frequency of a sensor. Where the sequence stands out, and what that place means; the
/// second is measured on labelled items. Empty where something is learned, the result is no number, there are no
/// labels, or the program is given more than one sequence and its sampling rate. Ours: the paper is silent.
[[nodiscard]] std::vector<core::SubTask> place_plan(const core::Requirement& requirement);

/// Its specifications. Empty where `subtasks` are another plan.
[[nodiscard]] std::vector<core::Specification> place_specs(const core::Requirement& requirement,
                                                           std::span<const core::SubTask> subtasks);

}  // namespace gpiot::agents
