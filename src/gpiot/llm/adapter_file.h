#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace gpiot::llm {

/// One pair of a LoRA: the base's matrix [out, in] of this name becomes W + B A. All factors are folded into B.
struct LoraPair {
  std::string tensor;  ///< "blk.0.attn_q.weight"
  std::int64_t in = 0;
  std::int64_t out = 0;
  std::int64_t rank = 0;
  std::vector<float> a;  ///< [rank, in], row after row
  std::vector<float> b;  ///< [out, rank]
  bool half = false;     ///< in the file as 16-bit floats
};

/// Writes a LoRA adapter as GGUF, in float or half float; beside `path` first, then renamed. It holds no alpha:
/// libllama then takes B A as it is, whatever each pair's rank. Errors: Internal where sizes do not fit, or a number is
/// too large for half float; Io.
void write_adapter(const std::filesystem::path& path, const std::string& architecture,
                   const std::vector<LoraPair>& pairs);

}  // namespace gpiot::llm
