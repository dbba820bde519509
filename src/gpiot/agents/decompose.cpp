#include "gpiot/agents/decompose.h"

#include <fmt/format.h>

#include <array>
#include <optional>
#include <set>

#include "gpiot/agents/grammar.h"
#include "gpiot/agents/outlines.h"
#include "gpiot/agents/spec_text.h"
#include "gpiot/base/error.h"
#include "gpiot/base/strings.h"

namespace gpiot::agents {
namespace {

constexpr int kMoreSamples = 3;
constexpr double kTemperature = 0.3;
constexpr double kMoreTemperature = 0.7;
constexpr std::string_view kPrompt = "decompose";
constexpr std::string_view kWhere = "agents.decompose";

/// Works that the host does, or that no function of a chain may do.
constexpr std::array kForeignWork = {"plot",     "print",          "display", "visuali", "load",
                                     "save ",    "store ",         "csv",     "train",   "evaluat",
                                     "accuracy", "user interface", "notif",   "a file",  "database"};

/// Words of a step that names several methods, or none.
constexpr std::array kVague = {"sophisticated", "algorithm like", "method like", "filter like", "such as", " like the ",
                               " like a ",      "e.g.",           "various",     "appropriate", "suitable"};

struct Best {
  std::optional<DecomposeResult> result;
  std::size_t faults = 0;
  std::string problem = "no answer";
};

void keep_better(Best& best, const PromptSet& prompts, const core::GenerationRequest& request,
                 const core::Generation& answer) {
  auto parsed = parse_subtasks(answer.text);
  if (!parsed.ok()) {
    best.problem = fmt::format("line {}: {}", parsed.line, parsed.problem);
    return;
  }
  const auto count = parsed.value->size();
  if (count < kFewestSubtasks || count > kMostSubtasks || answer.finish != core::FinishReason::Stop) {
    best.problem = fmt::format("{} sub-tasks, or the answer was cut", count);
    return;
  }
  const auto faults = plan_faults(*parsed.value).size();
  if (best.result && best.faults <= faults) return;
  best.faults = faults;
  best.result =
      DecomposeResult{std::move(*parsed.value),
                      {std::string(kPrompt), prompts.sha256(kPrompt), request.sampling.seed,
                       request.sampling.temperature, answer.prompt_tokens, answer.completion_tokens, answer.text}};
}

}  // namespace

std::vector<std::string> plan_faults(std::span<const core::SubTask> subtasks) {
  std::vector<std::string> faults;
  std::set<std::string> seen;
  const auto look = [&](const std::string& text) {
    const std::string lower = base::to_lower(text);
    if (!seen.insert(lower).second) faults.push_back("stands twice: " + text);
    for (const auto* const word : kVague) {
      if (lower.find(word) != std::string::npos)
        faults.push_back(fmt::format("'{}' names no one method: {}", word, text));
    }
    for (const auto* const work : kForeignWork) {
      if (lower.find(work) != std::string::npos)
        faults.push_back(fmt::format("'{}' is not for a sub-task: {}", work, text));
    }
  };
  for (const auto& subtask : subtasks) {
    look(subtask.name);
    for (const auto& step : subtask.steps) look(step);
  }
  return faults;
}

DecomposeResult decompose(core::TextGenerator& generator, const PromptSet& prompts,
                          const core::Requirement& requirement, std::uint32_t seed,
                          const core::GenerationListener& listener, const base::CancelToken& cancel) {
  core::GenerationRequest request;
  request.messages = prompts.render(kPrompt, {{"requirement", requirement_outline(requirement)},
                                              {"inputs", to_markdown(requirement.data.inputs)},
                                              {"result", to_markdown(requirement.result.variable)}});
  request.sampling.temperature = kTemperature;
  request.sampling.max_tokens = 900;
  request.sampling.grammar = subtasks_grammar();
  request.sampling.seed = seed;
  Best best;
  keep_better(best, prompts, request, generator.generate({&request, 1}, listener, cancel).at(0));
  cancel.throw_if_cancelled(kWhere);
  if (!best.result || best.faults > 0) {
    std::vector<core::GenerationRequest> more(kMoreSamples, request);
    for (std::uint32_t k = 0; k < more.size(); ++k) {
      more[k].sampling.seed = seed + k + 1;
      more[k].sampling.temperature = kMoreTemperature;
    }
    const auto answers = generator.generate(more, listener, cancel);
    cancel.throw_if_cancelled(kWhere);
    for (std::size_t k = 0; k < answers.size(); ++k) keep_better(best, prompts, more[k], answers[k]);
  }
  if (best.result) return std::move(*best.result);
  throw base::Error(base::ErrorCode::Format, kWhere,
                    fmt::format("the model's decomposition could not be read: {}", best.problem),
                    "try another seed or a larger model");
}

}  // namespace gpiot::agents
