#include "gpiot/llm/generation_run.h"

#include <algorithm>

namespace gpiot::llm {

GenerationRun::GenerationRun(const LlamaModel& model, BatchDecoder& decoder,
                             std::span<const core::GenerationRequest> requests,
                             std::span<const std::vector<Token>> prompts, std::span<const std::size_t> fixed,
                             const core::GenerationListener& listener, const base::CancelToken& cancel)
    : model_(model),
      decoder_(decoder),
      requests_(requests),
      prompts_(prompts),
      fixed_(fixed),
      cancel_(cancel),
      meter_(listener) {
  for (std::size_t i = 0; i < requests.size(); ++i) {
    samplers_.emplace_back(model, requests[i].sampling);
    core::Generation answer;
    answer.text = requests[i].answer_start;
    answer.finish = core::FinishReason::Cancelled;
    answer.prompt_tokens = static_cast<int>(prompts[i].size());
    meter_.now.prompt_tokens_total += answer.prompt_tokens;
    answers_.push_back(std::move(answer));
  }
  meter_.now.requests_total = static_cast<int>(requests.size());
}

std::vector<core::Generation> GenerationRun::run() {
  const std::size_t slots = std::min(requests_.size(), decoder_.max_sequences());
  std::size_t longest = 0;
  for (std::size_t i = 0; i < requests_.size(); ++i) {
    longest = std::max(longest, prompts_[i].size() + static_cast<std::size_t>(requests_[i].sampling.max_tokens));
  }
  decoder_.reserve(slots, longest);
  bool going = true;
  for (std::size_t slot = 0; slot < slots && going; ++slot) going = start_next(slot);
  while (going && !live_.empty()) going = !cancel_.cancelled() && advance();
  if (!going) cancel_rest();
  meter_.tell(true);
  return std::move(answers_);
}

bool GenerationRun::start_next(std::size_t slot) {
  const std::size_t request = next_++;
  const auto& prompt = prompts_[request];
  const int before = meter_.now.prompt_tokens_done;
  const auto on_part = [&](std::size_t done) {
    meter_.now.prompt_tokens_done = before + static_cast<int>(done);
    meter_.tell();
  };
  if (!decoder_.prefill(slot, prompt, fixed_[request], cancel_, on_part)) return false;
  meter_.now.prompt_tokens_done = before + static_cast<int>(prompt.size());
  Live live{request, std::move(samplers_[request]),
            AnswerText(requests_[request].answer_start, requests_[request].sampling.stop), prompt.back()};
  if (slot == live_.size()) {
    live_.push_back(std::move(live));
  } else {
    live_[slot] = std::move(live);
  }
  return true;
}

bool GenerationRun::advance() {
  std::vector<Token> pending;
  for (const Live& live : live_) pending.push_back(live.pending);
  if (!decoder_.step(pending, cancel_)) return false;
  std::vector<std::size_t> ended;
  for (std::size_t slot = 0; slot < live_.size(); ++slot) {
    if (!take_token(slot)) ended.push_back(slot);
  }
  meter_.tell();
  // From the highest down: what stands above a freed slot is alive and can be moved into it.
  return std::ranges::all_of(ended.rbegin(), ended.rend(), [this](std::size_t slot) { return free_slot(slot); });
}

bool GenerationRun::take_token(std::size_t slot) {
  Live& live = live_[slot];
  const auto token = live.sampler.pick(decoder_.logits(slot));
  if (!token || model_.is_end(*token)) {
    finish(live, token ? core::FinishReason::Stop : core::FinishReason::Length);
    return false;
  }
  ++live.made;
  ++meter_.now.completion_tokens;
  if (!live.text.add(model_.piece_of(*token))) {
    finish(live, core::FinishReason::Stop);
    return false;
  }
  if (live.made >= requests_[live.request].sampling.max_tokens) {
    finish(live, core::FinishReason::Length);
    return false;
  }
  live.sampler.accept(*token);
  live.pending = *token;
  return true;
}

bool GenerationRun::free_slot(std::size_t slot) {
  if (next_ < requests_.size()) return start_next(slot);
  const std::size_t last = live_.size() - 1;
  if (slot != last) {
    decoder_.move(last, slot);
    live_[slot] = std::move(live_[last]);
  }
  live_.pop_back();
  return true;
}

void GenerationRun::finish(Live& live, core::FinishReason reason) {
  core::Generation& answer = answers_[live.request];
  answer.text = live.text.take();
  answer.finish = reason;
  answer.completion_tokens = live.made;
  if (reason != core::FinishReason::Cancelled) ++meter_.now.requests_done;
}

void GenerationRun::cancel_rest() {
  for (Live& live : live_) {
    if (answers_[live.request].finish == core::FinishReason::Cancelled) finish(live, core::FinishReason::Cancelled);
  }
}

}  // namespace gpiot::llm
