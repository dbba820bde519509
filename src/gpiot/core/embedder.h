#pragma once

#include <span>
#include <string>
#include <vector>

#include "gpiot/base/cancel.h"

namespace gpiot::core {

/// What made a vector: vectors of two identities must not be compared.
struct EmbedderIdentity {
  std::string name;  ///< file name of the model
  std::string sha256;
  int max_tokens = 0;  ///< where texts were cut
};

/// Turns texts into vectors whose dot products say how near in meaning the texts are.
/// Implementations: llm::LlamaEmbedder.
class Embedder {
 public:
  virtual ~Embedder() = default;

  /// Numbers of a vector.
  [[nodiscard]] virtual int dimension() const = 0;
  /// What is beyond so many tokens of a text is not looked at; the marks at its ends count.
  [[nodiscard]] virtual int max_tokens() const = 0;
  [[nodiscard]] virtual EmbedderIdentity identity() const = 0;
  /// [texts, dimension], row by row, each of length 1. Any bytes are taken; an empty text has a vector, too.
  /// Errors: Cancelled; Model; Capacity for a text of more than 256 MB.
  [[nodiscard]] virtual std::vector<float> embed(std::span<const std::string> texts,
                                                 const base::CancelToken& cancel) = 0;
};

}  // namespace gpiot::core
