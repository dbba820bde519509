#include "gpiot/agents/recording_generator.h"

#include <chrono>

#include "gpiot/agents/trace_form.h"
#include "gpiot/base/error.h"

namespace gpiot::agents {

RecordingGenerator::RecordingGenerator(std::unique_ptr<core::TextGenerator> inner, std::filesystem::path file)
    : inner_(std::move(inner)), file_(std::move(file)), out_(file_, std::ios::binary | std::ios::app) {
  check_written();
}

void RecordingGenerator::check_written() const {
  if (out_) return;
  throw base::Error(base::ErrorCode::Io, "agents.record", "the trace " + file_.string() + " cannot be written",
                    "name a file in a folder that exists and has room");
}

std::vector<core::Generation> RecordingGenerator::generate(std::span<const core::GenerationRequest> requests,
                                                           const core::GenerationListener& listener,
                                                           const base::CancelToken& cancel) {
  const auto start = std::chrono::steady_clock::now();
  auto answers = inner_->generate(requests, listener, cancel);
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - start;
  TracedCall call{
      .call = calls_++, .wall_s = wall.count(), .requests = {requests.begin(), requests.end()}, .answers = {}};
  for (const auto& answer : answers) {
    call.answers.push_back({answer.completion_tokens, answer.prompt_tokens, answer.finish});
  }
  out_ << trace_line(call) << '\n' << std::flush;
  check_written();
  return answers;
}

int RecordingGenerator::count_tokens(std::span<const core::ChatMessage> messages) {
  return inner_->count_tokens(messages);
}

}  // namespace gpiot::agents
