#include "gpiot/tune/attention_flash.h"

#include <cmath>

namespace gpiot::tune {
namespace {

/// Views of qkv [rows, qkv_width]: q [rows, heads, head_width], k and v [rows, kv_heads, head_width].
struct Views {
  at::Tensor q, k, v;
};

Views views_of(const at::Tensor& qkv, const ModelShape& shape) {
  const std::int64_t rows = qkv.size(0);
  const auto keys = [&](std::int64_t column) {
    return qkv.narrow(1, column, shape.kv_width()).view({rows, shape.kv_heads, shape.head_width});
  };
  return {qkv.narrow(1, 0, shape.query_width()).view({rows, shape.heads, shape.head_width}), keys(shape.query_width()),
          keys(shape.query_width() + shape.kv_width())};
}

double scale_of(const ModelShape& shape) { return 1.0 / std::sqrt(static_cast<double>(shape.head_width)); }

}  // namespace

bool has_flash(const at::Tensor& qkv) { return qkv.is_cuda() && qkv.scalar_type() == at::kBFloat16; }

at::Tensor attention_flash(const at::Tensor& qkv, const Documents& documents, const ModelShape& shape,
                           AttentionSaved& saved) {
  const Views views = views_of(qkv, shape);
  const auto [out, log_sums, random, unused, mask] = at::_flash_attention_forward(
      views.q, views.k, views.v, documents.on_device, documents.on_device, documents.longest, documents.longest,
      /*dropout_p=*/0.0, /*is_causal=*/true, /*return_debug_mask=*/false, scale_of(shape));
  saved.flash_log_sums = log_sums;
  saved.flash_random = random;
  return out.reshape({qkv.size(0), shape.query_width()});
}

at::Tensor attention_flash_backward(const at::Tensor& grad, const at::Tensor& out, const at::Tensor& qkv,
                                    const Documents& documents, const ModelShape& shape, const AttentionSaved& saved) {
  const Views views = views_of(qkv, shape);
  const auto heads = [&](const at::Tensor& rows) {
    return rows.contiguous().view({rows.size(0), shape.heads, shape.head_width});
  };
  const auto [grad_q, grad_k, grad_v] = at::_flash_attention_backward(
      heads(grad), views.q, views.k, views.v, heads(out), saved.flash_log_sums, documents.on_device,
      documents.on_device, documents.longest, documents.longest, /*dropout_p=*/0.0, /*is_causal=*/true,
      saved.flash_random, at::empty({}, qkv.options().dtype(at::kLong)), scale_of(shape));
  const std::int64_t rows = qkv.size(0);
  return at::cat({grad_q.reshape({rows, shape.query_width()}), grad_k.reshape({rows, shape.kv_width()}),
                  grad_v.reshape({rows, shape.kv_width()})},
                 1);
}

}  // namespace gpiot::tune
