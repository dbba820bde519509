#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gpiot/weights/gguf_layout.h"
#include "gpiot/weights/widen.h"

namespace gpiot::weights {

/// How one tensor is copied: `rows` times `row_bytes` of the original, and `zero_bytes` after each.
struct TensorCopy {
  const GgufLayout::Tensor* tensor = nullptr;
  std::uint64_t rows = 1;
  std::uint64_t row_bytes = 0;
  std::uint64_t zero_bytes = 0;
  std::optional<std::size_t> grown = std::nullopt;  ///< the dimension that becomes wider

  [[nodiscard]] std::uint64_t bytes() const { return rows * (row_bytes + zero_bytes); }
};

/// All that widen_ffn has to know before it writes.
struct CopyPlan {
  GgufSummary summary;
  GgufLayout layout;
  GgufLayout::Integer ffn_width;  ///< the key feed_forward_length
  Widening widening;
  std::vector<TensorCopy> copies;  ///< in the order of the data; they point into `layout`
};

/// Errors: as plan_widening.
[[nodiscard]] std::unique_ptr<const CopyPlan> plan_copy(const std::filesystem::path& in, std::uint64_t width);

}  // namespace gpiot::weights
