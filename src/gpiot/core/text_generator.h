#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "gpiot/base/cancel.h"

namespace gpiot::core {

/// One message of a chat. `role` is "system", "user" or "assistant".
struct ChatMessage {
  std::string role;
  std::string content;
};

/// How the next token is chosen.
struct SamplingOptions {
  double temperature = 0.0;  ///< 0 = greedy: always the likeliest token
  double top_p = 0.95;       ///< share of probability kept, (0, 1]
  int top_k = 40;            ///< likeliest tokens kept, 0 = all
  std::uint32_t seed = 0;
  int max_tokens = 512;
  std::string grammar;            ///< GBNF with a rule `root`; empty = free text
  std::vector<std::string> stop;  ///< the answer ends before the first of these
};

/// One answer wanted. Requests of one call that begin with the same tokens share their prefix's computation.
struct GenerationRequest {
  std::vector<ChatMessage> messages;
  std::string answer_start;        ///< text put at the start of the answer by us; it is part of `Generation::text`
  std::size_t fixed_messages = 0;  ///< so many at the beginning come back in other runs: what the model makes of them
                                   ///< may be kept
  SamplingOptions sampling;
};

enum class FinishReason {
  Stop,    ///< the model ended its answer, a stop text was met, or the grammar was complete
  Length,  ///< max_tokens was reached: the answer is cut
  Cancelled,
};

/// One answer.
struct Generation {
  std::string text;
  FinishReason finish = FinishReason::Stop;
  int prompt_tokens = 0;
  int completion_tokens = 0;
};

/// What a batch has done so far; heard about four times a second.
struct GenerationProgress {
  int prompt_tokens_done = 0;
  int prompt_tokens_total = 0;
  int completion_tokens = 0;  ///< of all requests together
  int requests_done = 0;
  int requests_total = 0;
};
using GenerationListener = std::function<void(const GenerationProgress&)>;

/// What made an answer; goes into every report.
struct GeneratorIdentity {
  std::string name;          ///< alias or path of the model, or the endpoint's model name
  std::string model_sha256;  ///< empty where it is not known (endpoint)
  std::string adapter;       ///< name of the adapter, empty for the base
  std::string adapter_sha256;
  std::string backend;  ///< "libllama b1234, AVX512", "http://127.0.0.1:8080/v1", "script"
};

/// Writes text. Implementations: llm::LlamaGenerator, llm::EndpointGenerator, agents::ScriptedGenerator (tests).
class TextGenerator {
 public:
  virtual ~TextGenerator() = default;

  /// Answers in the order of `requests`. Same requests and seeds on the same build: same answers.
  /// Errors: Capacity when a prompt and its max_tokens do not fit the context (nothing is cut silently);
  /// InvalidArgument for a grammar that does not parse; Model; Download (endpoint down); Cancelled never: a
  /// cancelled call returns what it has, marked FinishReason::Cancelled.
  [[nodiscard]] virtual std::vector<Generation> generate(std::span<const GenerationRequest> requests,
                                                         const GenerationListener& listener,
                                                         const base::CancelToken& cancel) = 0;

  /// Tokens of the messages with the chat template around them.
  [[nodiscard]] virtual int count_tokens(std::span<const ChatMessage> messages) = 0;
  /// Tokens that one prompt and its answer may have together.
  [[nodiscard]] virtual int context_tokens() const = 0;
  [[nodiscard]] virtual GeneratorIdentity identity() const = 0;
  /// False while nothing was asked of a generator that loads its model at the first question: a report need not load it
  /// to say who it would have been.
  [[nodiscard]] virtual bool is_loaded() const { return true; }
};

}  // namespace gpiot::core
