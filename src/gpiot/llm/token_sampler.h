#pragma once

#include <optional>
#include <span>

#include "gpiot/core/text_generator.h"
#include "gpiot/llm/handles.h"
#include "gpiot/llm/llama_model.h"

struct llama_token_data;

namespace gpiot::llm {

/// Chooses the next token of one answer: greedy at temperature 0, else top_k, top_p, temperature and a draw from
/// `seed`, over the tokens that the grammar allows. Not shared between answers: it holds their state.
class TokenSampler {
 public:
  /// Errors: InvalidArgument for options out of range or a grammar that does not parse.
  TokenSampler(const LlamaModel& model, const core::SamplingOptions& options);

  /// nullopt where the grammar leaves no token at all. Errors: Model when no logit is a number.
  [[nodiscard]] std::optional<Token> pick(std::span<const float> logits);
  /// The token becomes part of the answer. Never called with an end token.
  void accept(Token token);

 private:
  [[nodiscard]] bool allowed(Token token) const;
  [[nodiscard]] std::optional<Token> pick_allowed(std::span<const float> logits);
  [[nodiscard]] Token choose(std::vector<llama_token_data>& candidates);
  [[nodiscard]] std::size_t wanted(std::size_t vocabulary) const;

  core::SamplingOptions options_;
  SamplerHandle chain_;    ///< top_p, temperature, draw; null when greedy
  SamplerHandle grammar_;  ///< null for free text
};

}  // namespace gpiot::llm
