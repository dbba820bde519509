#pragma once

#include <optional>
#include <string_view>

#include "gpiot/core/text_generator.h"

namespace gpiot::pipeline {

/// Guesses how long a batch of answers still takes, from its pace so far and the usual length of an answer.
class Outlook {
 public:
  /// `usual_tokens` of one answer: see usual_answer_tokens.
  explicit Outlook(double usual_tokens) : usual_tokens_(usual_tokens) {}

  /// Seconds left when `now` has been reached after `elapsed_s` of the batch, both growing from call to call. Empty
  /// while the prompts are read: how much of them is shared, and so done already, shows only then.
  [[nodiscard]] std::optional<double> seconds_left(const core::GenerationProgress& now, double elapsed_s);

 private:
  double usual_tokens_;
  double prompt_end_s_ = 0;
};

/// Tokens of an answer of the stage: the mean of heartbeat runs with the default model; 150 for other stages.
[[nodiscard]] double usual_answer_tokens(std::string_view stage);

}  // namespace gpiot::pipeline
