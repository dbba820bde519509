#pragma once

#include <ATen/ATen.h>

#include <cstdint>

#include "gpiot/tune/kernels.h"

namespace gpiot::tune::gpu {

/// The functions of kernels.h on an NVIDIA GPU, float or bfloat16, each one launch: our own kernels, which NVRTC (it
/// comes with the PyTorch wheel) compiles for the GPU at hand at the first call. Only in builds that found CUDA's
/// headers; else those of `anywhere` do it. Errors: Internal where the kernels do not compile or start.
[[nodiscard]] Normed rms_norm(const at::Tensor& x, const at::Tensor& weight, double eps);
[[nodiscard]] at::Tensor rms_norm_backward(const at::Tensor& grad_y, const at::Tensor& x, const at::Tensor& weight,
                                           const at::Tensor& inverse_rms, const at::Tensor& residual);
[[nodiscard]] at::Tensor swiglu(const at::Tensor& gate_up);
[[nodiscard]] at::Tensor swiglu_backward(const at::Tensor& grad, const at::Tensor& gate_up);
void rope_(const at::Tensor& qkv, const at::Tensor& positions, const at::Tensor& table, const ModelShape& shape,
           bool back);
[[nodiscard]] at::Tensor causal_softmax_(const at::Tensor& scores, std::int64_t chunk, std::int64_t first,
                                         double scale);
void causal_softmax_backward_(const at::Tensor& scores, const at::Tensor& grad, const at::Tensor& log_sums,
                              const at::Tensor& delta, std::int64_t chunk, std::int64_t first, double scale);
[[nodiscard]] at::Tensor cross_entropy_(const at::Tensor& logits, const at::Tensor& labels, bool backward,
                                        double scale);
/// `below`, `start`: as `mix` takes them (element.h).
[[nodiscard]] at::Tensor dropout(const at::Tensor& x, std::uint32_t below, std::uint32_t start, double keep_scale);
/// As dequantise_rows (int8_kernels.h).
void dequantise(const at::Tensor& numbers, const at::Tensor& scales, std::int64_t scale_columns, const at::Tensor& out);

}  // namespace gpiot::tune::gpu

/// The same in ATen's own operations, for whatever device they know: several passes each. The tests compare all three.
namespace gpiot::tune::anywhere {

[[nodiscard]] Normed rms_norm(const at::Tensor& x, const at::Tensor& weight, double eps);
[[nodiscard]] at::Tensor rms_norm_backward(const at::Tensor& grad_y, const at::Tensor& x, const at::Tensor& weight,
                                           const at::Tensor& inverse_rms, const at::Tensor& residual);
[[nodiscard]] at::Tensor swiglu(const at::Tensor& gate_up);
[[nodiscard]] at::Tensor swiglu_backward(const at::Tensor& grad, const at::Tensor& gate_up);
void rope_(const at::Tensor& qkv, const at::Tensor& positions, const at::Tensor& table, const ModelShape& shape,
           bool back);
[[nodiscard]] at::Tensor causal_softmax_(const at::Tensor& scores, std::int64_t chunk, std::int64_t first,
                                         double scale);
void causal_softmax_backward_(const at::Tensor& scores, const at::Tensor& grad, const at::Tensor& log_sums,
                              const at::Tensor& delta, std::int64_t chunk, std::int64_t first, double scale);
[[nodiscard]] at::Tensor cross_entropy_(const at::Tensor& logits, const at::Tensor& labels, bool backward,
                                        double scale);
[[nodiscard]] at::Tensor dropout(const at::Tensor& x, std::uint32_t below, std::uint32_t start, double keep_scale);
void dequantise(const at::Tensor& numbers, const at::Tensor& scales, std::int64_t scale_columns, const at::Tensor& out);

}  // namespace gpiot::tune::anywhere

namespace gpiot::tune {
#ifdef GPIOT_GPU_KERNELS
namespace elsewhere = gpu;
#else
namespace elsewhere = anywhere;
#endif
}  // namespace gpiot::tune
