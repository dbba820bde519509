#include "gpiot/llm/logits.h"

#include <fmt/format.h>
#include <llama.h>

#include "gpiot/base/error.h"
#include "gpiot/llm/adapter.h"
#include "gpiot/llm/cpu_facts.h"
#include "gpiot/llm/llama_log.h"

namespace gpiot::llm {
namespace {

using base::Error;
using base::ErrorCode;

constexpr std::string_view kWhere = "llm.logits";

ContextHandle context_for(const LlamaModel& model, std::size_t tokens, const LogCapture& log) {
  llama_context_params parameters = llama_context_default_params();
  parameters.n_ctx = static_cast<std::uint32_t>((tokens + 255) / 256 * 256);
  parameters.n_batch = parameters.n_ctx;
  parameters.n_ubatch = parameters.n_ctx;
  parameters.n_outputs_max = parameters.n_ctx;
  parameters.n_threads = physical_cores();
  parameters.n_threads_batch = physical_cores();
  parameters.type_k = GGML_TYPE_F32;
  parameters.type_v = GGML_TYPE_F32;
  parameters.no_perf = true;
  ContextHandle context(llama_init_from_model(model.handle(), parameters));
  if (!context) {
    throw Error(ErrorCode::Model, kWhere, fmt::format("no context of {} tokens: {}", tokens, log.reason()));
  }
  return context;
}

}  // namespace

std::vector<float> logits_of(const LlamaModel& model, const std::filesystem::path& adapter,
                             std::span<const Token> tokens, std::size_t from) {
  if (tokens.empty() || from >= tokens.size()) return {};
  if (tokens.size() > static_cast<std::size_t>(model.trained_context())) {
    throw Error(ErrorCode::Capacity, kWhere,
                fmt::format("the text is longer than the context: got {} tokens, expected at most {}", tokens.size(),
                            model.trained_context()));
  }
  AdapterHandle lora;
  if (!adapter.empty()) lora = load_adapter(model, adapter, {});
  const LogCapture log;
  const ContextHandle context = context_for(model, tokens.size(), log);
  if (lora) {
    llama_adapter_lora* handle = lora.get();
    float scale = 1.0F;
    if (llama_set_adapters_lora(context.get(), &handle, 1, &scale) != 0) {
      throw Error(ErrorCode::Model, kWhere, "the adapter cannot be used: " + log.reason());
    }
  }
  llama_batch batch = llama_batch_init(static_cast<std::int32_t>(tokens.size()), 0, 1);
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    batch.token[i] = tokens[i];
    batch.pos[i] = static_cast<llama_pos>(i);
    batch.n_seq_id[i] = 1;
    batch.seq_id[i][0] = 0;
    batch.logits[i] = i >= from ? 1 : 0;
  }
  batch.n_tokens = static_cast<std::int32_t>(tokens.size());
  const int failure = llama_decode(context.get(), batch);
  llama_batch_free(batch);
  if (failure != 0)
    throw Error(ErrorCode::Model, kWhere, fmt::format("libllama failed ({}): {}", failure, log.reason()));
  const auto width = static_cast<std::size_t>(model.vocabulary_size());
  std::vector<float> logits;
  logits.reserve((tokens.size() - from) * width);
  for (std::size_t i = from; i < tokens.size(); ++i) {
    const float* row = llama_get_logits_ith(context.get(), static_cast<std::int32_t>(i));
    if (row == nullptr) throw Error(ErrorCode::Model, kWhere, "libllama gave no logits: " + log.reason());
    logits.insert(logits.end(), row, row + width);
  }
  return logits;
}

}  // namespace gpiot::llm
