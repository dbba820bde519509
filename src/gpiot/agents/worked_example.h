#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "gpiot/core/program.h"
#include "gpiot/core/requirement.h"

namespace gpiot::agents {

/// Small models plan as the worked example in their prompt does (docs/decisions/0004-plans-and-prompts.md). Which ones
/// may serve goes by the result: for learned programs "class", "reading" (a class of what has no time), "estimate" (a
/// number for it) or "sequence" (a number for a stretch of time); "series"; for numbers "value" (the top of a spectrum)
/// and "counts" (pulses and the time between them); for events "events" (pulses, found as maxima) and "onsets" (states
/// that begin, found as stretches) or, of several channels, "channels"; the one first that the words of the requirement
/// speak for.
[[nodiscard]] std::vector<std::string_view> example_kinds(const core::Requirement& requirement);

/// Whether the program is given sequences of several channels, (n_samples, n_channels).
[[nodiscard]] bool has_channels(const core::Requirement& requirement);

/// Whether an item is one set of readings, a value for each column of a table, and so has no time to filter along.
[[nodiscard]] bool is_reading(const core::Requirement& requirement);

/// Whether an item is so few numbers, always as many, that a learner can be given them beside the features: readings,
/// and short sequences that begin at the same point, such as a day by the hour.
[[nodiscard]] bool stands_beside_features(const core::Requirement& requirement);

/// The example that a plan follows: its interfaces are asked for after that one's.
[[nodiscard]] std::string_view example_of_plan(const core::Requirement& requirement,
                                               std::span<const core::SubTask> subtasks);

}  // namespace gpiot::agents
