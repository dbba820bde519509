#include "gpiot/agents/generate.h"

#include <algorithm>

#include "gpiot/agents/answer.h"
#include "gpiot/agents/grammar.h"
#include "gpiot/agents/learner.h"
#include "gpiot/agents/outlines.h"
#include "gpiot/agents/parser_plan.h"
#include "gpiot/agents/python_fix.h"
#include "gpiot/agents/worked_example.h"

namespace gpiot::agents {
namespace {

/// Of a learner with another model than the planned one, which the target may name.
constexpr const char* kOtherTarget = "Learns from labelled items and returns the answers for other items.";

core::GenerationRequest request_for(const PromptSet& prompts, const core::Requirement& requirement,
                                    const core::Specification& spec, std::span<const core::Reference> references) {
  core::GenerationRequest request;
  request.messages =
      prompts.render(generate_prompt(requirement, spec), function_values(prompts, requirement, spec, references));
  request.fixed_messages = request.messages.size() - 1;
  request.sampling.grammar = generate_grammar(prompts, requirement, spec);
  request.sampling.max_tokens = kProgramTokens;
  return request;
}

/// Every third sample of the features of a sequence looks at it against its own start.
constexpr std::size_t kTurnOfRelative = 3;

/// The requests for one sub-task; those of a learner take turns in the model that they fit, those of features in how
/// the sequence is looked at.
void add_requests(const PromptSet& prompts, const core::Requirement& requirement, const core::Specification& spec,
                  std::span<const core::Reference> references, int samples, std::uint32_t seed, double temperature,
                  std::vector<core::GenerationRequest>& requests) {
  const auto first = requests.size();
  add_samples(request_for(prompts, requirement, spec, references), samples, seed, temperature, requests);
  if (generate_prompt(requirement, spec) == "generate_features") {
    auto other = spec;
    other.subtask.steps = feature_variants(spec).back();
    const auto messages = request_for(prompts, requirement, other, references).messages;
    for (std::size_t k = kTurnOfRelative - 1; first + k < requests.size(); k += kTurnOfRelative) {
      requests[first + k].messages = messages;
    }
  }
  if (!is_learner(spec)) return;
  const auto variants = learner_variants(spec);
  for (std::size_t k = 1; first + k < requests.size(); ++k) {
    auto other = spec;
    other.subtask.steps = variants[k % variants.size()];
    if (k % variants.size() != 0) other.target = kOtherTarget;
    requests[first + k].messages = request_for(prompts, requirement, other, references).messages;
  }
}

}  // namespace

std::string_view generate_prompt(const core::Requirement& requirement, const core::Specification& spec) {
  if (is_learner(spec)) return "generate_learner";
  if (is_parser(requirement)) return "generate_parser";
  if (requirement.result.learned && is_reading(requirement)) return "generate_reading";
  return requirement.result.learned && gives_features(spec) ? "generate_features" : "generate";
}

std::string generate_grammar(const PromptSet& prompts, const core::Requirement& requirement,
                             const core::Specification& spec) {
  const auto members = prompts.text("members");
  return is_parser(requirement) ? parser_grammar(spec, members) : program_grammar(spec, requirement.packages, members);
}

double sample_temperature(double temperature, int k) { return k == 0 ? temperature / 4 : temperature; }

Candidate to_candidate(const core::Specification& spec, const core::GenerationRequest& request,
                       const core::Generation& answer) {
  Candidate candidate{.program = {},
                      .seed = request.sampling.seed,
                      .temperature = request.sampling.temperature,
                      .finish = answer.finish,
                      .raw = answer.text,
                      .prompt_tokens = answer.prompt_tokens,
                      .completion_tokens = answer.completion_tokens,
                      .problem = {},
                      .mended = {}};
  auto parsed = parse_answer(answer.text);
  if (!parsed.ok()) {
    candidate.problem = parsed.problem;
    return candidate;
  }
  candidate.program = std::move(*parsed.value);
  auto fixed = mend_python(candidate.program.code, spec);
  candidate.program.code = std::move(fixed.code);
  candidate.mended = std::move(fixed.mended);
  return candidate;
}

void add_samples(core::GenerationRequest request, int samples, std::uint32_t seed, double temperature,
                 std::vector<core::GenerationRequest>& requests) {
  for (int k = 0; k < samples; ++k) {
    request.sampling.seed = seed + static_cast<std::uint32_t>(k);
    request.sampling.temperature = sample_temperature(temperature, k);
    requests.push_back(request);
  }
}

std::vector<std::vector<Candidate>> generate(core::TextGenerator& generator, const PromptSet& prompts,
                                             const core::Requirement& requirement,
                                             std::span<const core::Specification> specs, int samples,
                                             std::uint32_t seed, double temperature,
                                             const core::GenerationListener& listener, const base::CancelToken& cancel,
                                             std::span<const std::size_t> only,
                                             std::span<const std::vector<core::Reference>> references) {
  std::vector<core::GenerationRequest> requests;
  std::vector<std::size_t> owners;
  for (std::size_t index = 0; index < specs.size(); ++index) {
    if (!only.empty() && std::find(only.begin(), only.end(), index) == only.end()) continue;
    const auto quoted = index < references.size() ? std::span(references[index]) : std::span<const core::Reference>{};
    add_requests(prompts, requirement, specs[index], quoted, samples, seed, temperature, requests);
    owners.resize(requests.size(), index);
  }
  const auto answers = generator.generate(requests, listener, cancel);
  std::vector<std::vector<Candidate>> candidates(specs.size());
  for (std::size_t i = 0; i < answers.size(); ++i) {
    candidates[owners[i]].push_back(to_candidate(specs[owners[i]], requests[i], answers[i]));
  }
  return candidates;
}

}  // namespace gpiot::agents
