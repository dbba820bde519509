#pragma once

#include "gpiot/pipeline/workbench.h"

namespace gpiot::pipeline {

/// A file that was made from these inputs, or edited by hand since.
[[nodiscard]] bool is_fresh(const Workbench& bench, const std::string& file, const std::string& input_sha256);
/// The specifications of the sub-tasks on disk; false where there are none.
[[nodiscard]] bool specs_are_fresh(const Workbench& bench);
/// The chosen chain of those specifications. Errors: those of load_specs.
[[nodiscard]] bool chosen_is_fresh(const Workbench& bench);

}  // namespace gpiot::pipeline
