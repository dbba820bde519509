#include "gpiot/agents/decompose.h"

#include <fmt/format.h>

#include "gpiot/agents/grammar.h"
#include "gpiot/agents/outlines.h"
#include "gpiot/agents/spec_text.h"
#include "gpiot/base/error.h"

namespace gpiot::agents {
namespace {

constexpr int kAttempts = 3;
constexpr double kTemperature = 0.3;
constexpr std::string_view kPrompt = "decompose";
constexpr std::string_view kWhere = "agents.decompose";

}  // namespace

DecomposeResult decompose(core::TextGenerator& generator, const PromptSet& prompts,
                          const core::Requirement& requirement, std::uint32_t seed,
                          const core::GenerationListener& listener, const base::CancelToken& cancel) {
  core::GenerationRequest request;
  request.messages = prompts.render(kPrompt, {{"requirement", requirement_outline(requirement)},
                                              {"inputs", to_markdown(requirement.data.inputs)},
                                              {"result", to_markdown(requirement.result.variable)}});
  request.sampling.temperature = kTemperature;
  request.sampling.max_tokens = 800;
  request.sampling.grammar = subtasks_grammar(kMostSubtasks);
  std::string problem;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    request.sampling.seed = seed + static_cast<std::uint32_t>(attempt);
    const auto answer = generator.generate({&request, 1}, listener, cancel).at(0);
    cancel.throw_if_cancelled(kWhere);
    auto parsed = parse_subtasks(answer.text);
    const bool fits = parsed.ok() && parsed.value->size() >= kFewestSubtasks && parsed.value->size() <= kMostSubtasks;
    if (fits && answer.finish == core::FinishReason::Stop) {
      return {std::move(*parsed.value),
              {std::string(kPrompt), prompts.sha256(kPrompt), request.sampling.seed, kTemperature,
               answer.prompt_tokens, answer.completion_tokens, answer.text}};
    }
    problem = parsed.ok() ? fmt::format("{} sub-tasks, or the answer was cut", parsed.value->size())
                          : fmt::format("line {}: {}", parsed.line, parsed.problem);
  }
  throw base::Error(base::ErrorCode::Format, kWhere,
                    fmt::format("the model's decomposition could not be read after {} attempts: {}", kAttempts, problem),
                    "try another seed or a larger model");
}

}  // namespace gpiot::agents
