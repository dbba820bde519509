#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "gpiot/base/json.h"
#include "gpiot/core/program.h"
#include "gpiot/core/reference_source.h"
#include "gpiot/pipeline/workbench.h"

namespace gpiot::pipeline {

/// For each sub-task what is documented of its steps: at most four references, those that fit best of each step first.
/// Written down in `.gpiot/references.json`. Empty without a source. Errors: those of ReferenceSource; Io.
[[nodiscard]] std::vector<std::vector<core::Reference>> find_references(const Workbench& bench,
                                                                        std::span<const core::SubTask> subtasks);
/// The same for what went wrong in a function: names that do not exist bring those that are like them.
[[nodiscard]] std::vector<core::Reference> references_for_problem(const Workbench& bench, const core::SubTask& subtask,
                                                                  const std::string& problem);

/// What was written down: [{"subtask", "references": [{"name", "source", "score"}]}]; empty where nothing was.
[[nodiscard]] base::Json quoted_references(const std::filesystem::path& project);

}  // namespace gpiot::pipeline
