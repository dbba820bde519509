#include "gpiot/weights/weight_format.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>

#include "gpiot/base/error.h"

namespace gpiot::weights {
namespace {

constexpr std::size_t kBlock = 32;

template <typename T>
void put(std::string& out, T value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

/// Rounds to the nearest, to the even one of two. By hand: not every compiler has the type, and files are to be equal.
std::uint16_t to_f16(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const auto sign = static_cast<std::uint16_t>((bits >> 16) & 0x8000U);
  const std::uint32_t magnitude = bits & 0x7fffffffU;
  if (magnitude > 0x7f800000U) return static_cast<std::uint16_t>(sign | 0x7e00U);
  if (magnitude >= 0x477ff000U) return static_cast<std::uint16_t>(sign | 0x7c00U);
  if (magnitude < 0x38800000U) {
    // Subnormal: adding one half lets the processor round at the right bit.
    const float moved = std::bit_cast<float>(magnitude) + 0.5F;
    return static_cast<std::uint16_t>(sign | (std::bit_cast<std::uint32_t>(moved) - 0x3f000000U));
  }
  const std::uint32_t rounded = magnitude + 0xfffU + ((magnitude >> 13) & 1U);
  return static_cast<std::uint16_t>(sign | ((rounded - 0x38000000U) >> 13));
}

std::uint16_t to_bf16(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  if ((bits & 0x7fffffffU) > 0x7f800000U) return static_cast<std::uint16_t>((bits >> 16) | 64U);
  return static_cast<std::uint16_t>((bits + 0x7fffU + ((bits >> 16) & 1U)) >> 16);
}

void put_q8_0(std::string& out, std::span<const float> block) {
  float largest = 0;
  for (const float value : block) largest = std::max(largest, std::abs(value));
  const float step = largest / 127.0F;
  const float inverse = step != 0 ? 1.0F / step : 0.0F;
  put(out, to_f16(step));
  for (const float value : block) put(out, static_cast<std::int8_t>(std::lround(value * inverse)));
}

}  // namespace

WeightFormat weight_format(std::string_view name) {
  if (name == "f32") return WeightFormat::F32;
  if (name == "f16") return WeightFormat::F16;
  if (name == "bf16") return WeightFormat::Bf16;
  if (name == "q8_0") return WeightFormat::Q8_0;
  throw base::Error(base::ErrorCode::InvalidArgument, "weights.format",
                    fmt::format("unknown weight format: got '{}', expected f32, f16, bf16 or q8_0", name));
}

WeightFormatFacts facts_of(WeightFormat format) {
  switch (format) {
    case WeightFormat::F32:
      return {0, 0};
    case WeightFormat::F16:
      return {1, 1};
    case WeightFormat::Bf16:
      return {30, 32};
    case WeightFormat::Q8_0:
      return {8, 7};
  }
  throw base::Error(base::ErrorCode::Internal, "weights.encode", "unknown weight format");
}

std::string encode(std::span<const float> values, WeightFormat format) {
  std::string out;
  switch (format) {
    case WeightFormat::F32:
      out.assign(reinterpret_cast<const char*>(values.data()), values.size_bytes());
      break;
    case WeightFormat::F16:
      out.reserve(values.size() * 2);
      for (const float value : values) put(out, to_f16(value));
      break;
    case WeightFormat::Bf16:
      out.reserve(values.size() * 2);
      for (const float value : values) put(out, to_bf16(value));
      break;
    case WeightFormat::Q8_0:
      if (values.size() % kBlock != 0) {
        throw base::Error(
            base::ErrorCode::InvalidArgument, "weights.encode",
            fmt::format("q8_0 takes whole blocks: got {} numbers, expected a multiple of {}", values.size(), kBlock));
      }
      out.reserve(values.size() / kBlock * 34);
      for (std::size_t i = 0; i < values.size(); i += kBlock) put_q8_0(out, values.subspan(i, kBlock));
      break;
  }
  return out;
}

}  // namespace gpiot::weights
