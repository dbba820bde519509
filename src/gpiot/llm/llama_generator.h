#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <string>

#include "gpiot/core/text_generator.h"

namespace gpiot::llm {

class BatchDecoder;
class LlamaModel;

struct LlamaGeneratorOptions {
  std::string name;                    ///< for the identity: alias of the model; empty = its path
  std::string model_sha256;            ///< for the identity and the adapter's check; empty = not known
  std::filesystem::path adapter_path;  ///< LoRA GGUF; empty = the base alone
  std::string adapter_name;            ///< empty = the adapter's path
  std::string adapter_sha256;
  int context_tokens = 4096;  ///< per answer, with its prompt; never more than the model was trained for
  int parallel = 32;          ///< answers at a time, 1 to 256; memory grows with those in use, not with this bound
  int threads = 0;            ///< 0 = physical cores
  std::filesystem::path prompt_folder;  ///< keeps what the model made of fixed messages (prompt_store.h); empty = no
  bool kv_unified = false;              ///< docs/decisions/0002-kv-layout.md; same answers are promised for false only
};

/// Answers with libllama in this process. All requests of a call run as one batch over what their prompts share;
/// prompts also reuse what earlier calls left. A grammar holds for what follows `answer_start`, stop texts are
/// looked for there too. Calls from several threads wait for each other.
class LlamaGenerator final : public core::TextGenerator {
 public:
  /// Loads the model for this generator alone. Errors: NotFound, Format, Model, InvalidArgument.
  LlamaGenerator(const std::filesystem::path& model_path, const LlamaGeneratorOptions& options);
  /// The model is shared: the roles are one base in memory with an adapter and a context each.
  LlamaGenerator(std::shared_ptr<const LlamaModel> model, const LlamaGeneratorOptions& options);
  ~LlamaGenerator() override;

  [[nodiscard]] std::vector<core::Generation> generate(std::span<const core::GenerationRequest> requests,
                                                       const core::GenerationListener& listener,
                                                       const base::CancelToken& cancel) override;
  [[nodiscard]] int count_tokens(std::span<const core::ChatMessage> messages) override;
  [[nodiscard]] int context_tokens() const override;
  [[nodiscard]] core::GeneratorIdentity identity() const override;
  /// Prompt tokens evaluated since construction: those that were not found in the cache.
  [[nodiscard]] std::size_t evaluated_prompt_tokens() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace gpiot::llm
