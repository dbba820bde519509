#pragma once

#include <functional>
#include <string>

#include "gpiot/core/text_generator.h"

namespace gpiot::bench {

/// What was asked through a CountingGenerator.
struct AskedCounts {
  int calls = 0;
  int answers = 0;
  int prompt_tokens = 0;  ///< of all answers, with those that a cache spared
  int completion_tokens = 0;
};

/// Hands everything on, counts it, and keeps the first answer: what the model says before the roles ask again.
class CountingGenerator final : public core::TextGenerator {
 public:
  /// `inner` outlives this object. `on_call` hears after each call.
  CountingGenerator(core::TextGenerator& inner, std::function<void(const AskedCounts&)> on_call);

  [[nodiscard]] std::vector<core::Generation> generate(std::span<const core::GenerationRequest> requests,
                                                       const core::GenerationListener& listener,
                                                       const base::CancelToken& cancel) override;
  [[nodiscard]] int count_tokens(std::span<const core::ChatMessage> messages) override;
  [[nodiscard]] int context_tokens() const override { return inner_.context_tokens(); }
  [[nodiscard]] core::GeneratorIdentity identity() const override { return inner_.identity(); }

  [[nodiscard]] const AskedCounts& counts() const { return counts_; }
  /// Empty before the first call.
  [[nodiscard]] const std::string& first_answer() const { return first_answer_; }

 private:
  core::TextGenerator& inner_;
  std::function<void(const AskedCounts&)> on_call_;
  AskedCounts counts_;
  std::string first_answer_;
};

}  // namespace gpiot::bench
