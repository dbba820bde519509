#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace gpiot::weights {

/// What the header of a GGUF file says. Empty text and -1 where the file does not say it.
struct GgufSummary {
  std::uint32_t version = 0;
  std::uint64_t file_bytes = 0;
  std::uint64_t data_offset = 0;  ///< where the tensors begin
  std::uint32_t alignment = 32;
  std::uint64_t tensor_count = 0;
  std::uint64_t key_count = 0;
  std::uint64_t parameters = 0;        ///< elements of all tensors together
  std::string architecture;            ///< general.architecture: "qwen2", "llama"
  std::string name;                    ///< general.name
  std::string type;                    ///< general.type: "model", "adapter"; empty in older files
  std::string adapter_type;            ///< adapter.type: "lora"
  std::string chat_template;           ///< tokenizer.chat_template
  std::int64_t file_type = -1;         ///< general.file_type: number of llama_ftype
  std::int64_t context_length = -1;    ///< <architecture>.context_length
  std::int64_t embedding_length = -1;  ///< <architecture>.embedding_length
  std::int64_t block_count = -1;       ///< <architecture>.block_count
  std::int64_t vocabulary_size = -1;   ///< length of tokenizer.ggml.tokens

  [[nodiscard]] bool is_adapter() const { return type == "adapter"; }
};

/// Reads the header of a GGUF file (version 2 or 3, little-endian) before anything else parses it, and refuses what
/// does not hold together: counts and lengths beyond sane limits or the file, unknown types, nested arrays, bad
/// alignment, products of dimensions that overflow, tensors that leave the file or overlap, names given twice.
/// No tensor data is read; memory is bounded by the limits in the source, whatever the file claims.
/// Errors: NotFound, Io, Format (naming another kind of file as what it is, and a cut file as cut).
[[nodiscard]] GgufSummary check_gguf(const std::filesystem::path& path);

}  // namespace gpiot::weights
