#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace gpiot::weights {

/// How the numbers of a GGUF tensor are stored: `block_elements` of them in `block_bytes`.
struct TensorType {
  std::uint32_t id;  ///< as in the file
  std::string_view name;
  std::uint64_t block_elements;
  std::uint64_t block_bytes;
};

/// All types that a file may hold. Source: `ggml_blck_size` and `ggml_type_size` of ggml 0.5.
[[nodiscard]] std::span<const TensorType> tensor_types();
/// nullptr where the type is not known, or was removed from the format.
[[nodiscard]] const TensorType* find_tensor_type(std::uint32_t id);

}  // namespace gpiot::weights
