#include "gpiot/agents/scripted_generator.h"

#include <memory>

#include "gpiot/base/error.h"

namespace gpiot::agents {

ScriptedGenerator::ScriptedGenerator(std::deque<std::string> answers) {
  answer_ = [queue = std::move(answers)](const core::GenerationRequest&) mutable {
    if (queue.empty()) {
      throw base::Error(base::ErrorCode::Internal, "agents.script", "no scripted answer is left");
    }
    std::string next = std::move(queue.front());
    queue.pop_front();
    return next;
  };
}

ScriptedGenerator::ScriptedGenerator(Answer answer) : answer_(std::move(answer)) {}

std::vector<core::Generation> ScriptedGenerator::generate(std::span<const core::GenerationRequest> requests,
                                                          const core::GenerationListener& listener,
                                                          const base::CancelToken& cancel) {
  ++calls_;
  std::vector<core::Generation> answers;
  core::GenerationProgress progress{.requests_total = static_cast<int>(requests.size())};
  for (const auto& request : requests) {
    requests_.push_back(request);
    core::Generation generation;
    if (cancel.cancelled()) {
      generation.finish = core::FinishReason::Cancelled;
    } else {
      generation.text = request.answer_start + answer_(request);
      generation.prompt_tokens = count_tokens(request.messages);
      generation.completion_tokens = static_cast<int>(generation.text.size() / 4);
    }
    progress.completion_tokens += generation.completion_tokens;
    ++progress.requests_done;
    answers.push_back(std::move(generation));
  }
  if (listener) listener(progress);
  return answers;
}

int ScriptedGenerator::count_tokens(std::span<const core::ChatMessage> messages) {
  std::size_t bytes = 0;
  for (const auto& message : messages) bytes += message.content.size() + message.role.size();
  return static_cast<int>(bytes / 4);
}

core::GeneratorIdentity ScriptedGenerator::identity() const {
  core::GeneratorIdentity who;
  who.name = "script";
  who.backend = "script";
  return who;
}

}  // namespace gpiot::agents
