#pragma once

#include <functional>
#include <span>
#include <vector>

#include "gpiot/base/cancel.h"
#include "gpiot/llm/handles.h"
#include "gpiot/llm/llama_model.h"
#include "gpiot/llm/prompt_store.h"

namespace gpiot::llm {

struct DecoderOptions {
  int context_tokens = 4096;  ///< per sequence at most
  int max_sequences = 32;
  int threads = 1;
  bool kv_unified = false;  ///< docs/decisions/0002-kv-layout.md
};

/// One libllama context and the sequences in it, kept in slots 0, 1, ... Live slots lie side by side from 0, since
/// libllama evaluates only neighbouring sequences together.
///
/// Prompts reuse what any slot still holds of the same tokens, from this call or an earlier one. Only whole
/// parts of kPart tokens are reused, and parts evaluated together give the bits that they give alone (tested): so a
/// prompt's result depends on its tokens alone, and the same requests give the same answers (split KV layout).
class BatchDecoder {
 public:
  static constexpr std::size_t kPart = 64;
  static constexpr std::size_t kMost = 256;  ///< tokens of a prompt evaluated at once

  /// `adapter` may be null. Model and adapter outlive this object. Errors: Model.
  BatchDecoder(const LlamaModel& model, llama_adapter_lora* adapter, const DecoderOptions& options, PromptStore store);

  /// Makes room for so many sequences of so many tokens each. Growing forgets what is cached. Errors: Model (out of
  /// memory).
  void reserve(std::size_t sequences, std::size_t tokens);
  /// Evaluates `prompt` but for its last token in `slot`, which holds nothing live. `on_part` hears how many of its
  /// tokens are done. Whole parts of its first `fixed` tokens are taken from the store, or put there. False when
  /// cancelled: all slots are empty then. Errors: Model.
  [[nodiscard]] bool prefill(std::size_t slot, std::span<const Token> prompt, std::size_t fixed,
                             const base::CancelToken& cancel, const std::function<void(std::size_t)>& on_part);
  /// Appends pending[i] to slot i, for all live slots together. False when cancelled, as above. Errors: Model.
  [[nodiscard]] bool step(std::span<const Token> pending, const base::CancelToken& cancel);
  /// [vocabulary] of slot i after `step`; valid until the next evaluation.
  [[nodiscard]] std::span<const float> logits(std::size_t slot);
  /// The sequence in `from` goes on in `to`.
  void move(std::size_t from, std::size_t to);

  [[nodiscard]] std::size_t max_sequences() const { return static_cast<std::size_t>(options_.max_sequences); }
  /// Prompt tokens that were evaluated, not reused, since construction.
  [[nodiscard]] std::size_t evaluated_tokens() const { return evaluated_; }

 private:
  struct Slot {
    std::vector<Token> tokens;  ///< in the KV cache
    std::size_t prompt = 0;     ///< how many of them were evaluated by `prefill`
  };

  void make_context(std::size_t sequences, std::size_t tokens);
  void forget();
  struct Placed {
    std::size_t slot;
    Token token;
  };
  [[nodiscard]] bool decode(std::span<const Placed> tokens, bool with_logits, const base::CancelToken& cancel);
  void copy(std::size_t from, std::size_t to, std::size_t count);
  [[nodiscard]] std::size_t reuse(std::size_t slot, std::span<const Token> wanted);
  [[nodiscard]] bool restore(std::size_t slot, std::span<const Token> beginning);
  void keep(std::size_t slot);

  const LlamaModel& model_;
  llama_adapter_lora* adapter_;
  DecoderOptions options_;
  PromptStore store_;
  ContextHandle context_;
  std::size_t length_ = 0;  ///< tokens that there is room for in each sequence
  std::vector<Slot> slots_;
  const base::CancelToken* cancel_ = nullptr;  ///< of the running call, for libllama's abort callback
  std::size_t evaluated_ = 0;
};

}  // namespace gpiot::llm
