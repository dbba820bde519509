#pragma once

#include <cstdint>
#include <string>

#include "gpiot/core/text_generator.h"

namespace gpiot::llm {

struct EndpointOptions {
  std::string base_url;       ///< "http://127.0.0.1:8080/v1"; /chat/completions is added
  std::string model;          ///< as the server names it
  int parallel = 8;           ///< requests at a time, at least 1
  int context_tokens = 8192;  ///< of the server's model per answer: it cannot be asked for
  std::int64_t connect_timeout_ms = 10'000;
  std::int64_t timeout_ms = 900'000;  ///< of one answer
};

/// Answers by a server that speaks the OpenAI chat form: llama-server, vLLM, Ollama, a hosted one. The key, where one
/// is needed, is in the environment variable GPIOT_API_KEY; it appears in no message. Redirects are not followed.
/// `top_k`, `grammar` and the continuation of `answer_start` are asked for in llama-server's and vLLM's words.
class EndpointGenerator final : public core::TextGenerator {
 public:
  /// Errors: InvalidArgument for a URL that is not http(s), or holds a password.
  explicit EndpointGenerator(EndpointOptions options);

  /// Errors: Download (down, timeout, HTTP status other than 200), Format (not the chat form), Capacity (a prompt that
  /// by `count_tokens` does not fit with its answer, or an answer of more than 8 MiB). The first error ends the call.
  [[nodiscard]] std::vector<core::Generation> generate(std::span<const core::GenerationRequest> requests,
                                                       const core::GenerationListener& listener,
                                                       const base::CancelToken& cancel) override;
  /// An estimate, since the server's tokens are not known here: a token for 3 bytes, which is on the safe side.
  [[nodiscard]] int count_tokens(std::span<const core::ChatMessage> messages) override;
  [[nodiscard]] int context_tokens() const override { return options_.context_tokens; }
  [[nodiscard]] core::GeneratorIdentity identity() const override;

 private:
  EndpointOptions options_;
  std::string url_;
};

}  // namespace gpiot::llm
