#include "gpiot/llm/llama_model.h"

#include <fmt/format.h>
#include <llama.h>

#include "gpiot/base/error.h"
#include "gpiot/llm/llama_log.h"

namespace gpiot::llm {
namespace {

using base::Error;
using base::ErrorCode;

bool on_load(float progress, void* listener) {
  const auto& hear = *static_cast<const std::function<void(double)>*>(listener);
  if (hear) hear(progress);
  return true;
}

}  // namespace

LlamaModel::LlamaModel(const std::filesystem::path& path, const std::function<void(double)>& on_progress, Part part)
    : path_(path), summary_(weights::check_gguf(path)) {
  if (summary_.is_adapter()) {
    throw Error(ErrorCode::Model, "llm.load", path.string() + " is not a model: got an adapter, expected a base model",
                "name the model that it was made for");
  }
  start_backend();
  llama_model_params parameters = llama_model_default_params();
  parameters.vocab_only = part == Part::vocabulary;
  parameters.progress_callback = on_load;
  parameters.progress_callback_user_data = const_cast<std::function<void(double)>*>(&on_progress);
  const LogCapture log;
  handle_.reset(llama_model_load_from_file(path.c_str(), parameters));
  if (!handle_) {
    throw Error(ErrorCode::Model, "llm.load",
                fmt::format("libllama cannot load {} (architecture '{}'): {}", path.string(), summary_.architecture,
                            log.reason()));
  }
  if (!llama_model_has_decoder(handle_.get()) || llama_model_has_encoder(handle_.get())) {
    throw Error(ErrorCode::Model, "llm.load",
                fmt::format("{} does not write text: got architecture '{}', expected a decoder", path.string(),
                            summary_.architecture));
  }
}

const llama_vocab* LlamaModel::vocabulary() const { return llama_model_get_vocab(handle_.get()); }
int LlamaModel::vocabulary_size() const { return llama_vocab_n_tokens(vocabulary()); }
int LlamaModel::trained_context() const { return llama_model_n_ctx_train(handle_.get()); }
bool LlamaModel::is_end(Token token) const { return llama_vocab_is_eog(vocabulary(), token); }

Token LlamaModel::end_of_turn() const {
  const Token turn = llama_vocab_eot(vocabulary());
  return turn >= 0 ? turn : llama_vocab_eos(vocabulary());
}

std::vector<Token> LlamaModel::tokens_of(std::string_view text, bool at_start, bool with_control) const {
  if (text.size() > (1U << 28)) {
    throw Error(ErrorCode::Capacity, "llm.tokens", fmt::format("the text is too long: got {} bytes", text.size()));
  }
  const auto length = static_cast<std::int32_t>(text.size());
  std::vector<Token> tokens(text.size() + 8);
  const auto capacity = static_cast<std::int32_t>(tokens.size());
  // NOLINTNEXTLINE(bugprone-suspicious-stringview-data-usage): the length goes with it
  const int count = llama_tokenize(vocabulary(), text.data(), length, tokens.data(), capacity, at_start, with_control);
  if (count < 0) {
    throw Error(ErrorCode::Internal, "llm.tokens",
                fmt::format("more tokens than bytes: got {}, expected at most {}", -count, capacity));
  }
  tokens.resize(static_cast<std::size_t>(count));
  return tokens;
}

std::string LlamaModel::piece_of(Token token) const {
  std::string piece(32, '\0');
  int count =
      llama_token_to_piece(vocabulary(), token, piece.data(), static_cast<std::int32_t>(piece.size()), 0, false);
  if (count < 0) {
    piece.resize(static_cast<std::size_t>(-count));
    count = llama_token_to_piece(vocabulary(), token, piece.data(), -count, 0, false);
  }
  piece.resize(static_cast<std::size_t>(std::max(count, 0)));
  return piece;
}

}  // namespace gpiot::llm
