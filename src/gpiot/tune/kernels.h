#pragma once

#include <ATen/ATen.h>

#include <cstdint>

#include "gpiot/tune/base_model.h"

namespace gpiot::tune {

/// What the matrix products leave: each one pass over its rows, forward and backward by hand. float, bfloat16 and
/// double on the CPU; on a GPU those of gpu_rows.h. Sums are kept in float (double for double).

/// y = x / rms(x) * weight. x [rows, width]; weight [width]; inverse_rms [rows] is kept for the way back.
struct Normed {
  at::Tensor y;            ///< [rows, width]
  at::Tensor inverse_rms;  ///< [rows] float or double
};
[[nodiscard]] Normed rms_norm(const at::Tensor& x, const at::Tensor& weight, double eps);
/// The gradient of x for that of y, and added to `residual` [rows, width] (the gradient of the branch around the norm).
[[nodiscard]] at::Tensor rms_norm_backward(const at::Tensor& grad_y, const at::Tensor& x, const at::Tensor& weight,
                                           const at::Tensor& inverse_rms, const at::Tensor& residual);

/// silu(gate) * up for gate_up [rows, 2 width] -> [rows, width].
[[nodiscard]] at::Tensor swiglu(const at::Tensor& gate_up);
/// The gradient of gate_up, [rows, 2 width].
[[nodiscard]] at::Tensor swiglu_backward(const at::Tensor& grad, const at::Tensor& gate_up);

/// cos and sin per position and pair: float [2, positions, head_width / 2].
[[nodiscard]] at::Tensor rope_table(const ModelShape& shape, const at::Tensor& factors, std::int64_t positions,
                                    at::ScalarType type);
/// Turns the heads of q and k in qkv [rows, qkv_width] in place; `back`: by the negative angle (the gradient's way).
void rope_(const at::Tensor& qkv, const at::Tensor& positions, const at::Tensor& table, const ModelShape& shape,
           bool back);

/// In place, scores [groups, rows, keys] of `chunk` queries each (rows = heads that share keys, times chunk), the first
/// of which stands at key `first`: what lies after a query is masked, the rest becomes softmax(scores * scale). Returns
/// the logarithms of the sums [groups, rows], by which `causal_softmax_backward_` makes the same again.
[[nodiscard]] at::Tensor causal_softmax_(const at::Tensor& scores, std::int64_t chunk, std::int64_t first,
                                         double scale);
/// Scores (before the scale) become the softmax again, and `grad`, its gradient, that of the scores:
/// p * (grad - delta) * scale, with delta [groups, rows] the sum of the gradient of the output times the output.
void causal_softmax_backward_(const at::Tensor& scores, const at::Tensor& grad, const at::Tensor& log_sums,
                              const at::Tensor& delta, std::int64_t chunk, std::int64_t first, double scale);

/// The cross-entropy of each row of logits [rows, vocabulary] with its label, [rows] float or double. With `backward`
/// the logits become their gradient, (softmax - one at the label) * scale; else they stay.
[[nodiscard]] at::Tensor cross_entropy_(const at::Tensor& logits, const at::Tensor& labels, bool backward,
                                        double scale);

/// x with each element put to zero with the given probability and the others scaled to keep the mean. Which, depends on
/// `seed` and the element's place in x alone: the same call gives the same mask again. Ours: one mask for all matrices
/// of a block, where PEFT draws one for each.
[[nodiscard]] at::Tensor dropout(const at::Tensor& x, double probability, std::uint64_t seed);

}  // namespace gpiot::tune
