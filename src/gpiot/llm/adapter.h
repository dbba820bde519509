#pragma once

#include <filesystem>
#include <string>

#include "gpiot/llm/handles.h"
#include "gpiot/llm/llama_model.h"

namespace gpiot::llm {

/// Loads a LoRA adapter for `model`; it must not outlive the model. Where `<path>.json` lies beside it, its
/// "base_sha256" must be the model's: stock loaders check shapes only, and an adapter on another base writes nonsense.
/// `model_sha256` may be empty: then the model file is hashed where a manifest asks for it.
/// Errors: NotFound, Format, Model (other base, other architecture, refused by libllama).
[[nodiscard]] AdapterHandle load_adapter(const LlamaModel& model, const std::filesystem::path& path,
                                         const std::string& model_sha256);

}  // namespace gpiot::llm
