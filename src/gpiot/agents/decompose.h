#pragma once

#include <cstdint>
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
/// grammar (ours). An answer that does not parse (an endpoint without grammars) is asked for again, twice.
/// Errors: Cancelled; Format when no answer parses; those of TextGenerator.
[[nodiscard]] DecomposeResult decompose(core::TextGenerator& generator, const PromptSet& prompts,
                                        const core::Requirement& requirement, std::uint32_t seed,
                                        const core::GenerationListener& listener, const base::CancelToken& cancel);

}  // namespace gpiot::agents
