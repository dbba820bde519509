#include "gpiot/tune/attention.h"

#include <cmath>

namespace gpiot::tune {
namespace {

/// Heads of one document as the kernel wants them: [1, heads, tokens, head_width]; keys and values once per query head.
struct Heads {
  at::Tensor q, k, v;
};

at::Tensor heads_of(const at::Tensor& rows, std::int64_t column, std::int64_t heads, const ModelShape& shape) {
  return rows.narrow(1, column, heads * shape.head_width)
      .view({rows.size(0), heads, shape.head_width})
      .permute({1, 0, 2})
      .unsqueeze(0);
}

Heads split(const at::Tensor& rows, const ModelShape& shape) {
  const auto repeated = [&](std::int64_t column) {
    const at::Tensor heads = heads_of(rows, column, shape.kv_heads, shape);
    return shape.heads == shape.kv_heads ? heads : heads.repeat_interleave(shape.heads / shape.kv_heads, 1);
  };
  return {heads_of(rows, 0, shape.heads, shape), repeated(shape.query_width()),
          repeated(shape.query_width() + shape.kv_width())};
}

/// Puts the gradient of heads [1, heads, tokens, head_width] where they were; those of one key are added up.
void put_back(const at::Tensor& rows, const at::Tensor& grad, std::int64_t column, std::int64_t heads,
              const ModelShape& shape) {
  const at::Tensor place = heads_of(rows, column, heads, shape);
  const std::int64_t copies = grad.size(1) / heads;
  if (copies == 1) {
    place.copy_(grad);
    return;
  }
  place.copy_(grad.view({1, heads, copies, grad.size(2), grad.size(3)}).sum(2));
}

}  // namespace

at::Tensor attention(const at::Tensor& qkv, const std::vector<std::int64_t>& offsets, const ModelShape& shape,
                     AttentionSaved& saved) {
  at::Tensor out = at::empty({qkv.size(0), shape.query_width()}, qkv.options());
  saved.log_sums.clear();
  for (std::size_t i = 0; i + 1 < offsets.size(); ++i) {
    const std::int64_t tokens = offsets[i + 1] - offsets[i];
    const Heads heads = split(qkv.narrow(0, offsets[i], tokens), shape);
    auto [mixed, log_sum] =
        at::_scaled_dot_product_flash_attention_for_cpu(heads.q, heads.k, heads.v, 0.0, /*is_causal=*/true);
    heads_of(out.narrow(0, offsets[i], tokens), 0, shape.heads, shape).copy_(mixed);
    saved.log_sums.push_back(log_sum);
  }
  return out;
}

at::Tensor attention_backward(const at::Tensor& grad, const at::Tensor& out, const at::Tensor& qkv,
                              const std::vector<std::int64_t>& offsets, const ModelShape& shape,
                              const AttentionSaved& saved) {
  at::Tensor grad_qkv = at::empty_like(qkv);
  for (std::size_t i = 0; i + 1 < offsets.size(); ++i) {
    const std::int64_t tokens = offsets[i + 1] - offsets[i];
    const Heads heads = split(qkv.narrow(0, offsets[i], tokens), shape);
    const at::Tensor rows = grad_qkv.narrow(0, offsets[i], tokens);
    auto [q, k, v] = at::_scaled_dot_product_flash_attention_for_cpu_backward(
        heads_of(grad.narrow(0, offsets[i], tokens), 0, shape.heads, shape), heads.q, heads.k, heads.v,
        heads_of(out.narrow(0, offsets[i], tokens), 0, shape.heads, shape), saved.log_sums[i], 0.0, /*is_causal=*/true);
    put_back(rows, q, 0, shape.heads, shape);
    put_back(rows, k, shape.query_width(), shape.kv_heads, shape);
    put_back(rows, v, shape.query_width() + shape.kv_width(), shape.kv_heads, shape);
  }
  return grad_qkv;
}

}  // namespace gpiot::tune
