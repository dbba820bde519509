#include "gpiot/llm/batch_decoder.h"

#include <fmt/format.h>
#include <llama.h>

#include <algorithm>
#include <bit>

#include "gpiot/base/error.h"
#include "gpiot/llm/llama_log.h"

namespace gpiot::llm {
namespace {

using base::Error;
using base::ErrorCode;

bool on_abort(void* token) {
  const auto* cancel = *static_cast<const base::CancelToken* const*>(token);
  return cancel != nullptr && cancel->cancelled();
}

// Room for a sequence at first, and what it grows by: most answers and their prompts need no more.
constexpr std::size_t kLength = 2048;

/// How much of a slot's evaluated prompt serves `wanted`: all of it where both are equal, else whole parts.
std::size_t usable(std::span<const Token> held, std::span<const Token> wanted) {
  const auto common = static_cast<std::size_t>(std::ranges::mismatch(held, wanted).in1 - held.begin());
  if (common == held.size() && common == wanted.size()) return common;
  return common / BatchDecoder::kPart * BatchDecoder::kPart;
}

}  // namespace

BatchDecoder::BatchDecoder(const LlamaModel& model, llama_adapter_lora* adapter, const DecoderOptions& options,
                           PromptStore store)
    : model_(model), adapter_(adapter), options_(options), store_(std::move(store)) {
  make_context(1, 1);
}

void BatchDecoder::make_context(std::size_t sequences, std::size_t tokens) {
  const auto count = static_cast<std::uint32_t>(sequences);
  const auto most = (static_cast<std::size_t>(options_.context_tokens) + 255) / 256 * 256;
  length_ = std::min(most, (tokens + kLength - 1) / kLength * kLength);
  const auto per_sequence = static_cast<std::uint32_t>(length_);
  llama_context_params parameters = llama_context_default_params();
  parameters.n_ctx = per_sequence * count;
  parameters.n_seq_max = count;
  parameters.n_batch = std::max<std::uint32_t>(kMost, count);
  parameters.n_ubatch = parameters.n_batch;
  parameters.n_outputs_max = count;
  parameters.n_threads = options_.threads;
  parameters.n_threads_batch = options_.threads;
  parameters.kv_unified = options_.kv_unified;
  parameters.swa_full = true;
  parameters.no_perf = true;
  parameters.abort_callback = on_abort;
  parameters.abort_callback_data = static_cast<void*>(&cancel_);
  const LogCapture log;
  context_.reset();
  context_.reset(llama_init_from_model(model_.handle(), parameters));
  if (!context_) {
    throw Error(ErrorCode::Model, "llm.context",
                fmt::format("no context of {} sequences of {} tokens: {}", count, per_sequence, log.reason()),
                "lower the number of parallel answers or the context length: memory is probably short");
  }
  float scale = 1.0F;
  if (adapter_ != nullptr && llama_set_adapters_lora(context_.get(), &adapter_, 1, &scale) != 0) {
    throw Error(ErrorCode::Model, "llm.context", "the adapter cannot be used: " + log.reason());
  }
  slots_.assign(sequences, {});
}

void BatchDecoder::reserve(std::size_t sequences, std::size_t tokens) {
  if (sequences <= slots_.size() && tokens <= length_) return;
  // 1, 2, 4, 8, 16, 24, 32: a context costs its memory whether all of it is used or not.
  const std::size_t room = sequences <= 8 ? std::bit_ceil(sequences) : (sequences + 7) / 8 * 8;
  make_context(std::max(slots_.size(), std::min(room, max_sequences())), std::max(tokens, length_));
}

void BatchDecoder::forget() {
  llama_memory_clear(llama_get_memory(context_.get()), false);
  slots_.assign(slots_.size(), {});
}

bool BatchDecoder::decode(std::span<const Placed> tokens, bool with_logits, const base::CancelToken& cancel) {
  std::vector<Token> ids;
  std::vector<llama_pos> positions;
  std::vector<llama_seq_id> sequences;
  for (const Placed& placed : tokens) {
    auto& held = slots_[placed.slot].tokens;
    ids.push_back(placed.token);
    sequences.push_back(static_cast<llama_seq_id>(placed.slot));
    positions.push_back(static_cast<llama_pos>(held.size()));
    held.push_back(placed.token);
  }
  std::vector<llama_seq_id*> sequence_of;
  for (auto& sequence : sequences) sequence_of.push_back(&sequence);
  std::vector<std::int32_t> ones(tokens.size(), 1);
  std::vector<std::int8_t> output(tokens.size(), with_logits ? 1 : 0);
  const llama_batch batch{static_cast<std::int32_t>(tokens.size()),
                          ids.data(),
                          nullptr,
                          positions.data(),
                          ones.data(),
                          sequence_of.data(),
                          output.data()};
  const LogCapture log;
  cancel_ = &cancel;
  const int status = llama_decode(context_.get(), batch);
  cancel_ = nullptr;
  if (status == 0) return true;
  forget();
  if (status == 2 || cancel.cancelled()) return false;
  throw Error(ErrorCode::Model, "llm.decode", fmt::format("libllama gave status {}: {}", status, log.reason()));
}

void BatchDecoder::copy(std::size_t from, std::size_t to, std::size_t count) {
  auto* memory = llama_get_memory(context_.get());
  const auto source = static_cast<llama_seq_id>(from);
  const auto target = static_cast<llama_seq_id>(to);
  const auto end = static_cast<llama_pos>(count);
  if (from != to) {
    llama_memory_seq_rm(memory, target, -1, -1);
    // The split layout copies whole sequences only; what is too much is removed after.
    if (count > 0) llama_memory_seq_cp(memory, source, target, -1, -1);
  }
  slots_[to] = {{slots_[from].tokens.begin(), slots_[from].tokens.begin() + end}, std::min(count, slots_[from].prompt)};
  if (llama_memory_seq_rm(memory, target, end, -1)) return;
  // Recurrent states cannot be cut back.
  llama_memory_seq_rm(memory, target, -1, -1);
  slots_[to] = {};
}

std::size_t BatchDecoder::reuse(std::size_t slot, std::span<const Token> wanted) {
  const auto usable_of = [&](const Slot& held) { return usable(std::span(held.tokens).first(held.prompt), wanted); };
  std::size_t best = slot;
  std::size_t count = usable_of(slots_[slot]);
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    if (usable_of(slots_[i]) <= count) continue;
    best = i;
    count = usable_of(slots_[i]);
  }
  copy(best, slot, count);
  return slots_[slot].tokens.size();
}

bool BatchDecoder::restore(std::size_t slot, std::span<const Token> beginning) {
  const auto state = store_.load(beginning);
  if (!state) return false;
  const auto sequence = static_cast<llama_seq_id>(slot);
  auto* memory = llama_get_memory(context_.get());
  llama_memory_seq_rm(memory, sequence, -1, -1);
  slots_[slot] = {};
  const LogCapture log;
  const auto* const bytes = reinterpret_cast<const std::uint8_t*>(state->data());
  if (llama_state_seq_set_data(context_.get(), bytes, state->size(), sequence) == 0 ||
      llama_memory_seq_pos_max(memory, sequence) + 1 != static_cast<llama_pos>(beginning.size())) {
    llama_memory_seq_rm(memory, sequence, -1, -1);
    return false;
  }
  slots_[slot] = {{beginning.begin(), beginning.end()}, beginning.size()};
  return true;
}

void BatchDecoder::keep(std::size_t slot) {
  if (!store_.enabled()) return;
  const auto sequence = static_cast<llama_seq_id>(slot);
  std::string state(llama_state_seq_get_size(context_.get(), sequence), '\0');
  auto* const bytes = reinterpret_cast<std::uint8_t*>(state.data());
  if (llama_state_seq_get_data(context_.get(), bytes, state.size(), sequence) != state.size()) return;
  store_.save(slots_[slot].tokens, state);
}

bool BatchDecoder::prefill(std::size_t slot, std::span<const Token> prompt, std::size_t fixed,
                           const base::CancelToken& cancel, const std::function<void(std::size_t)>& on_part) {
  const auto wanted = prompt.first(prompt.size() - 1);
  std::size_t done = reuse(slot, wanted);
  const std::size_t kept = std::min(fixed, wanted.size()) / kPart * kPart;
  if (done < kept && restore(slot, wanted.first(kept))) done = kept;
  while (done < wanted.size()) {
    if (cancel.cancelled()) {
      forget();
      return false;
    }
    const std::size_t stop = done < kept ? kept : wanted.size();
    const std::size_t left = std::min(kMost, stop - done);
    const std::size_t count = left > kPart ? left / kPart * kPart : left;
    std::vector<Placed> part;
    for (const Token token : wanted.subspan(done, count)) part.push_back({slot, token});
    if (!decode(part, false, cancel)) return false;
    done += count;
    evaluated_ += count;
    slots_[slot].prompt = done;
    if (done == kept) keep(slot);
    on_part(done);
  }
  return true;
}

bool BatchDecoder::step(std::span<const Token> pending, const base::CancelToken& cancel) {
  std::vector<Placed> tokens;
  for (std::size_t slot = 0; slot < pending.size(); ++slot) tokens.push_back({slot, pending[slot]});
  return decode(tokens, true, cancel);
}

std::span<const float> BatchDecoder::logits(std::size_t slot) {
  const float* values = llama_get_logits_ith(context_.get(), static_cast<std::int32_t>(slot));
  if (values == nullptr) throw Error(ErrorCode::Internal, "llm.decode", fmt::format("slot {} has no output", slot));
  return {values, static_cast<std::size_t>(model_.vocabulary_size())};
}

void BatchDecoder::move(std::size_t from, std::size_t to) {
  const std::size_t prompt = slots_[from].prompt;
  copy(from, to, slots_[from].tokens.size());
  slots_[to].prompt = prompt;
}

}  // namespace gpiot::llm
