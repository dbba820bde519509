#pragma once

#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "gpiot/core/text_generator.h"

namespace gpiot::agents {

/// A TextGenerator without a model, for tests: answers from a queue or a function, and keeps what it was asked.
class ScriptedGenerator : public core::TextGenerator {
 public:
  using Answer = std::function<std::string(const core::GenerationRequest&)>;
  /// Gives the answers in order. An empty queue is an Internal error.
  explicit ScriptedGenerator(std::deque<std::string> answers);
  explicit ScriptedGenerator(Answer answer);

  /// `answer_start` is put before each scripted answer, as the interface says.
  [[nodiscard]] std::vector<core::Generation> generate(std::span<const core::GenerationRequest> requests,
                                                       const core::GenerationListener& listener,
                                                       const base::CancelToken& cancel) override;
  /// About four bytes a token.
  [[nodiscard]] int count_tokens(std::span<const core::ChatMessage> messages) override;
  [[nodiscard]] int context_tokens() const override { return 4096; }
  [[nodiscard]] core::GeneratorIdentity identity() const override;

  /// Every request so far, in order.
  [[nodiscard]] const std::vector<core::GenerationRequest>& requests() const { return requests_; }
  /// Number of generate() calls so far.
  [[nodiscard]] int calls() const { return calls_; }

 private:
  Answer answer_;
  std::vector<core::GenerationRequest> requests_;
  int calls_ = 0;
};

}  // namespace gpiot::agents
