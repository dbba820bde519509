#include "gpiot/tune/gpu_rows.h"

namespace gpiot::tune::anywhere {
namespace {

at::ScalarType sum_type(const at::Tensor& x) { return x.scalar_type() == at::kDouble ? at::kDouble : at::kFloat; }

/// True where a key lies after its query: [rows, keys], for rows of chunks of queries.
at::Tensor hidden(const at::Tensor& scores, std::int64_t chunk, std::int64_t first) {
  const auto options = scores.options().dtype(at::kLong);
  const at::Tensor query = at::arange(scores.size(1), options).remainder(chunk) + first;
  return at::arange(scores.size(2), options).unsqueeze(0) > query.unsqueeze(1);
}

}  // namespace

Normed rms_norm(const at::Tensor& x, const at::Tensor& weight, double eps) {
  const at::Tensor wide = x.to(sum_type(x));
  const at::Tensor inverse = at::rsqrt(wide.square().mean(1) + eps);
  return {(wide * inverse.unsqueeze(1) * weight).to(x.scalar_type()), inverse};
}

at::Tensor rms_norm_backward(const at::Tensor& grad_y, const at::Tensor& x, const at::Tensor& weight,
                             const at::Tensor& inverse_rms, const at::Tensor& residual) {
  const at::Tensor dyw = grad_y.to(sum_type(x)) * weight;
  const at::Tensor wide = x.to(sum_type(x));
  const at::Tensor scale = inverse_rms.unsqueeze(1);
  const at::Tensor pull = (dyw * wide).mean(1, true) * scale.pow(3);
  return residual + (dyw * scale - wide * pull).to(x.scalar_type());
}

at::Tensor swiglu(const at::Tensor& gate_up) {
  const std::int64_t width = gate_up.size(1) / 2;
  return at::silu(gate_up.narrow(1, 0, width)) * gate_up.narrow(1, width, width);
}

at::Tensor swiglu_backward(const at::Tensor& grad, const at::Tensor& gate_up) {
  const std::int64_t width = grad.size(1);
  const at::Tensor gate = gate_up.narrow(1, 0, width);
  return at::cat({at::silu_backward(grad * gate_up.narrow(1, width, width), gate), grad * at::silu(gate)}, 1);
}

void rope_(const at::Tensor& qkv, const at::Tensor& positions, const at::Tensor& table, const ModelShape& shape,
           bool back) {
  const std::int64_t half = shape.head_width / 2;
  at::Tensor heads = qkv.narrow(1, 0, shape.query_width() + shape.kv_width())
                         .view({qkv.size(0), shape.heads + shape.kv_heads, shape.head_width});
  const bool halves = shape.rope_pairs == RopePairs::halves;
  const at::Tensor a_place = halves ? heads.narrow(2, 0, half) : heads.slice(2, 0, shape.head_width, 2);
  const at::Tensor b_place = halves ? heads.narrow(2, half, half) : heads.slice(2, 1, shape.head_width, 2);
  const at::Tensor a = a_place.to(table.scalar_type(), /*non_blocking=*/false, /*copy=*/true);
  const at::Tensor b = b_place.to(table.scalar_type(), /*non_blocking=*/false, /*copy=*/true);
  const at::Tensor c = table[0].index_select(0, positions).unsqueeze(1);
  const at::Tensor s = table[1].index_select(0, positions).unsqueeze(1) * (back ? -1.0 : 1.0);
  a_place.copy_(a * c - b * s);
  b_place.copy_(b * c + a * s);
}

at::Tensor causal_softmax_(const at::Tensor& scores, std::int64_t chunk, std::int64_t first, double scale) {
  const at::Tensor wide = (scores.to(sum_type(scores)) * scale).masked_fill(hidden(scores, chunk, first), -INFINITY);
  const at::Tensor log_sums = at::logsumexp(wide, 2);
  scores.copy_((wide - log_sums.unsqueeze(2)).exp());
  return log_sums;
}

void causal_softmax_backward_(const at::Tensor& scores, const at::Tensor& grad, const at::Tensor& log_sums,
                              const at::Tensor& delta, std::int64_t chunk, std::int64_t first, double scale) {
  const at::Tensor wide = (scores.to(sum_type(scores)) * scale).masked_fill(hidden(scores, chunk, first), -INFINITY);
  const at::Tensor share = (wide - log_sums.unsqueeze(2)).exp();
  scores.copy_(share);
  grad.copy_(share * (grad - delta.unsqueeze(2)) * scale);
}

at::Tensor cross_entropy_(const at::Tensor& logits, const at::Tensor& labels, bool backward, double scale) {
  const at::Tensor wide = logits.to(sum_type(logits));
  const at::Tensor log_sums = at::logsumexp(wide, 1, /*keepdim=*/true);
  const at::Tensor losses = (log_sums - wide.gather(1, labels.unsqueeze(1))).squeeze(1);
  if (backward) {
    at::Tensor grad = (wide - log_sums).exp_();
    grad.scatter_add_(1, labels.unsqueeze(1), at::full({grad.size(0), 1}, -1.0, grad.options()));
    logits.copy_(grad.mul_(scale));
  }
  return losses;
}

/// The same mask as on the CPU: 32-bit arithmetic in the low half of 64-bit numbers.
at::Tensor dropout(const at::Tensor& x, std::uint32_t below, std::uint32_t start, double keep_scale) {
  constexpr std::int64_t kLow = 0xffffffff;
  at::Tensor h = at::bitwise_xor(at::arange(x.numel(), x.options().dtype(at::kLong)), static_cast<std::int64_t>(start));
  h = at::bitwise_xor(h, at::bitwise_right_shift(h, 16)).mul(0x7feb352dLL).bitwise_and(kLow);
  h = at::bitwise_xor(h, at::bitwise_right_shift(h, 15)).mul(0x846ca68bLL).bitwise_and(kLow);
  h = at::bitwise_xor(h, at::bitwise_right_shift(h, 16));
  const at::Tensor kept = h.ge(static_cast<std::int64_t>(below)).view(x.sizes());
  return x * kept.to(x.scalar_type()) * keep_scale;
}

void dequantise(const at::Tensor& numbers, const at::Tensor& scales, std::int64_t scale_columns,
                const at::Tensor& out) {
  const at::Tensor steps = scales.repeat_interleave(scale_columns, 1).narrow(1, 0, numbers.size(1));
  at::mul_out(const_cast<at::Tensor&>(out), numbers.to(out.scalar_type()), steps.to(out.scalar_type()));
}

}  // namespace gpiot::tune::anywhere
