#include "counting_generator.h"

#include <utility>

namespace gpiot::bench {

CountingGenerator::CountingGenerator(core::TextGenerator& inner, std::function<void(const AskedCounts&)> on_call)
    : inner_(inner), on_call_(std::move(on_call)) {}

std::vector<core::Generation> CountingGenerator::generate(std::span<const core::GenerationRequest> requests,
                                                          const core::GenerationListener& listener,
                                                          const base::CancelToken& cancel) {
  auto answers = inner_.generate(requests, listener, cancel);
  for (const auto& answer : answers) {
    if (counts_.answers == 0) first_answer_ = answer.text;
    ++counts_.answers;
    counts_.prompt_tokens += answer.prompt_tokens;
    counts_.completion_tokens += answer.completion_tokens;
  }
  ++counts_.calls;
  if (on_call_) on_call_(counts_);
  return answers;
}

int CountingGenerator::count_tokens(std::span<const core::ChatMessage> messages) {
  return inner_.count_tokens(messages);
}

}  // namespace gpiot::bench
