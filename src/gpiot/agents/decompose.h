#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "gpiot/agents/prompt_set.h"
#include "gpiot/agents/stage_record.h"
#include "gpiot/agents/subtask_text.h"
#include "gpiot/core/program.h"
#include "gpiot/core/requirement.h"
#include "gpiot/core/text_generator.h"

namespace gpiot::agents {

struct DecomposeResult {
  std::vector<core::SubTask> subtasks;  ///< 3 to 8
  StageRecord record;
};

/// The TDSLM role: requirement -> sub-tasks in processing order. Section 4.1 of the paper; the form is guaranteed by a
/// grammar (ours). A plan with faults (see plan_faults), or an answer that does not parse (an endpoint without
/// grammars), is asked for again as a small batch with other seeds, and the plan with the fewest faults is kept (ours).
/// Errors: Cancelled; Format when no answer parses; those of TextGenerator.
[[nodiscard]] DecomposeResult decompose(core::TextGenerator& generator, const PromptSet& prompts,
                                        const core::Requirement& requirement, std::uint32_t seed,
                                        const core::GenerationListener& listener, const base::CancelToken& cancel);

/// Faults that a program can see in a plan: a name or step that stands twice, a step that reads files, prints, plots,
/// trains or evaluates, a step that names no one method. Empty = none.
[[nodiscard]] std::vector<std::string> plan_faults(std::span<const core::SubTask> subtasks);

}  // namespace gpiot::agents
