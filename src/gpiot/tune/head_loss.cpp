#include "gpiot/tune/head_loss.h"

#include <algorithm>

#include "gpiot/tune/kernels.h"

namespace gpiot::tune {
namespace {

/// Rows of logits at a time: 256 x 151,936 floats are 156 MB. A GPU wants larger products to be busy.
std::int64_t chunk_of(const at::Tensor& x) { return x.is_cpu() ? 256 : 1024; }

at::ScalarType wide(const at::Tensor& x) { return x.scalar_type() == at::kDouble ? at::kDouble : at::kFloat; }

}  // namespace

at::Tensor head_logits(const BaseModel& model, const Batch& batch, const at::Tensor& x) {
  const Normed normed = rms_norm(x.index_select(0, batch.targets), model.final_norm, model.shape.norm_eps);
  return model.head.product(normed.y);
}

LossSums head_loss(const BaseModel& model, const Batch& batch, const at::Tensor& x, double gradient_scale,
                   at::Tensor* grad_x) {
  LossSums loss;
  const std::int64_t counted = batch.counted();
  loss.tokens = {batch.tdd_targets, counted - batch.tdd_targets};
  if (grad_x != nullptr) *grad_x = at::zeros_like(x);
  if (counted == 0) return loss;
  const at::Tensor rows = x.index_select(0, batch.targets);
  const Normed normed = rms_norm(rows, model.final_norm, model.shape.norm_eps);
  const at::Tensor losses = at::empty({counted}, x.options().dtype(wide(x)));
  const at::Tensor grad_normed = grad_x != nullptr ? at::empty_like(rows) : at::Tensor();
  const std::int64_t chunk = chunk_of(x);
  for (std::int64_t from = 0; from < counted; from += chunk) {
    const std::int64_t size = std::min(chunk, counted - from);
    const at::Tensor logits = model.head.product(normed.y.narrow(0, from, size));
    losses.narrow(0, from, size)
        .copy_(cross_entropy_(logits, batch.labels.narrow(0, from, size), grad_x != nullptr, gradient_scale));
    if (grad_x != nullptr) grad_normed.narrow(0, from, size).copy_(model.head.product_backward(logits));
  }
  loss.sum[0] = losses.narrow(0, 0, batch.tdd_targets).sum(at::kDouble).item<double>();
  loss.sum[1] = losses.narrow(0, batch.tdd_targets, counted - batch.tdd_targets).sum(at::kDouble).item<double>();
  if (grad_x != nullptr) {
    grad_x->index_copy_(
        0, batch.targets,
        rms_norm_backward(grad_normed, rows, model.final_norm, normed.inverse_rms, at::zeros_like(rows)));
  }
  return loss;
}

}  // namespace gpiot::tune
