#pragma once

#include <memory>

struct ggml_context;
struct gguf_context;
struct llama_adapter_lora;
struct llama_context;
struct llama_model;
struct llama_sampler;

namespace gpiot::llm {

/// Frees what libllama and ggml made; so that every C handle has an owner from its first moment.
struct HandleDeleter {
  void operator()(ggml_context* handle) const;
  void operator()(gguf_context* handle) const;
  void operator()(llama_adapter_lora* handle) const;
  void operator()(llama_context* handle) const;
  void operator()(llama_model* handle) const;
  void operator()(llama_sampler* handle) const;
};

using AdapterHandle = std::unique_ptr<llama_adapter_lora, HandleDeleter>;
using GgmlHandle = std::unique_ptr<ggml_context, HandleDeleter>;
using GgufHandle = std::unique_ptr<gguf_context, HandleDeleter>;
using ContextHandle = std::unique_ptr<llama_context, HandleDeleter>;
using ModelHandle = std::unique_ptr<llama_model, HandleDeleter>;
using SamplerHandle = std::unique_ptr<llama_sampler, HandleDeleter>;

}  // namespace gpiot::llm
