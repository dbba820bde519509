#pragma once

#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gpiot/llm/handles.h"
#include "gpiot/weights/gguf_check.h"

struct llama_vocab;

namespace gpiot::llm {

using Token = std::int32_t;

/// A model in memory and its vocabulary: const after load, may be shared by several generators and threads.
class LlamaModel {
 public:
  /// Checks the file (weights::check_gguf), then loads it. `on_progress` hears 0 ... 1.
  /// Errors: NotFound; Format; Model where libllama refuses it, or it is an adapter or cannot write text.
  /// `part` vocabulary: the weights stay on the disk; only tokens and chat template are to be had.
  enum class Part { whole, vocabulary };
  explicit LlamaModel(const std::filesystem::path& path, const std::function<void(double)>& on_progress = {},
                      Part part = Part::whole);

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] const weights::GgufSummary& summary() const { return summary_; }
  /// For libllama's functions, whose contexts and adapters want it mutable.
  [[nodiscard]] llama_model* handle() const { return handle_.get(); }
  [[nodiscard]] const llama_vocab* vocabulary() const;
  [[nodiscard]] int vocabulary_size() const;
  [[nodiscard]] int trained_context() const;

  /// `with_control`: texts such as <|im_end|> become the control token; else they stay text.
  [[nodiscard]] std::vector<Token> tokens_of(std::string_view text, bool at_start, bool with_control) const;
  /// The bytes of one token: may be part of a character; empty for control tokens.
  [[nodiscard]] std::string piece_of(Token token) const;
  /// End of the answer.
  [[nodiscard]] bool is_end(Token token) const;
  /// The token that the model is to write when its turn is over.
  [[nodiscard]] Token end_of_turn() const;

 private:
  std::filesystem::path path_;
  weights::GgufSummary summary_;
  ModelHandle handle_;
};

}  // namespace gpiot::llm
