#include "gpiot/tune/int8_kernels.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>

#include "gpiot/tune/element.h"
#include "gpiot/tune/gpu_rows.h"

namespace gpiot::tune {
namespace {

constexpr std::int64_t kRowsPerTask = 16;
constexpr double kLargest = 127;

/// The numbers that share a scale, which is rounded first: the numbers are steps of what is kept of it.
template <typename T>
void quantise_group(const T* values, std::int64_t count, std::int8_t* numbers, c10::BFloat16& scale) {
  T largest = 0;
  for (std::int64_t i = 0; i < count; ++i) largest = std::max(largest, std::abs(values[i]));
  store(scale, static_cast<float>(largest / T(kLargest)));
  const T step = load(scale);
  for (std::int64_t i = 0; i < count; ++i) {
    const T steps = step > 0 ? std::nearbyint(values[i] / step) : T(0);
    numbers[i] = static_cast<std::int8_t>(std::clamp(steps, T(-kLargest), T(kLargest)));
  }
}

template <typename T>
void quantise(const at::Tensor& values, std::int64_t scale_columns, const at::Tensor& numbers,
              const at::Tensor& scales) {
  const std::int64_t columns = values.size(1);
  const std::int64_t groups = scales.size(1);
  const T* in = values.const_data_ptr<T>();
  std::int8_t* out = numbers.data_ptr<std::int8_t>();
  c10::BFloat16* scale = scales.data_ptr<c10::BFloat16>();
  at::parallel_for(0, values.size(0), kRowsPerTask, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      for (std::int64_t group = 0; group < groups; ++group) {
        const std::int64_t first = group * scale_columns;
        const std::int64_t place = row * columns + first;
        quantise_group(in + place, std::min(scale_columns, columns - first), out + place, scale[row * groups + group]);
      }
    }
  });
}

template <typename T>
void dequantise(const at::Tensor& numbers, const at::Tensor& scales, std::int64_t scale_columns,
                const at::Tensor& out) {
  using N = Sum<T>;
  const std::int64_t columns = numbers.size(1);
  const std::int64_t groups = scales.size(1);
  const std::int8_t* in = numbers.const_data_ptr<std::int8_t>();
  const c10::BFloat16* scale = scales.const_data_ptr<c10::BFloat16>();
  T* y = out.data_ptr<T>();
  at::parallel_for(0, numbers.size(0), kRowsPerTask, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      for (std::int64_t group = 0; group < groups; ++group) {
        const std::int64_t last = row * columns + std::min(columns, (group + 1) * scale_columns);
        const N step = load(scale[row * groups + group]);
        for (std::int64_t i = row * columns + group * scale_columns; i < last; ++i) store(y[i], N(in[i]) * step);
      }
    }
  });
}

}  // namespace

void quantise_rows(const at::Tensor& values, std::int64_t scale_columns, const at::Tensor& numbers,
                   const at::Tensor& scales) {
  if (values.scalar_type() == at::kDouble) {
    quantise<double>(values, scale_columns, numbers, scales);
  } else {
    quantise<float>(values.to(at::kFloat), scale_columns, numbers, scales);
  }
}

void dequantise_rows(const at::Tensor& numbers, const at::Tensor& scales, std::int64_t scale_columns,
                     const at::Tensor& out) {
  if (numbers.device().is_cpu()) {
    by_type(out.scalar_type(),
            [&](auto element) { dequantise<decltype(element)>(numbers, scales, scale_columns, out); });
    return;
  }
  elsewhere::dequantise(numbers, scales, scale_columns, out);
}

}  // namespace gpiot::tune
