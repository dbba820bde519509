#pragma once

#include <memory>

struct llama_adapter_lora;
struct llama_context;
struct llama_model;
struct llama_sampler;

namespace gpiot::llm {

/// Frees what libllama made; so that every C handle has an owner from its first moment.
struct HandleDeleter {
  void operator()(llama_adapter_lora* handle) const;
  void operator()(llama_context* handle) const;
  void operator()(llama_model* handle) const;
  void operator()(llama_sampler* handle) const;
};

using AdapterHandle = std::unique_ptr<llama_adapter_lora, HandleDeleter>;
using ContextHandle = std::unique_ptr<llama_context, HandleDeleter>;
using ModelHandle = std::unique_ptr<llama_model, HandleDeleter>;
using SamplerHandle = std::unique_ptr<llama_sampler, HandleDeleter>;

}  // namespace gpiot::llm
