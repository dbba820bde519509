#include "gpiot/tune/attention.h"

#include <algorithm>
#include <cmath>

#include "gpiot/tune/attention_flash.h"
#include "gpiot/tune/kernels.h"

namespace gpiot::tune {
namespace {

/// Queries at a time: the keys after a chunk are never touched, and a chunk's scores stay in the cache.
constexpr std::int64_t kChunk = 256;

/// The heads of one document: those that share keys are one group. q [groups, share, tokens, head_width];
/// k and v [groups, tokens, head_width]; all contiguous.
struct Heads {
  at::Tensor q, k, v;
};

at::Tensor queries_of(const at::Tensor& rows, const ModelShape& shape) {
  return rows.narrow(1, 0, shape.query_width())
      .view({rows.size(0), shape.kv_heads, shape.heads / shape.kv_heads, shape.head_width})
      .permute({1, 2, 0, 3});
}

at::Tensor keys_of(const at::Tensor& rows, std::int64_t column, const ModelShape& shape) {
  return rows.narrow(1, column, shape.kv_width())
      .view({rows.size(0), shape.kv_heads, shape.head_width})
      .permute({1, 0, 2});
}

Heads split(const at::Tensor& rows, const ModelShape& shape) {
  return {queries_of(rows, shape).contiguous(), keys_of(rows, shape.query_width(), shape).contiguous(),
          keys_of(rows, shape.query_width() + shape.kv_width(), shape).contiguous()};
}

/// Chunk `from` of [groups, share, tokens, width] as [groups, share * size, width].
at::Tensor chunk_of(const at::Tensor& heads, std::int64_t from, std::int64_t size) {
  return heads.narrow(2, from, size).reshape({heads.size(0), heads.size(1) * size, heads.size(3)});
}

double scale_of(const ModelShape& shape) { return 1.0 / std::sqrt(static_cast<double>(shape.head_width)); }

/// One document forward: out [groups, share, tokens, head_width]; log_sums one tensor per chunk.
at::Tensor forward_one(const Heads& heads, const ModelShape& shape, std::vector<at::Tensor>& log_sums) {
  const std::int64_t tokens = heads.k.size(1);
  at::Tensor out = at::empty_like(heads.q);
  for (std::int64_t from = 0; from < tokens; from += kChunk) {
    const std::int64_t size = std::min(kChunk, tokens - from);
    const at::Tensor scores = at::bmm(chunk_of(heads.q, from, size), heads.k.narrow(1, 0, from + size).transpose(1, 2));
    log_sums.push_back(causal_softmax_(scores, size, from, scale_of(shape)));
    const at::Tensor mixed = at::bmm(scores, heads.v.narrow(1, 0, from + size));
    out.narrow(2, from, size).copy_(mixed.view({heads.q.size(0), heads.q.size(1), size, shape.head_width}));
  }
  return out;
}

Heads backward_one(const Heads& heads, const at::Tensor& grad, const at::Tensor& out, const ModelShape& shape,
                   const std::vector<at::Tensor>& log_sums) {
  const std::int64_t tokens = heads.k.size(1);
  Heads grads{at::empty_like(heads.q), at::zeros_like(heads.k), at::zeros_like(heads.v)};
  const at::ScalarType wide = grad.scalar_type() == at::kDouble ? at::kDouble : at::kFloat;
  std::size_t number = 0;
  for (std::int64_t from = 0; from < tokens; from += kChunk, ++number) {
    const std::int64_t size = std::min(kChunk, tokens - from);
    const at::Tensor q = chunk_of(heads.q, from, size);
    const at::Tensor k = heads.k.narrow(1, 0, from + size);
    const at::Tensor v = heads.v.narrow(1, 0, from + size);
    const at::Tensor grad_out = chunk_of(grad, from, size);
    const at::Tensor delta = (grad_out.to(wide) * chunk_of(out, from, size)).sum(2);
    const at::Tensor shares = at::bmm(q, k.transpose(1, 2));
    const at::Tensor grad_scores = at::bmm(grad_out, v.transpose(1, 2));
    causal_softmax_backward_(shares, grad_scores, log_sums[number], delta, size, from, scale_of(shape));
    grads.v.narrow(1, 0, from + size).add_(at::bmm(shares.transpose(1, 2), grad_out));
    grads.k.narrow(1, 0, from + size).add_(at::bmm(grad_scores.transpose(1, 2), q));
    grads.q.narrow(2, from, size)
        .copy_(at::bmm(grad_scores, k).view({heads.q.size(0), heads.q.size(1), size, shape.head_width}));
  }
  return grads;
}

}  // namespace

at::Tensor attention(const at::Tensor& qkv, const Documents& documents, const ModelShape& shape,
                     AttentionSaved& saved) {
  if (has_flash(qkv)) return attention_flash(qkv, documents, shape, saved);
  const std::vector<std::int64_t>& offsets = documents.offsets;
  at::Tensor out = at::empty({qkv.size(0), shape.query_width()}, qkv.options());
  saved.log_sums.assign(offsets.size() - 1, {});
  for (std::size_t i = 0; i + 1 < offsets.size(); ++i) {
    const std::int64_t tokens = offsets[i + 1] - offsets[i];
    const Heads heads = split(qkv.narrow(0, offsets[i], tokens), shape);
    queries_of(out.narrow(0, offsets[i], tokens), shape).copy_(forward_one(heads, shape, saved.log_sums[i]));
  }
  return out;
}

at::Tensor attention_backward(const at::Tensor& grad, const at::Tensor& out, const at::Tensor& qkv,
                              const Documents& documents, const ModelShape& shape, const AttentionSaved& saved) {
  if (has_flash(qkv)) return attention_flash_backward(grad, out, qkv, documents, shape, saved);
  const std::vector<std::int64_t>& offsets = documents.offsets;
  at::Tensor grad_qkv = at::empty_like(qkv);
  for (std::size_t i = 0; i + 1 < offsets.size(); ++i) {
    const std::int64_t tokens = offsets[i + 1] - offsets[i];
    const auto part = [&](const at::Tensor& rows) { return rows.narrow(0, offsets[i], tokens); };
    const Heads grads = backward_one(split(part(qkv), shape), queries_of(part(grad), shape),
                                     queries_of(part(out), shape), shape, saved.log_sums[i]);
    queries_of(part(grad_qkv), shape).copy_(grads.q);
    keys_of(part(grad_qkv), shape.query_width(), shape).copy_(grads.k);
    keys_of(part(grad_qkv), shape.query_width() + shape.kv_width(), shape).copy_(grads.v);
  }
  return grad_qkv;
}

}  // namespace gpiot::tune
