#pragma once

#include <ATen/ATen.h>

#include <cstdint>

namespace gpiot::tune {

/// values [rows, columns], float or double on the CPU and finite, to numbers [rows, columns] int8 and scales
/// [rows, ceil(columns / scale_columns)] bfloat16: value = number * scale, numbers within +-127. Where all numbers of a
/// scale are zero, so is the scale.
void quantise_rows(const at::Tensor& values, std::int64_t scale_columns, const at::Tensor& numbers,
                   const at::Tensor& scales);
/// number * scale to `out` [rows, columns] of float, bfloat16 or double. All on one device.
void dequantise_rows(const at::Tensor& numbers, const at::Tensor& scales, std::int64_t scale_columns,
                     const at::Tensor& out);

}  // namespace gpiot::tune
