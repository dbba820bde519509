#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace gpiot::store {

/// One vector found: `id` as it was added, and how near it is: the dot product, a cosine for vectors of length 1.
struct Near {
  std::int64_t id = 0;
  float score = 0;
};

/// A vector in eight bits a component: value = component * scale.
/// `out` has as many components as `values`; the scale is returned, 0 for a vector of zeros.
float quantise(std::span<const float> values, std::span<std::int8_t> out);

/// Sum of products of two rows of `dimension` components, with the widest instructions this processor has.
[[nodiscard]] std::int32_t dot_int8(const std::int8_t* a, const std::int8_t* b, std::size_t dimension);
[[nodiscard]] float dot_float(const float* a, const float* b, std::size_t dimension);

/// Rows of eight bits that somebody else holds: `ids` [rows], `scales` [rows], `components` [rows, dimension].
struct VectorRows {
  std::size_t dimension = 0;
  std::span<const std::int64_t> ids;
  std::span<const float> scales;
  std::span<const std::int8_t> components;
};

/// The `count` nearest rows to `query` [dimension], best first, by comparing with every one of them. Equal ones in the
/// order of the rows. With `keep` (one byte for each row; empty = all), only rows whose byte is not 0.
[[nodiscard]] std::vector<Near> scan(const VectorRows& rows, std::span<const float> query, std::size_t count,
                                     std::span<const std::uint8_t> keep = {});

}  // namespace gpiot::store
