#include "gpiot/agents/trace_form.h"

#include <fmt/format.h>

#include "gpiot/base/error.h"
#include "gpiot/base/files.h"
#include "gpiot/base/json.h"
#include "gpiot/base/strings.h"

namespace gpiot::agents {
namespace {

using base::Error;
using base::ErrorCode;
using base::Json;
using core::FinishReason;

constexpr int kSchema = 1;
constexpr std::string_view kWhere = "agents.trace";

std::string finish_name(FinishReason reason) {
  if (reason == FinishReason::Length) return "length";
  return reason == FinishReason::Cancelled ? "cancelled" : "stop";
}

FinishReason finish_of(const std::string& name) {
  if (name == "length") return FinishReason::Length;
  return name == "cancelled" ? FinishReason::Cancelled : FinishReason::Stop;
}

Json to_json(const core::GenerationRequest& request) {
  Json messages = Json::array();
  for (const auto& message : request.messages) {
    messages.push_back({{"role", message.role}, {"content", message.content}});
  }
  const core::SamplingOptions& s = request.sampling;
  return {{"messages", std::move(messages)},
          {"answer_start", request.answer_start},
          {"fixed_messages", request.fixed_messages},
          {"temperature", s.temperature},
          {"top_p", s.top_p},
          {"top_k", s.top_k},
          {"seed", s.seed},
          {"max_tokens", s.max_tokens},
          {"grammar", s.grammar},
          {"stop", s.stop}};
}

core::GenerationRequest request_of(const Json& json) {
  core::GenerationRequest request;
  for (const auto& message : json.at("messages")) {
    request.messages.push_back({message.at("role").get<std::string>(), message.at("content").get<std::string>()});
  }
  request.answer_start = json.at("answer_start").get<std::string>();
  request.fixed_messages = json.value("fixed_messages", std::size_t{0});
  core::SamplingOptions& s = request.sampling;
  s.temperature = json.at("temperature").get<double>();
  s.top_p = json.at("top_p").get<double>();
  s.top_k = json.at("top_k").get<int>();
  s.seed = json.at("seed").get<std::uint32_t>();
  s.max_tokens = json.at("max_tokens").get<int>();
  s.grammar = json.at("grammar").get<std::string>();
  s.stop = json.at("stop").get<std::vector<std::string>>();
  return request;
}

TracedCall call_of(const Json& json) {
  TracedCall call;
  call.call = json.at("call").get<int>();
  call.wall_s = json.at("wall_s").get<double>();
  for (const auto& request : json.at("requests")) call.requests.push_back(request_of(request));
  for (const auto& answer : json.at("answers")) {
    call.answers.push_back({answer.at("tokens").get<int>(), answer.at("prompt_tokens").get<int>(),
                            finish_of(answer.at("finish").get<std::string>())});
  }
  return call;
}

}  // namespace

std::string trace_line(const TracedCall& call) {
  Json json = {{"schema", kSchema}, {"call", call.call}, {"wall_s", call.wall_s}};
  json["requests"] = Json::array();
  for (const auto& request : call.requests) json["requests"].push_back(to_json(request));
  json["answers"] = Json::array();
  for (const auto& answer : call.answers) {
    json["answers"].push_back(
        {{"tokens", answer.tokens}, {"prompt_tokens", answer.prompt_tokens}, {"finish", finish_name(answer.finish)}});
  }
  return base::dump_json(json);
}

TracedCall parse_trace_line(std::string_view line, const std::string& name) {
  const Json json = base::parse_json(line, kWhere, name);
  TracedCall call;
  try {
    const int schema = json.at("schema").get<int>();
    if (schema != kSchema) {
      throw Error(ErrorCode::Format, kWhere, fmt::format("{}: got schema {}, expected {}", name, schema, kSchema));
    }
    call = call_of(json);
  } catch (const Json::exception& error) {
    throw Error(ErrorCode::Format, kWhere,
                fmt::format("{} is not a traced call: {}", name, base::printable(error.what())));
  }
  if (call.answers.size() == call.requests.size()) return call;
  throw Error(ErrorCode::Format, kWhere,
              fmt::format("{}: got {} answers, expected one for each of {} requests", name, call.answers.size(),
                          call.requests.size()));
}

std::vector<TracedCall> load_trace(const std::filesystem::path& path) {
  std::vector<TracedCall> calls;
  int number = 0;
  for (const auto& line : base::split_lines(base::read_file(path, kWhere))) {
    ++number;
    if (!base::trim(line).empty()) calls.push_back(parse_trace_line(line, fmt::format("{}:{}", path.string(), number)));
  }
  if (!calls.empty()) return calls;
  throw Error(ErrorCode::Format, kWhere, path.string() + " holds no call", "record one with GPIOT_TRACE=FILE");
}

}  // namespace gpiot::agents
