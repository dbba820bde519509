#pragma once

#include <ATen/ATen.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <type_traits>

#include "gpiot/base/error.h"

namespace gpiot::tune {

/// The type in which a row is summed: double for double, float for float and bfloat16.
template <typename T>
using Sum = std::conditional_t<std::is_same_v<T, double>, double, float>;

inline float load(float value) { return value; }
inline double load(double value) { return value; }
/// Bit by bit, so that loops over it become vector instructions.
inline float load(c10::BFloat16 value) { return std::bit_cast<float>(static_cast<std::uint32_t>(value.x) << 16); }

inline void store(float& place, float value) { place = value; }
inline void store(double& place, double value) { place = value; }
inline void store(c10::BFloat16& place, float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  place.x = static_cast<std::uint16_t>((bits + 0x7fffU + ((bits >> 16) & 1U)) >> 16);  // to nearest, ties to even
}

/// e^x to about 2 units in the last place, without a branch.
inline float exp_of(float x) {
  x = x < -87.0F ? -87.0F : (x > 88.0F ? 88.0F : x);
  const float shifted = x * 1.44269504F + 12582912.0F;  // 1.5 * 2^23: the sum's last bits are the rounded exponent
  const float n = shifted - 12582912.0F;
  const float r = (x - n * 0.693359375F) + n * 2.12194440e-4F;
  const float p =
      ((((1.3981999e-3F * r + 8.3334519e-3F) * r + 4.1665795e-2F) * r + 1.6666665e-1F) * r + 5.0000001e-1F) * r * r +
      r + 1.0F;
  return p * std::bit_cast<float>((static_cast<std::int32_t>(n) + 127) << 23);
}
inline double exp_of(double x) { return std::exp(x); }

template <typename N>
N sigmoid(N x) {
  return N(1) / (N(1) + exp_of(-x));
}

/// A 32-bit mix in which every bit of the place and the seed counts (the "lowbias32" constants of C. Wellons).
inline std::uint32_t mix(std::uint32_t x) {
  x ^= x >> 16;
  x *= 0x7feb352dU;
  x ^= x >> 15;
  x *= 0x846ca68bU;
  return x ^ (x >> 16);
}

/// Calls `work` with a value of the element type.
template <typename Work>
void by_type(at::ScalarType type, Work work) {
  switch (type) {
    case at::kFloat:
      work(float{});
      return;
    case at::kDouble:
      work(double{});
      return;
    case at::kBFloat16:
      work(c10::BFloat16{});
      return;
    default:
      throw base::Error(
          base::ErrorCode::Internal, "tune.kernels",
          std::string("element type: got ") + c10::toString(type) + ", expected float, double or bfloat16");
  }
}

}  // namespace gpiot::tune
