#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace gpiot::weights {

/// How a weight matrix is stored.
enum class WeightFormat { F32, F16, Bf16, Q8_0 };

/// Of its name: "f32", "f16", "bf16" or "q8_0". Errors: InvalidArgument.
[[nodiscard]] WeightFormat weight_format(std::string_view name);

/// What a GGUF file calls a format.
struct WeightFormatFacts {
  std::uint32_t tensor_type;  ///< id of tensor_types.h
  std::uint32_t file_type;    ///< general.file_type: number of llama_ftype
};
[[nodiscard]] WeightFormatFacts facts_of(WeightFormat format);

/// `values` in `format`, as bytes; bit for bit what ggml's reference functions give. For Q8_0, blocks of 32: `values`
/// are whole blocks. Errors: InvalidArgument where they are not.
[[nodiscard]] std::string encode(std::span<const float> values, WeightFormat format);

}  // namespace gpiot::weights
