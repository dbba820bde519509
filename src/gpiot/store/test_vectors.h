#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <vector>

#include "gpiot/store/vector_scan.h"

namespace gpiot::store {

/// `n` random vectors of length 1.
inline std::vector<float> random_vectors(std::size_t n, std::size_t dimension, std::uint32_t seed) {
  std::mt19937 engine(seed);
  std::normal_distribution<float> normal;
  std::vector<float> out(n * dimension);
  for (std::size_t i = 0; i < n; ++i) {
    auto row = std::span(out).subspan(i * dimension, dimension);
    for (float& x : row) x = normal(engine);
    const float norm = std::sqrt(dot_float(row.data(), row.data(), dimension));
    for (float& x : row) x /= norm;
  }
  return out;
}

}  // namespace gpiot::store
