#pragma once

#include <span>
#include <vector>

#include "gpiot/core/program.h"
#include "gpiot/core/requirement.h"

namespace gpiot::agents {

/// The plans that a practitioner would try before all others. Where something is learned: plain features of each item,
/// and a random forest. Where a rate is wanted and the requirement states its range: the top of the spectrum there, and
/// then, where the data is fast enough, that of the size of what is faster, for sharp pulses. Another number of a
/// sequence: place_plan.h. Where frames are read: parser_plan.h. Where events are wanted and there are labels:
/// event_plan.h. None for all else. Ours: plans of small models lose themselves in features that cannot be computed,
/// and name bands that are none of the rate's; the code of these is written by the model as that of any other, but for
/// events.
[[nodiscard]] std::vector<std::vector<core::SubTask>> plain_plans(const core::Requirement& requirement);

/// The specifications of the plan for what is learned, where no model is asked: the features are of all inputs. Empty
/// where `subtasks` are another plan.
[[nodiscard]] std::vector<core::Specification> plain_learned_specs(const core::Requirement& requirement,
                                                                   std::span<const core::SubTask> subtasks);

}  // namespace gpiot::agents
