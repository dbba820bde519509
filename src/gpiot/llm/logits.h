#pragma once

#include <filesystem>
#include <span>
#include <vector>

#include "gpiot/llm/llama_model.h"

namespace gpiot::llm {

/// What libllama says about the token after each of tokens[from] ... tokens[end - 1], given those before it:
/// [tokens.size() - from, vocabulary_size()], row after row. For comparisons of numbers: keys and values are kept as
/// float. `adapter`: a LoRA file, or empty. Errors: as load_adapter; Capacity where the model's context is shorter;
/// Model where libllama refuses.
[[nodiscard]] std::vector<float> logits_of(const LlamaModel& model, const std::filesystem::path& adapter,
                                           std::span<const Token> tokens, std::size_t from);

}  // namespace gpiot::llm
