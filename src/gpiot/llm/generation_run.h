#pragma once

#include <span>
#include <vector>

#include "gpiot/core/text_generator.h"
#include "gpiot/llm/answer_text.h"
#include "gpiot/llm/batch_decoder.h"
#include "gpiot/llm/progress_meter.h"
#include "gpiot/llm/token_sampler.h"

namespace gpiot::llm {

/// One call of LlamaGenerator::generate: as many requests at a time as there are sequences; where an answer ends,
/// the next waiting request takes its slot.
class GenerationRun {
 public:
  /// `prompts[i]` are the tokens of `requests[i]`, the first `fixed[i]` of them those of its fixed messages. All
  /// arguments outlive this object.
  GenerationRun(const LlamaModel& model, BatchDecoder& decoder, std::span<const core::GenerationRequest> requests,
                std::span<const std::vector<Token>> prompts, std::span<const std::size_t> fixed,
                const core::GenerationListener& listener, const base::CancelToken& cancel);

  /// Answers in the order of the requests. Errors: as core::TextGenerator::generate.
  [[nodiscard]] std::vector<core::Generation> run();

 private:
  struct Live {
    std::size_t request;
    TokenSampler sampler;
    AnswerText text;
    Token pending;  ///< chosen or given, not yet evaluated
    int made = 0;
  };

  [[nodiscard]] bool start_next(std::size_t slot);
  [[nodiscard]] bool advance();
  [[nodiscard]] bool take_token(std::size_t slot);
  [[nodiscard]] bool free_slot(std::size_t slot);
  void finish(Live& live, core::FinishReason reason);
  void cancel_rest();

  const LlamaModel& model_;
  BatchDecoder& decoder_;
  std::span<const core::GenerationRequest> requests_;
  std::span<const std::vector<Token>> prompts_;
  std::span<const std::size_t> fixed_;
  const base::CancelToken& cancel_;
  ProgressMeter meter_;
  std::vector<TokenSampler> samplers_;  ///< of the requests, made first: a bad one is refused before any work
  std::vector<Live> live_;              ///< by slot
  std::vector<core::Generation> answers_;
  std::size_t next_ = 0;  ///< first request that waits
};

}  // namespace gpiot::llm
