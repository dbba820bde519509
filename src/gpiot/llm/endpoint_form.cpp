#include "gpiot/llm/endpoint_form.h"

#include <fmt/format.h>

#include "gpiot/base/error.h"
#include "gpiot/base/json.h"
#include "gpiot/base/strings.h"

namespace gpiot::llm {
namespace {

using base::Error;
using base::ErrorCode;
using base::Json;

constexpr std::size_t kShownBytes = 300;

std::string shortened(const std::string& text) {
  const std::string shown = base::printable(base::trim(text.substr(0, kShownBytes)));
  return text.size() > kShownBytes ? shown + " ..." : shown;
}

[[noreturn]] void refuse(const std::string& url, std::string_view problem, const std::string& body) {
  throw Error(ErrorCode::Format, "llm.endpoint",
              fmt::format("{} {}: got '{}', expected a chat completion", url, problem, shortened(body)),
              "check that the address is that of an OpenAI-compatible server, with /v1");
}

int integer_of(const Json& object, const char* key) {
  if (!object.is_object() || !object.contains(key) || !object[key].is_number_integer()) return 0;
  return object[key].get<int>();
}

}  // namespace

std::string request_body(const core::GenerationRequest& request, const std::string& model) {
  const core::SamplingOptions& sampling = request.sampling;
  Json body = {{"model", model}, {"stream", false}, {"messages", Json::array()}};
  for (const auto& message : request.messages) {
    body["messages"].push_back({{"role", message.role}, {"content", message.content}});
  }
  if (!request.answer_start.empty()) {
    body["messages"].push_back({{"role", "assistant"}, {"content", request.answer_start}});
    body["continue_final_message"] = true;
    body["add_generation_prompt"] = false;
  }
  body["temperature"] = sampling.temperature;
  body["max_tokens"] = sampling.max_tokens;
  if (sampling.temperature > 0) {
    body["top_p"] = sampling.top_p;
    body["seed"] = sampling.seed;
  }
  if (!sampling.stop.empty()) body["stop"] = sampling.stop;
  if (!sampling.grammar.empty()) body["grammar"] = sampling.grammar;
  return base::dump_json(body);
}

core::Generation parse_answer(const std::string& body, const core::GenerationRequest& request, const std::string& url) {
  Json json;
  try {
    json = base::parse_json(body, "llm.endpoint", "the answer");
  } catch (const Error&) {
    refuse(url, "did not answer with JSON", body);
  }
  if (!json.is_object() || !json.contains("choices") || !json["choices"].is_array() || json["choices"].empty()) {
    refuse(url, "answered without choices", body);
  }
  const Json& choice = json["choices"][0];
  const bool has_text = choice.is_object() && choice.contains("message") && choice["message"].is_object() &&
                        choice["message"].contains("content") && choice["message"]["content"].is_string();
  if (!has_text) refuse(url, "answered without a text", body);
  core::Generation answer;
  answer.text = choice["message"]["content"].get<std::string>();
  // Servers differ in whether the continued text is given back.
  if (!answer.text.starts_with(request.answer_start)) answer.text.insert(0, request.answer_start);
  const bool cut = choice.contains("finish_reason") && choice["finish_reason"] == "length";
  answer.finish = cut ? core::FinishReason::Length : core::FinishReason::Stop;
  if (json.contains("usage")) {
    answer.prompt_tokens = integer_of(json["usage"], "prompt_tokens");
    answer.completion_tokens = integer_of(json["usage"], "completion_tokens");
  }
  return answer;
}

std::string error_text(const std::string& body) {
  try {
    const Json json = base::parse_json(body, "llm.endpoint", "the error");
    if (json.is_object() && json.contains("error")) {
      const Json& error = json["error"];
      if (error.is_string()) return shortened(error.get<std::string>());
      if (error.is_object() && error.contains("message") && error["message"].is_string()) {
        return shortened(error["message"].get<std::string>());
      }
    }
  } catch (const Error&) {
    return shortened(body);
  }
  return shortened(body);
}

}  // namespace gpiot::llm
