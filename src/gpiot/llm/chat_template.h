#pragma once

#include <span>
#include <string>
#include <vector>

#include "gpiot/core/text_generator.h"
#include "gpiot/llm/llama_model.h"

namespace gpiot::llm {

/// The messages in the model's own chat form (ChatML where the file has no template), ready for the answer.
/// Errors: InvalidArgument for no message or an unknown role; Unsupported for a template libllama does not know.
[[nodiscard]] std::string chat_text(const LlamaModel& model, std::span<const core::ChatMessage> messages);

/// Tokens of `chat_text` and `answer_start`. Control tokens come from the template only: what looks like one inside
/// a message stays text, so that a message cannot end its own turn.
[[nodiscard]] std::vector<Token> prompt_tokens(const LlamaModel& model, std::span<const core::ChatMessage> messages,
                                               const std::string& answer_start);

}  // namespace gpiot::llm
