#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "gpiot/base/cancel.h"
#include "gpiot/llm/handles.h"
#include "gpiot/llm/llama_model.h"

namespace gpiot::llm {

/// One libllama context that embeds a batch of texts at a time, on the thread that calls it.
class EmbeddingContext {
 public:
  static constexpr std::size_t kMostTexts = 64;  ///< of one batch

  /// `model` outlives this object. Errors: Model (no embedding model, or out of memory).
  EmbeddingContext(const LlamaModel& model, int batch_tokens);

  /// Writes the vector of texts[i], scaled to length 1, to out[i]. The texts together are at most batch_tokens long,
  /// and none is empty. Errors: Model; Cancelled.
  void embed(std::span<const std::span<const Token>> texts, std::span<float* const> out,
             const base::CancelToken& cancel);
  [[nodiscard]] int dimension() const;

 private:
  const LlamaModel& model_;
  ContextHandle context_;
  const base::CancelToken* cancel_ = nullptr;  ///< of the running call, for libllama's abort callback
};

/// Which texts are evaluated together: indices into `lengths` (tokens, each 1 to `batch_tokens`), longest first, at
/// most `batch_tokens` and EmbeddingContext::kMostTexts in each batch.
[[nodiscard]] std::vector<std::vector<std::size_t>> pack_texts(std::span<const std::size_t> lengths,
                                                               std::size_t batch_tokens);

}  // namespace gpiot::llm
