#include "role_answers.h"

#include "gpiot/agents/decompose.h"
#include "gpiot/agents/specify.h"
#include "gpiot/base/error.h"

namespace gpiot::bench {

RoleAnswers ask_roles(core::TextGenerator& generator, const agents::PromptSet& prompts,
                      const core::Requirement& requirement, std::uint32_t seed, const base::CancelToken& cancel) {
  RoleAnswers answers;
  try {
    auto plan = agents::decompose(generator, prompts, requirement, {.seed = seed}, {}, cancel).front();
    answers.subtasks = std::move(plan.subtasks);
    answers.plan_raw = std::move(plan.record.raw);
    answers.specs = agents::specify(generator, prompts, requirement, answers.subtasks, seed, {}, cancel).specs;
  } catch (const base::Error& error) {
    if (error.code() != base::ErrorCode::Format) throw;
    answers.problem = error.what();
  }
  return answers;
}

std::vector<std::string> role_prompts(const agents::PromptSet& prompts) {
  auto names = prompts.names();
  std::erase(names, "generate");
  std::erase(names, "repair");
  std::erase(names, "reference");
  return names;
}

}  // namespace gpiot::bench
