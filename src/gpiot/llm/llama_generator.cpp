#include "gpiot/llm/llama_generator.h"

#include <fmt/format.h>

#include <algorithm>

#include "gpiot/base/error.h"
#include "gpiot/llm/adapter.h"
#include "gpiot/llm/chat_template.h"
#include "gpiot/llm/cpu_facts.h"
#include "gpiot/llm/generation_run.h"

namespace gpiot::llm {
namespace {

using base::Error;
using base::ErrorCode;

LlamaGeneratorOptions checked(LlamaGeneratorOptions options, const LlamaModel& model) {
  const auto refuse = [](std::string_view name, int value, std::string_view expected) {
    throw Error(ErrorCode::InvalidArgument, "llm.generator",
                fmt::format("{} is wrong: got {}, expected {}", name, value, expected));
  };
  if (options.context_tokens < 64) refuse("context_tokens", options.context_tokens, "at least 64");
  if (options.parallel < 1 || options.parallel > 256) refuse("parallel", options.parallel, "1 to 256");
  if (options.threads < 0) refuse("threads", options.threads, "0 or more");
  if (model.trained_context() > 0) options.context_tokens = std::min(options.context_tokens, model.trained_context());
  if (options.threads == 0) options.threads = physical_cores();
  if (options.name.empty()) options.name = model.path().string();
  if (options.adapter_name.empty()) options.adapter_name = options.adapter_path.string();
  return options;
}

AdapterHandle adapter_of(const LlamaModel& model, const LlamaGeneratorOptions& options) {
  if (options.adapter_path.empty()) return nullptr;
  return load_adapter(model, options.adapter_path, options.model_sha256);
}

/// Keys and values depend on the weights, the adapter, the kernels and the form of the cache.
PromptStore store_of(const LlamaGeneratorOptions& options) {
  const bool known = !options.model_sha256.empty() && (options.adapter_path.empty() || !options.adapter_sha256.empty());
  return {known ? options.prompt_folder : std::filesystem::path(),
          fmt::format("{} {} {} {}", options.model_sha256, options.adapter_sha256, backend_name(),
                      options.kv_unified ? "unified" : "split")};
}

/// How many tokens of `prompt` are those of the fixed messages of `request`.
std::size_t fixed_tokens(const LlamaModel& model, const core::GenerationRequest& request,
                         const std::vector<Token>& prompt) {
  if (request.fixed_messages == 0 || request.fixed_messages >= request.messages.size()) return 0;
  const auto beginning = prompt_tokens(model, std::span(request.messages).first(request.fixed_messages), {});
  return static_cast<std::size_t>(std::ranges::mismatch(beginning, prompt).in1 - beginning.begin());
}

}  // namespace

struct LlamaGenerator::State {
  State(std::shared_ptr<const LlamaModel> shared, const LlamaGeneratorOptions& wanted)
      : model(std::move(shared)),
        options(checked(wanted, *model)),
        adapter(adapter_of(*model, options)),
        decoder(*model, adapter.get(), {options.context_tokens, options.parallel, options.threads, options.kv_unified},
                store_of(options)) {}

  // In the order of need: the decoder goes first, then the adapter, then the model.
  std::shared_ptr<const LlamaModel> model;
  LlamaGeneratorOptions options;
  AdapterHandle adapter;
  BatchDecoder decoder;
  std::mutex mutex;
};

LlamaGenerator::LlamaGenerator(const std::filesystem::path& model_path, const LlamaGeneratorOptions& options)
    : LlamaGenerator(std::make_shared<const LlamaModel>(model_path), options) {}

LlamaGenerator::LlamaGenerator(std::shared_ptr<const LlamaModel> model, const LlamaGeneratorOptions& options)
    : state_(std::make_unique<State>(std::move(model), options)) {}

LlamaGenerator::~LlamaGenerator() = default;

std::vector<core::Generation> LlamaGenerator::generate(std::span<const core::GenerationRequest> requests,
                                                       const core::GenerationListener& listener,
                                                       const base::CancelToken& cancel) {
  if (requests.empty()) return {};
  const std::lock_guard lock(state_->mutex);
  std::vector<std::vector<Token>> prompts;
  std::vector<std::size_t> fixed;
  for (const auto& request : requests) {
    prompts.push_back(prompt_tokens(*state_->model, request.messages, request.answer_start));
    fixed.push_back(fixed_tokens(*state_->model, request, prompts.back()));
    const auto prompt = static_cast<std::int64_t>(prompts.back().size());
    if (prompt + request.sampling.max_tokens <= context_tokens()) continue;
    throw Error(ErrorCode::Capacity, "llm.generate",
                fmt::format("request {} does not fit the context: got {} prompt tokens and {} for the answer, expected "
                            "at most {} together",
                            prompts.size() - 1, prompt, request.sampling.max_tokens, context_tokens()),
                "shorten the files that the prompt is made of, or raise --context");
  }
  GenerationRun run(*state_->model, state_->decoder, requests, prompts, fixed, listener, cancel);
  return run.run();
}

int LlamaGenerator::count_tokens(std::span<const core::ChatMessage> messages) {
  return static_cast<int>(prompt_tokens(*state_->model, messages, {}).size());
}

int LlamaGenerator::context_tokens() const { return state_->options.context_tokens; }

core::GeneratorIdentity LlamaGenerator::identity() const {
  const LlamaGeneratorOptions& options = state_->options;
  return {options.name, options.model_sha256, options.adapter_name, options.adapter_sha256, backend_name()};
}

std::size_t LlamaGenerator::evaluated_prompt_tokens() const { return state_->decoder.evaluated_tokens(); }

}  // namespace gpiot::llm
