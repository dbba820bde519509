#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gpiot/agents/prompt_set.h"
#include "gpiot/core/program.h"
#include "gpiot/core/reference_source.h"
#include "gpiot/core/requirement.h"
#include "gpiot/core/text_generator.h"

namespace gpiot::agents {

/// One sampled answer for one specification.
struct Candidate {
  core::Program program;  ///< empty code where `problem` says why
  std::uint32_t seed = 0;
  double temperature = 0;
  core::FinishReason finish = core::FinishReason::Stop;
  std::string raw;  ///< the answer as the model gave it
  int prompt_tokens = 0;
  int completion_tokens = 0;
  std::string problem;              ///< empty where the answer could be read
  std::vector<std::string> mended;  ///< what was corrected in the code by rule, e.g. a missing import
  [[nodiscard]] bool ok() const { return problem.empty(); }
};

/// The CGSLM role: specifications -> candidate functions with documentation. Section 4.4 of the paper. All sub-tasks
/// times `samples` are one call of `generator`; seeds count up from `seed`; the signature is forced by a grammar
/// (ours). The answer has one list per specification, empty where `only` (indices; empty = all) leaves it out. A
/// cancelled call gives what there is, marked by `finish`. `references` (one list for each specification, or none at
/// all) go into the prompts. Errors: those of TextGenerator.
[[nodiscard]] std::vector<std::vector<Candidate>> generate(
    core::TextGenerator& generator, const PromptSet& prompts, const core::Requirement& requirement,
    std::span<const core::Specification> specs, int samples, std::uint32_t seed, double temperature,
    const core::GenerationListener& listener, const base::CancelToken& cancel, std::span<const std::size_t> only = {},
    std::span<const std::vector<core::Reference>> references = {});

/// Name of the prompt for `spec`: learned programs have worked examples of their own, for the features of an item and
/// for the learner.
[[nodiscard]] std::string_view generate_prompt(const core::Requirement& requirement, const core::Specification& spec);
/// What the answer to it may be.
[[nodiscard]] std::string generate_grammar(const PromptSet& prompts, const core::Requirement& requirement,
                                           const core::Specification& spec);
/// Tokens that one answer of this role may have.
inline constexpr int kProgramTokens = 900;
/// Temperature of sample `k`: low for the first, so that the likeliest answer is always among them.
[[nodiscard]] double sample_temperature(double temperature, int k);
/// A candidate from one answer to `request`: parsed and mended.
[[nodiscard]] Candidate to_candidate(const core::Specification& spec, const core::GenerationRequest& request,
                                     const core::Generation& answer);
/// `request` `samples` times, with seeds counting up and the first one cooler.
void add_samples(core::GenerationRequest request, int samples, std::uint32_t seed, double temperature,
                 std::vector<core::GenerationRequest>& requests);

}  // namespace gpiot::agents
