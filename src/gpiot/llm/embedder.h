#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "gpiot/core/embedder.h"
#include "gpiot/llm/embedding_context.h"
#include "gpiot/llm/llama_model.h"

namespace gpiot::llm {

struct LlamaEmbedderOptions {
  std::string model_name;    ///< of the identity; empty = that of the file
  std::string model_sha256;  ///< of the identity; empty = taken of the file
  int max_tokens = 256;      ///< never more than the model was trained for; 256 is where sentence-transformers cuts
  int batch_tokens = 256;    ///< evaluated at once by one thread, at least max_tokens; memory grows with it
  int threads = 0;           ///< 0 = physical cores
};

/// Embeds with libllama in this process. Each thread has a context of its own and takes batch after batch of texts of
/// like length: nothing waits at barriers, so that a busy machine costs no more than its share. A text's vector is the
/// same to about 1e-6 whatever it is embedded together with. Calls from several threads wait for each other.
class LlamaEmbedder final : public core::Embedder {
 public:
  /// Errors: NotFound; Format; Model where the file is no embedding model; InvalidArgument.
  LlamaEmbedder(const std::filesystem::path& model_path, const LlamaEmbedderOptions& options);

  [[nodiscard]] int dimension() const override;
  [[nodiscard]] int max_tokens() const override { return options_.max_tokens; }
  [[nodiscard]] core::EmbedderIdentity identity() const override;
  [[nodiscard]] std::vector<float> embed(std::span<const std::string> texts, const base::CancelToken& cancel) override;

  /// The tokens that `embed` evaluates of a text.
  [[nodiscard]] std::vector<Token> tokens_of(const std::string& text) const;

 private:
  LlamaModel model_;
  LlamaEmbedderOptions options_;
  std::vector<std::unique_ptr<EmbeddingContext>> contexts_;
  std::mutex mutex_;
};

}  // namespace gpiot::llm
