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

/// One way to divide a requirement.
struct Plan {
  std::vector<core::SubTask> subtasks;  ///< 3 to 8
  std::size_t faults = 0;               ///< see plan_faults; quantities of the worked example count as well
  double cost = 0;                      ///< see plan_rank.h
  std::vector<std::string> mended;      ///< what rules changed in it, see plan_mend.h
  StageRecord record;
};

struct DecomposeOptions {
  std::uint32_t seed = 1;
  int plans = 6;  ///< answers asked for in one batch, at least 1
};

/// The TDSLM role: requirement -> sub-tasks in processing order. Section 4.1 of the paper; the form is guaranteed by a
/// grammar (ours). Several plans are asked for as one batch, since the plans of a small model differ much in quality;
/// the result holds those that parse, each once, the best by what a program can see first (plan_rank.h; ours). The
/// worked example in the prompt goes by the kind of the result (learner.h); learned programs have a prompt of their
/// own. Errors: Cancelled; Format when no answer parses; those of TextGenerator.
[[nodiscard]] std::vector<Plan> decompose(core::TextGenerator& generator, const PromptSet& prompts,
                                          const core::Requirement& requirement, const DecomposeOptions& options,
                                          const core::GenerationListener& listener, const base::CancelToken& cancel);

/// Faults that a program can see in a plan: a name or step that stands twice, a step that reads files, prints, plots,
/// trains or evaluates, a step that names no one method or two filters in one, a frequency that data of `rate_hz`
/// cannot hold (0 = not known). A `learned` program may train, and its last sub-task must. Empty = none.
[[nodiscard]] std::vector<std::string> plan_faults(std::span<const core::SubTask> subtasks, double rate_hz = 0,
                                                   bool learned = false);

}  // namespace gpiot::agents
