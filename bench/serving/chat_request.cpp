#include "chat_request.h"

namespace gpiot {

core::GenerationRequest bench::request_of(const base::Json& body) {
  core::GenerationRequest request;
  for (const auto& message : body.at("messages")) {
    request.messages.push_back({message.at("role").get<std::string>(), message.at("content").get<std::string>()});
  }
  if (body.value("continue_final_message", false)) {
    request.answer_start = request.messages.back().content;
    request.messages.pop_back();
  }
  request.sampling.temperature = body.at("temperature").get<double>();
  request.sampling.top_p = body.value("top_p", request.sampling.top_p);
  request.sampling.max_tokens = body.value("max_tokens", request.sampling.max_tokens);
  request.sampling.seed = body.value("seed", request.sampling.seed);
  request.sampling.grammar = body.value("grammar", std::string());
  return request;
}

}  // namespace gpiot
