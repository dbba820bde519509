#pragma once

#include "gpiot/base/json.h"
#include "gpiot/core/text_generator.h"

namespace gpiot::bench {

/// What a chat request asks for, as relay.py gives it: {messages, max_tokens, temperature, top_p, seed, grammar,
/// continue_final_message}; what is absent is as gpiot has it.
[[nodiscard]] core::GenerationRequest request_of(const base::Json& body);

}  // namespace gpiot::bench
