#include "replay.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <map>

#include "gpiot/base/files.h"
#include "gpiot/llm/chat_template.h"

namespace gpiot::bench {
namespace {

using base::Json;

/// End tokens fit no rule of it, since it never comes to an end. One check per token: a few microseconds.
constexpr const char* kEndless = "root ::= . root\n";

double rate(std::int64_t count, double wall_s) { return wall_s > 0 ? static_cast<double>(count) / wall_s : 0; }

}  // namespace

agents::TracedCall with_fixed_work(agents::TracedCall call) {
  for (std::size_t i = 0; i < call.requests.size(); ++i) {
    auto& sampling = call.requests[i].sampling;
    sampling.stop.clear();
    sampling.grammar = kEndless;
    sampling.max_tokens = std::max(1, call.answers[i].tokens);
  }
  return call;
}

agents::TracedCall with_even_lengths(agents::TracedCall call) {
  std::map<std::string, std::vector<std::size_t>> groups;
  for (std::size_t i = 0; i < call.requests.size(); ++i) {
    std::string prompt;
    for (const auto& message : call.requests[i].messages) prompt += message.role + '\0' + message.content + '\0';
    groups[prompt + call.requests[i].answer_start].push_back(i);
  }
  for (const auto& [prompt, members] : groups) {
    int sum = 0;
    for (const std::size_t i : members) sum += std::max(1, call.answers[i].tokens);
    for (const std::size_t i : members) call.answers[i].tokens = sum / static_cast<int>(members.size());
  }
  return call;
}

Json play(llm::LlamaGenerator& generator, const std::vector<agents::TracedCall>& calls) {
  const base::CancelToken cancel;
  Json played = Json::array();
  double all_wall_s = 0;
  std::int64_t all_prompt = 0;
  std::int64_t all_made = 0;
  const std::size_t evaluated_before = generator.evaluated_prompt_tokens();
  for (const auto& call : calls) {
    const std::size_t evaluated = generator.evaluated_prompt_tokens();
    const auto start = std::chrono::steady_clock::now();
    const auto answers = generator.generate(call.requests, {}, cancel);
    const double wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    std::int64_t prompt = 0;
    std::int64_t made = 0;
    Json lengths = Json::array();
    for (const auto& answer : answers) {
      prompt += answer.prompt_tokens;
      made += answer.completion_tokens;
      lengths.push_back(answer.completion_tokens);
    }
    played.push_back({{"call", call.call},
                      {"wall_s", wall_s},
                      {"prompt_tokens", prompt},
                      {"evaluated_prompt_tokens", generator.evaluated_prompt_tokens() - evaluated},
                      {"completion_tokens", made},
                      {"tok_s", rate(made, wall_s)},
                      {"answers", std::move(lengths)}});
    fmt::print(stderr, "call {}: {} answers, {} tokens, {:.1f} s\n", call.call, answers.size(), made, wall_s);
    all_wall_s += wall_s;
    all_prompt += prompt;
    all_made += made;
  }
  return {{"wall_s", all_wall_s},
          {"prompt_tokens", all_prompt},
          {"evaluated_prompt_tokens", generator.evaluated_prompt_tokens() - evaluated_before},
          {"completion_tokens", all_made},
          {"tok_s", rate(all_made, all_wall_s)},
          {"calls", std::move(played)}};
}

void write_prompts(const llm::LlamaModel& model, const std::vector<agents::TracedCall>& calls,
                   const std::filesystem::path& file) {
  std::string text;
  for (const auto& call : calls) {
    Json prompts = Json::array();
    for (const auto& request : call.requests) {
      prompts.push_back(llm::prompt_tokens(model, request.messages, request.answer_start));
    }
    text += base::dump_json({{"call", call.call}, {"prompts", std::move(prompts)}}) + '\n';
  }
  base::write_file_atomic(file, text, "bench.prompts");
}

}  // namespace gpiot::bench
