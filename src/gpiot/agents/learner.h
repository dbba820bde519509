#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gpiot/core/program.h"
#include "gpiot/core/requirement.h"

namespace gpiot::agents {

/// Learned programs (ours: the paper leaves training to the generated code as a whole). All sub-tasks but the last work
/// on one item and end in `features`; the last one, the learner, is called once: with the features and labels of the
/// learning items and the features of the items to answer. So nothing can be fitted to the items that are measured,
/// and the interface of the learner needs no model to be written.

/// What the last sub-task but one gives for each item.
[[nodiscard]] core::Variable feature_variable();

/// The interface of the last sub-task; its name, steps and target are those of `spec`.
[[nodiscard]] core::Specification learner_spec(const core::Requirement& requirement, core::Specification spec);

/// True where `spec` has the interface of a learner.
[[nodiscard]] bool is_learner(const core::Specification& spec);

/// True where `spec` ends in the features of an item.
[[nodiscard]] bool gives_features(const core::Specification& spec);

/// The steps of the learner as planned, and with other models in place of the planned one, each fitted alike. Which
/// model suits is measured: small models plan the one that their worked example has.
[[nodiscard]] std::vector<std::vector<std::string>> learner_variants(const core::Specification& spec);

/// The steps of the features of a sequence as planned, and with each channel seen against its own start: sensors drift,
/// and antennas differ in gain. Which of both tells more is measured.
[[nodiscard]] std::vector<std::vector<std::string>> feature_variants(const core::Specification& spec);

/// The requirement as the sub-tasks before the learner see it: the features are what is wanted.
[[nodiscard]] core::Requirement before_learner(const core::Requirement& requirement);

}  // namespace gpiot::agents
