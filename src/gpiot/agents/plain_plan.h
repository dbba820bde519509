#pragma once

#include <vector>

#include "gpiot/core/program.h"
#include "gpiot/core/requirement.h"

namespace gpiot::agents {

/// The plan that a practitioner would try before all others where something is learned: plain features of each item,
/// and a random forest. Empty where nothing is learned. Ours: plans of small models lose themselves in features that
/// cannot be computed; the code of this one is written by the model as that of any other.
[[nodiscard]] std::vector<core::SubTask> plain_plan(const core::Requirement& requirement);

}  // namespace gpiot::agents
