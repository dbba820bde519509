#pragma once

#include <span>
#include <vector>

#include "gpiot/core/program.h"
#include "gpiot/core/requirement.h"

namespace gpiot::agents {

/// True where the program reads what a device sent, by rules that are stated and not learned: texts, or arrays of uint8
/// that the words call bytes, beside scalars at most.
[[nodiscard]] bool is_parser(const core::Requirement& requirement);

/// The plan for a parser: one sub-task, whose steps are the sentences of the requirement, after one that makes bytes of
/// hexadecimal text. Empty where is_parser is false. Ours: divided into sub-tasks, a parser loses what its later
/// functions need of the frame, and small models give each of them the form of a signal.
[[nodiscard]] std::vector<core::SubTask> parser_plan(const core::Requirement& requirement);

/// Its specification: of all inputs, the result. Empty where `subtasks` are another plan.
[[nodiscard]] std::vector<core::Specification> parser_specs(const core::Requirement& requirement,
                                                            std::span<const core::SubTask> subtasks);

}  // namespace gpiot::agents
