#pragma once

#include <span>
#include <string>
#include <vector>

#include "gpiot/core/program.h"
#include "gpiot/core/requirement.h"

namespace gpiot::agents {

/// The requirement in the few lines that prompts carry: title and statement.
[[nodiscard]] std::string requirement_outline(const core::Requirement& requirement);
/// The title and the first sentences, at most about 300 bytes: context for one function, without budgets and goals that
/// small models copy into code and documentation.
[[nodiscard]] std::string requirement_line(const core::Requirement& requirement);
/// How times become samples, with the name that the rate has in this function; empty where it has none.
[[nodiscard]] std::string time_rule(const core::Requirement& requirement, const core::Specification& spec);
/// "1. Name", one line each.
[[nodiscard]] std::string subtask_outline(std::span<const core::SubTask> subtasks);
/// What the neighbours of sub-task `index` do: "Before: ...", "After: ...".
[[nodiscard]] std::string neighbour_outline(std::span<const core::Specification> specs, std::size_t index);
/// "- Step" lines.
[[nodiscard]] std::string step_outline(const core::SubTask& subtask);
/// "def name(a, b, ...):" as prompts show it.
[[nodiscard]] std::string signature(const core::Specification& spec);
/// "numpy and scipy".
[[nodiscard]] std::string package_outline(std::span<const std::string> packages);

/// The scalar that is the sampling rate of the requirement's data; nullptr where there is none.
[[nodiscard]] const core::Variable* rate_input(const core::Requirement& requirement);
/// True where a text speaks of times or frequencies.
[[nodiscard]] bool speaks_of_time(const std::string& text);
/// "(n_samples, 3)" -> {"n_samples", "3"}.
[[nodiscard]] std::vector<std::string> shape_dims(const std::string& shape);

}  // namespace gpiot::agents
