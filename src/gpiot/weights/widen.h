#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>

namespace gpiot::weights {

/// What a widened copy will be.
struct Widening {
  std::uint64_t before = 0;      ///< width of the FFN
  std::uint64_t added = 0;       ///< zero rows of gate and up, zero columns of down
  std::uint64_t file_bytes = 0;  ///< of the copy
};

/// How the FFN of a model of the Llama or Qwen2 family is widened by at least `width` (1 to 65536): rounded up to whole
/// blocks of the type of ffn_down, at least 32. Nothing is written.
/// Errors: NotFound, Io, Format; InvalidArgument (width); Unsupported (another family, a mixture of experts, blocks of
/// different widths).
[[nodiscard]] Widening plan_widening(const std::filesystem::path& in, std::uint64_t width);

/// Writes that copy to `out`: rows of zeros below ffn_gate and ffn_up (and their biases), columns of zeros beside
/// ffn_down, feed_forward_length raised; all else byte by byte. What is stored in blocks is copied as it is, and an
/// all-zero block is zero in every type. So the copy computes what the original computes. Same input, same bytes.
/// Written tensor by tensor beside `out`, synced and renamed when whole; an existing file is never replaced.
/// `on_progress` hears 0 ... 1. Errors: as plan_widening; InvalidArgument where `out` is there; Io.
void widen_ffn(const std::filesystem::path& in, const std::filesystem::path& out, std::uint64_t width,
               const std::function<void(double)>& on_progress = {});

}  // namespace gpiot::weights
