#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "gpiot/agents/prompt_set.h"
#include "gpiot/agents/spec_text.h"
#include "gpiot/agents/stage_record.h"
#include "gpiot/core/program.h"
#include "gpiot/core/reference_source.h"
#include "gpiot/core/requirement.h"
#include "gpiot/core/text_generator.h"

namespace gpiot::agents {

struct SpecifyResult {
  std::vector<core::Specification> specs;  ///< one per sub-task, in order; they form a chain (chain_check.h)
  std::vector<StageRecord> records;        ///< of both prompts, in the order they were asked
};

/// The RTSLM role: sub-tasks -> specifications. Section 4.3 of the paper: target extraction (one batch over all
/// sub-tasks), then input and output extraction. The second is one conversation over the functions in order (ours),
/// each answer bound by a grammar that offers as inputs only names that exist (ours); the last sub-task gives the
/// requirement's result variable exactly. `references` (one list for each sub-task, or none at all) are quoted where
/// the targets are asked for. Errors: Cancelled; Format when an answer cannot be read; those of TextGenerator.
[[nodiscard]] SpecifyResult specify(core::TextGenerator& generator, const PromptSet& prompts,
                                    const core::Requirement& requirement, std::span<const core::SubTask> subtasks,
                                    std::uint32_t seed, const core::GenerationListener& listener,
                                    const base::CancelToken& cancel,
                                    std::span<const std::vector<core::Reference>> references = {});

}  // namespace gpiot::agents
