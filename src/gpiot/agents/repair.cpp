#include "gpiot/agents/repair.h"

#include "gpiot/agents/grammar.h"
#include "gpiot/agents/outlines.h"
#include "gpiot/base/strings.h"

namespace gpiot::agents {
namespace {

constexpr std::string_view kPrompt = "repair";
constexpr std::size_t kProblemBytes = 1500;

/// The end of the text, where a traceback says what happened; cut at a line.
std::string last_lines(const std::string& problem) {
  if (problem.size() <= kProblemBytes) return problem;
  const std::string tail = problem.substr(problem.size() - kProblemBytes);
  const auto line = tail.find('\n');
  return "...\n" + (line == std::string::npos ? tail : tail.substr(line + 1));
}

}  // namespace

std::vector<Candidate> repair(core::TextGenerator& generator, const PromptSet& prompts,
                              const core::Requirement& requirement, const core::Specification& spec,
                              const core::Program& program, const std::string& problem, int samples, std::uint32_t seed,
                              double temperature, const core::GenerationListener& listener,
                              const base::CancelToken& cancel, std::span<const core::Reference> references) {
  core::GenerationRequest request;
  const auto values = function_values(prompts, requirement, spec, references);
  request.messages = prompts.render(generate_prompt(requirement, spec), values);
  request.fixed_messages = request.messages.size() - 1;
  if (!program.code.empty()) {
    request.messages.push_back({"assistant", "```python\n" + base::trim(program.code) + "\n```"});
    const auto again = prompts.render(
        kPrompt, {{"problem", base::printable(last_lines(problem))}, {"signature", values.at("signature")}});
    request.messages.insert(request.messages.end(), again.begin(), again.end());
  }
  request.sampling.max_tokens = kProgramTokens;
  request.sampling.grammar = generate_grammar(prompts, requirement, spec);
  std::vector<core::GenerationRequest> requests;
  add_samples(std::move(request), samples, seed, temperature, requests);
  std::vector<Candidate> candidates;
  const auto answers = generator.generate(requests, listener, cancel);
  for (std::size_t i = 0; i < answers.size(); ++i) candidates.push_back(to_candidate(spec, requests[i], answers[i]));
  return candidates;
}

}  // namespace gpiot::agents
