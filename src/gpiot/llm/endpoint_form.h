#pragma once

#include <string>

#include "gpiot/core/text_generator.h"

namespace gpiot::llm {

/// The body of a chat completion request, JSON.
[[nodiscard]] std::string request_body(const core::GenerationRequest& request, const std::string& model);

/// The answer in a response of status 200. `url` is for the message. Errors: Format.
[[nodiscard]] core::Generation parse_answer(const std::string& body, const core::GenerationRequest& request,
                                            const std::string& url);

/// What an error body says, shortened and safe to print: its error.message where it has one.
[[nodiscard]] std::string error_text(const std::string& body);

}  // namespace gpiot::llm
