#include "gpiot/llm/embedding_context.h"

#include <fmt/format.h>
#include <llama.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "gpiot/base/error.h"
#include "gpiot/llm/llama_log.h"

namespace gpiot::llm {
namespace {

using base::Error;
using base::ErrorCode;

constexpr std::string_view kWhere = "llm.embed";

bool on_abort(void* token) {
  const auto* cancel = *static_cast<const base::CancelToken* const*>(token);
  return cancel != nullptr && cancel->cancelled();
}

/// Copies `values` to `out`, scaled to length 1. False where they have no length.
bool normalise(std::span<const float> values, float* out) {
  double sum = 0;
  for (const float value : values) sum += static_cast<double>(value) * value;
  if (!std::isfinite(sum) || sum <= 0) return false;
  const auto scale = static_cast<float>(1.0 / std::sqrt(sum));
  std::ranges::transform(values, out, [scale](float value) { return value * scale; });
  return true;
}

}  // namespace

EmbeddingContext::EmbeddingContext(const LlamaModel& model, int batch_tokens) : model_(model) {
  llama_context_params parameters = llama_context_default_params();
  parameters.n_ctx = static_cast<std::uint32_t>(batch_tokens);
  parameters.n_batch = parameters.n_ctx;
  parameters.n_ubatch = parameters.n_ctx;
  parameters.n_seq_max = kMostTexts;
  parameters.n_threads = 1;
  parameters.n_threads_batch = 1;
  parameters.embeddings = true;
  parameters.pooling_type = LLAMA_POOLING_TYPE_UNSPECIFIED;  // what the file says
  parameters.flash_attn_type = LLAMA_FLASH_ATTN_TYPE_AUTO;   // half the time on a CPU
  parameters.no_perf = true;
  parameters.abort_callback = on_abort;
  parameters.abort_callback_data = static_cast<void*>(&cancel_);
  const LogCapture log;
  context_.reset(llama_init_from_model(model.handle(), parameters));
  if (!context_) {
    throw Error(ErrorCode::Model, kWhere, fmt::format("no context of {} tokens: {}", batch_tokens, log.reason()),
                "memory is probably short");
  }
  const auto pooling = llama_pooling_type(context_.get());
  if (pooling != LLAMA_POOLING_TYPE_MEAN && pooling != LLAMA_POOLING_TYPE_CLS && pooling != LLAMA_POOLING_TYPE_LAST) {
    throw Error(
        ErrorCode::Model, kWhere,
        fmt::format("{} is no embedding model: got architecture '{}' with pooling {}, expected mean, CLS or last",
                    model.path().string(), model.summary().architecture, static_cast<int>(pooling)),
        "name an embedding model, such as minilm-l6-v2 of 'gpiot model list'");
  }
}

int EmbeddingContext::dimension() const { return llama_model_n_embd_out(model_.handle()); }

void EmbeddingContext::embed(std::span<const std::span<const Token>> texts, std::span<float* const> out,
                             const base::CancelToken& cancel) {
  std::vector<Token> ids;
  std::vector<llama_pos> positions;
  std::vector<llama_seq_id> sequences;
  for (std::size_t text = 0; text < texts.size(); ++text) {
    for (std::size_t i = 0; i < texts[text].size(); ++i) {
      ids.push_back(texts[text][i]);
      positions.push_back(static_cast<llama_pos>(i));
      sequences.push_back(static_cast<llama_seq_id>(text));
    }
  }
  std::vector<llama_seq_id*> sequence_of;
  for (auto& sequence : sequences) sequence_of.push_back(&sequence);
  std::vector<std::int32_t> ones(ids.size(), 1);
  std::vector<std::int8_t> output(ids.size(), 1);
  const llama_batch batch{static_cast<std::int32_t>(ids.size()),
                          ids.data(),
                          nullptr,
                          positions.data(),
                          ones.data(),
                          sequence_of.data(),
                          output.data()};
  const LogCapture log;
  // Nothing of the batch before it may be seen, where the model keeps keys and values.
  if (auto* memory = llama_get_memory(context_.get()); memory != nullptr) llama_memory_clear(memory, false);
  cancel_ = &cancel;
  const int status = llama_decode(context_.get(), batch);
  cancel_ = nullptr;
  cancel.throw_if_cancelled(kWhere);
  if (status != 0) {
    throw Error(ErrorCode::Model, kWhere, fmt::format("libllama gave status {}: {}", status, log.reason()));
  }
  for (std::size_t text = 0; text < texts.size(); ++text) {
    const float* values = llama_get_embeddings_seq(context_.get(), static_cast<llama_seq_id>(text));
    if (values == nullptr || !normalise({values, static_cast<std::size_t>(dimension())}, out[text])) {
      throw Error(ErrorCode::Model, kWhere,
                  fmt::format("{} gave no vector: got zeros or no numbers", model_.path().string()),
                  "check the file: gpiot model verify");
    }
  }
}

std::vector<std::vector<std::size_t>> pack_texts(std::span<const std::size_t> lengths, std::size_t batch_tokens) {
  std::vector<std::size_t> order(lengths.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::greater<>(), [&](std::size_t text) { return lengths[text]; });
  std::vector<std::vector<std::size_t>> batches;
  std::size_t used = 0;
  for (const std::size_t text : order) {
    if (batches.empty() || used + lengths[text] > batch_tokens ||
        batches.back().size() == EmbeddingContext::kMostTexts) {
      batches.emplace_back();
      used = 0;
    }
    batches.back().push_back(text);
    used += lengths[text];
  }
  return batches;
}

}  // namespace gpiot::llm
