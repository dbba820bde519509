#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "gpiot/agents/prompt_set.h"
#include "gpiot/core/program.h"
#include "gpiot/core/reference_source.h"
#include "gpiot/core/requirement.h"

namespace gpiot::agents {

/// The requirement in the few lines that prompts carry: title and statement.
[[nodiscard]] std::string requirement_outline(const core::Requirement& requirement);
/// The title and the first sentences, at most about 300 bytes: context for one function, without budgets and goals that
/// small models copy into code and documentation.
[[nodiscard]] std::string requirement_line(const core::Requirement& requirement);
/// "Problem: ... Given: ... Wanted: ...", as the worked examples have it. `statement` is one of the two above.
[[nodiscard]] std::string problem_outline(const core::Requirement& requirement, const std::string& statement);
/// "1. Name", one line each.
[[nodiscard]] std::string subtask_outline(std::span<const core::SubTask> subtasks);
/// "- Step" lines.
[[nodiscard]] std::string step_outline(const core::SubTask& subtask);
/// "def name(a, b, ...)" as prompts show it.
[[nodiscard]] std::string signature(const core::Specification& spec);
/// "Calls that fit:" and the entries of `reference` whose words stand in the specification's steps, where the program
/// may use their package; empty where none fits. An entry reads "- word, word | text"; "of scipy.signal" at its end, or
/// before a ';', names the package. Ours: a small index of idioms beside the knowledge base.
[[nodiscard]] std::string fitting_calls(const std::string& reference, const core::Specification& spec,
                                        std::span<const std::string> packages);

/// What the prompts of a function are filled with: calls, inputs, outputs, signature, steps, target. The calls are
/// those of the small index, then those of `references`.
[[nodiscard]] std::map<std::string, std::string> function_values(const PromptSet& prompts,
                                                                 const core::Requirement& requirement,
                                                                 const core::Specification& spec,
                                                                 std::span<const core::Reference> references);

/// The scalar that is the sampling rate of the requirement's data; nullptr where there is none.
[[nodiscard]] const core::Variable* rate_input(const core::Requirement& requirement);

/// The only input beside that; null where there is none, or several.
[[nodiscard]] const core::Variable* only_input(const core::Requirement& requirement);
/// True where a text speaks of times or frequencies.
[[nodiscard]] bool speaks_of_time(const std::string& text);
/// "(n_samples, 3)" -> {"n_samples", "3"}.
[[nodiscard]] std::vector<std::string> shape_dims(const std::string& shape);

}  // namespace gpiot::agents
