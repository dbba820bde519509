#include "gpiot/llm/handles.h"

#include <ggml.h>
#include <gguf.h>
#include <llama.h>

namespace gpiot::llm {

void HandleDeleter::operator()(ggml_context* handle) const { ggml_free(handle); }
void HandleDeleter::operator()(gguf_context* handle) const { gguf_free(handle); }
void HandleDeleter::operator()(llama_adapter_lora* handle) const { llama_adapter_lora_free(handle); }
void HandleDeleter::operator()(llama_context* handle) const { llama_free(handle); }
void HandleDeleter::operator()(llama_model* handle) const { llama_model_free(handle); }
void HandleDeleter::operator()(llama_sampler* handle) const { llama_sampler_free(handle); }

}  // namespace gpiot::llm
