#include "gpiot/llm/chat_template.h"

#include <fmt/format.h>
#include <llama.h>

#include <algorithm>

#include "gpiot/base/error.h"
#include "gpiot/base/strings.h"

namespace gpiot::llm {
namespace {

using base::Error;
using base::ErrorCode;

void check_messages(std::span<const core::ChatMessage> messages) {
  if (messages.empty()) throw Error(ErrorCode::InvalidArgument, "llm.prompt", "no message: expected at least one");
  for (const auto& message : messages) {
    if (message.role == "system" || message.role == "user" || message.role == "assistant") continue;
    throw Error(
        ErrorCode::InvalidArgument, "llm.prompt",
        fmt::format("unknown role: got '{}', expected system, user or assistant", base::printable(message.role)));
  }
}

bool holds_control(const LlamaModel& model, const std::string& text) {
  return text.find('<') != std::string::npos &&
         model.tokens_of(text, false, true) != model.tokens_of(text, false, false);
}

/// Template parts with control tokens, message parts without. The template is applied to place-holders, since a
/// message may look like a part of the template.
std::vector<Token> guarded_tokens(const LlamaModel& model, std::span<const core::ChatMessage> messages,
                                  const std::string& answer_start) {
  std::vector<core::ChatMessage> holders;
  for (std::size_t i = 0; i < messages.size(); ++i) {
    holders.push_back({messages[i].role, fmt::format("\x01message{}\x01", i)});
  }
  const std::string text = chat_text(model, holders) + answer_start;
  std::vector<Token> tokens;
  const auto add = [&](std::string_view part, bool with_control) {
    const auto more = model.tokens_of(part, tokens.empty(), with_control);
    tokens.insert(tokens.end(), more.begin(), more.end());
  };
  std::size_t done = 0;
  for (std::size_t i = 0; i < messages.size(); ++i) {
    const std::size_t at = text.find(holders[i].content, done);
    if (at == std::string::npos) continue;
    add(std::string_view(text).substr(done, at - done), true);
    add(messages[i].content, false);
    done = at + holders[i].content.size();
  }
  add(std::string_view(text).substr(done), true);
  return tokens;
}

}  // namespace

std::string chat_text(const LlamaModel& model, std::span<const core::ChatMessage> messages) {
  check_messages(messages);
  std::vector<llama_chat_message> chat;
  std::size_t bytes = 256;
  for (const auto& message : messages) {
    chat.push_back({message.role.c_str(), message.content.c_str()});
    bytes += message.content.size() + 64;
  }
  const char* in_file = llama_model_chat_template(model.handle(), nullptr);
  const char* form = in_file != nullptr ? in_file : "chatml";
  std::string text(bytes, '\0');
  for (int attempt = 0; attempt < 2; ++attempt) {
    const int length = llama_chat_apply_template(form, chat.data(), chat.size(), true, text.data(),
                                                 static_cast<std::int32_t>(text.size()));
    if (length < 0) {
      throw Error(ErrorCode::Unsupported, "llm.prompt",
                  fmt::format("the chat template of {} is not one that libllama knows", model.path().string()));
    }
    const bool fits = static_cast<std::size_t>(length) <= text.size();
    text.resize(static_cast<std::size_t>(length));
    if (fits) return text;
  }
  throw Error(ErrorCode::Internal, "llm.prompt", "the chat text grew between two equal calls");
}

std::vector<Token> prompt_tokens(const LlamaModel& model, std::span<const core::ChatMessage> messages,
                                 const std::string& answer_start) {
  const bool guard = std::ranges::any_of(
      messages, [&](const core::ChatMessage& message) { return holds_control(model, message.content); });
  if (guard) return guarded_tokens(model, messages, answer_start);
  return model.tokens_of(chat_text(model, messages) + answer_start, true, true);
}

}  // namespace gpiot::llm
