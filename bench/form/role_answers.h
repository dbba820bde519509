#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "gpiot/agents/prompt_set.h"
#include "gpiot/core/program.h"
#include "gpiot/core/requirement.h"
#include "gpiot/core/text_generator.h"

namespace gpiot::bench {

/// What the two planning roles made of one requirement.
struct RoleAnswers {
  std::vector<core::SubTask> subtasks;     ///< empty where no answer could be read
  std::string plan_raw;                    ///< the answer that `subtasks` were read from
  std::vector<core::Specification> specs;  ///< empty where an answer could not be read
  std::string problem;                     ///< why a role gave up; empty where both ended well
};

/// Runs decompose, then specify. The one place where the benchmark calls the roles.
/// Errors: Cancelled; those of TextGenerator but Format, which becomes `problem`.
[[nodiscard]] RoleAnswers ask_roles(core::TextGenerator& generator, const agents::PromptSet& prompts,
                                    const core::Requirement& requirement, std::uint32_t seed,
                                    const base::CancelToken& cancel);

/// The names of the prompts that these roles use.
[[nodiscard]] std::vector<std::string> role_prompts(const agents::PromptSet& prompts);

}  // namespace gpiot::bench
