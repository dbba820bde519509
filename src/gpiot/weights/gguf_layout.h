#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "gpiot/weights/gguf_check.h"
#include "gpiot/weights/tensor_types.h"

namespace gpiot::weights {

/// Where things stand in a GGUF file, for those who write a changed copy. Positions are bytes from the file's start.
struct GgufLayout {
  /// A key with one integer.
  struct Integer {
    std::int64_t value = 0;
    std::uint64_t at = 0;     ///< position of the value
    std::uint64_t bytes = 0;  ///< 4 or 8
  };
  struct Tensor {
    std::string name;
    std::vector<std::uint64_t> dimensions;  ///< the one whose elements lie side by side first
    const TensorType* type = nullptr;
    std::uint64_t offset = 0;         ///< in the data, which begins at GgufSummary::data_offset
    std::uint64_t bytes = 0;          ///< without what aligns the next one
    std::uint64_t dimensions_at = 0;  ///< position of the first dimension: eight bytes each
    std::uint64_t offset_at = 0;      ///< position of the offset: eight bytes
  };
  std::map<std::string, Integer, std::less<>> integers;  ///< by key
  std::vector<Tensor> tensors;                           ///< in the order of the header
};

/// As check_gguf; `layout` is that of the checked file.
[[nodiscard]] GgufSummary check_gguf(const std::filesystem::path& path, GgufLayout& layout);

}  // namespace gpiot::weights
