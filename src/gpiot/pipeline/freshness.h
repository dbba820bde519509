#pragma once

#include "gpiot/pipeline/workbench.h"

namespace gpiot::pipeline {

/// A file that was made from these inputs, or edited by hand since.
[[nodiscard]] bool is_fresh(const Workbench& bench, const std::string& file, const std::string& input_sha256);
/// The specifications of the sub-tasks on disk; false where there are none.
[[nodiscard]] bool specs_are_fresh(const Workbench& bench);
/// A hash of the names and sizes of the files of the data folder, and of what they hold (where all of them are more
/// than 64 MB: of the time they were changed). What gpiot writes into the project does not count.
[[nodiscard]] std::string data_state(const core::Requirement& requirement, const std::filesystem::path& project);
/// What the functions were chosen on: the requirement with its split and its thresholds, but for its budget, and the
/// data.
[[nodiscard]] std::string choice_input(const Workbench& bench);
/// The chain chosen of those specifications, for this requirement and on this data. Errors: those of load_specs.
[[nodiscard]] bool chosen_is_fresh(const Workbench& bench);

}  // namespace gpiot::pipeline
