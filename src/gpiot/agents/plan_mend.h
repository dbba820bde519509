#pragma once

#include <string>
#include <vector>

#include "gpiot/core/program.h"

namespace gpiot::agents {

/// A learned program has one learner: where a plan fits a model in one sub-task and predicts in the next, both become
/// one, with the steps of both, each once. Returns what was changed, a sentence each; so do the others.
std::vector<std::string> merge_learners(std::vector<core::SubTask>& subtasks);

/// The steps of the learner at the end become: what it scales, the first model that it fits, and one prediction. Small
/// models add selections, second models and cases of single labels there, which break more than they gain.
std::vector<std::string> settle_learner(std::vector<core::SubTask>& subtasks);

/// A step before the learner that names three or more of the answers goes, where others are left in its sub-task: they
/// are what is looked for, and nothing to compute features of. `answers`: "walk, bicycle, bus or car".
std::vector<std::string> drop_named_answers(std::vector<core::SubTask>& subtasks, const std::string& answers);

/// True where a step of `subtask` fits a model.
[[nodiscard]] bool fits_a_model(const core::SubTask& subtask);

/// True where the name or a step of `subtask` makes one value of several channels.
[[nodiscard]] bool joins_channels(const core::SubTask& subtask);

/// A plan for several channels whose steps never make one value of them cannot end in one answer: the first sub-task
/// then ends with their norm. Small models plan for one channel where their example has one.
std::vector<std::string> join_channels(std::vector<core::SubTask>& subtasks);

/// Where a plan for events marks stretches (a truth value for each sample) and no step takes one position of each, the
/// last sub-task does before it returns: small models return every sample of the stretch.
std::vector<std::string> take_starts(std::vector<core::SubTask>& subtasks);

/// Where the requirement says that readings are missing (NaN) and no step fills them, the first step does: one NaN
/// makes everything NaN in a filter.
std::vector<std::string> fill_gaps(std::vector<core::SubTask>& subtasks, const std::string& statement);

/// Reasons behind a ';' that stand word for word in `example` go: "hooves shake the planks" is no reason elsewhere.
std::vector<std::string> drop_borrowed_reasons(std::vector<core::SubTask>& subtasks, const std::string& example);

/// Quantities, such as "8 kN", that the steps took over from the worked example: they stand in `example`, but not in
/// `problem`, where the same numbers may be meant. Each once, in order.
[[nodiscard]] std::vector<std::string> borrowed_quantities(const std::vector<core::SubTask>& subtasks,
                                                           const std::string& example, const std::string& problem);

}  // namespace gpiot::agents
