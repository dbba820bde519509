#include "gpiot/tune/block.h"

#include "gpiot/tune/kernels.h"

namespace gpiot::tune {
namespace {

/// Rows and columns of q, k and v in the joined matrix.
std::array<std::int64_t, 4> target_columns(const ModelShape& shape) {
  return {0, shape.query_width(), shape.query_width() + shape.kv_width(), shape.qkv_width()};
}

at::Tensor rows_of(const at::Tensor& x, const Batch& batch, std::size_t task) {
  return x.narrow(0, batch.task[task], batch.task[task + 1] - batch.task[task]);
}

/// The rows that a task's projection layer reads: its own, or in `paired` the other task's copies of the documents.
std::size_t projection_source(const AdapterOptions& options, std::size_t task) {
  return options.projection == Projection::paired ? 1 - task : task;
}

std::uint64_t dropout_seed(const StepFacts& facts, std::int64_t layer, std::size_t task) {
  return facts.seed * 0x9E3779B97F4A7C15ULL + static_cast<std::uint64_t>(layer) * 2 + task + 1;
}

bool is_empty(const StepFacts& facts, std::size_t task) { return facts.batch.task[task] == facts.batch.task[task + 1]; }

/// y + x w^T, in place.
void add_product(const at::Tensor& y, const at::Tensor& x, const at::Tensor& w) { at::Tensor(y).addmm_(x, w.t()); }

void add_adapters(const BlockAdapters& adapters, std::int64_t layer, const StepFacts& facts, const at::Tensor& normed,
                  const at::Tensor& qkv, BlockSaved& kept) {
  const auto columns = target_columns(facts.shape);
  kept.dropped = at::empty_like(normed);
  for (std::size_t task = 0; task < 2; ++task) {
    const TaskAdapter& adapter = adapters.task[task];
    if (!adapter.a.defined() || is_empty(facts, task)) continue;
    const at::Tensor dropped =
        dropout(rows_of(normed, facts.batch, task), facts.dropout, dropout_seed(facts, layer, task));
    rows_of(kept.dropped, facts.batch, task).copy_(dropped);
    kept.low_rank[task] = at::mm(dropped, adapter.a.t());
    for (std::size_t t = 0; t < 3; ++t) {
      if (!adapter.b[t].defined()) continue;
      const std::int64_t ranks = adapter.column[t + 1] - adapter.column[t];
      add_product(rows_of(qkv, facts.batch, task).narrow(1, columns[t], columns[t + 1] - columns[t]),
                  kept.low_rank[task].narrow(1, adapter.column[t], ranks), adapter.b[t]);
    }
  }
}

/// out += weight * L(rows that the task reads); L is SwiGLU like the FFN.
void add_projection(const BlockAdapters& adapters, const StepFacts& facts, const at::Tensor& normed,
                    const at::Tensor& out, BlockSaved& kept) {
  if (facts.options.projection == Projection::off) return;
  for (std::size_t task = 0; task < 2; ++task) {
    if (is_empty(facts, task)) continue;
    const at::Tensor source = rows_of(normed, facts.batch, projection_source(facts.options, task));
    kept.projection_gate_up[task] = at::mm(source, adapters.projection[task].gate_up.t());
    const at::Tensor hidden = swiglu(kept.projection_gate_up[task]);
    at::Tensor(rows_of(out, facts.batch, task))
        .addmm_(hidden, adapters.projection[task].down.t(), 1.0, facts.options.projection_weight(kTasks[task]));
  }
}

/// The way back of add_projection: adds to grad_normed, the gradient of what the layers read.
void projection_backward(const BlockAdapters& adapters, const StepFacts& facts, const at::Tensor& normed,
                         const at::Tensor& grad_out, const BlockSaved& saved, const at::Tensor& grad_normed,
                         BlockAdapters& gradients) {
  if (facts.options.projection == Projection::off) return;
  for (std::size_t task = 0; task < 2; ++task) {
    if (is_empty(facts, task)) continue;
    const ProjectionLayer& layer = adapters.projection[task];
    const std::size_t from = projection_source(facts.options, task);
    const at::Tensor grad = rows_of(grad_out, facts.batch, task) * facts.options.projection_weight(kTasks[task]);
    const at::Tensor hidden = swiglu(saved.projection_gate_up[task]);
    gradients.projection[task].down = at::mm(grad.t(), hidden);
    const at::Tensor grad_gate_up = swiglu_backward(at::mm(grad, layer.down), saved.projection_gate_up[task]);
    gradients.projection[task].gate_up = at::mm(grad_gate_up.t(), rows_of(normed, facts.batch, from));
    at::Tensor(rows_of(grad_normed, facts.batch, from)).addmm_(grad_gate_up, layer.gate_up);
  }
}

/// The way back of add_adapters. Returns the gradient of the normed input that comes through the adapters, added to
/// `grad_normed` where that is defined.
void adapters_backward(const BlockAdapters& adapters, std::int64_t layer, const StepFacts& facts,
                       const at::Tensor& grad_qkv, const BlockSaved& saved, const at::Tensor& grad_normed,
                       BlockAdapters& gradients) {
  const auto columns = target_columns(facts.shape);
  for (std::size_t task = 0; task < 2; ++task) {
    const TaskAdapter& adapter = adapters.task[task];
    if (!adapter.a.defined() || is_empty(facts, task)) continue;
    const at::Tensor grad_low = at::empty_like(saved.low_rank[task]);
    for (std::size_t t = 0; t < 3; ++t) {
      if (!adapter.b[t].defined()) continue;
      const std::int64_t ranks = adapter.column[t + 1] - adapter.column[t];
      const at::Tensor grad = rows_of(grad_qkv, facts.batch, task).narrow(1, columns[t], columns[t + 1] - columns[t]);
      gradients.task[task].b[t] = at::mm(grad.t(), saved.low_rank[task].narrow(1, adapter.column[t], ranks));
      grad_low.narrow(1, adapter.column[t], ranks).copy_(at::mm(grad, adapter.b[t]));
    }
    gradients.task[task].a = at::mm(grad_low.t(), rows_of(saved.dropped, facts.batch, task));
    gradients.task[task].column = adapter.column;
    if (!grad_normed.defined()) continue;
    at::Tensor(rows_of(grad_normed, facts.batch, task))
        .add_(dropout(at::mm(grad_low, adapter.a), facts.dropout, dropout_seed(facts, layer, task)));
  }
}

}  // namespace

at::Tensor block_forward(const BlockWeights& weights, const BlockAdapters& adapters, std::int64_t layer,
                         const StepFacts& facts, const at::Tensor& x, BlockSaved* saved) {
  BlockSaved local;
  BlockSaved& kept = saved != nullptr ? *saved : local;
  kept.input = x;
  Normed normed = rms_norm(x, weights.attention_norm, facts.shape.norm_eps);
  kept.inverse_rms_attention = normed.inverse_rms;
  kept.qkv = weights.qkv.product(normed.y, weights.qkv_bias);
  add_adapters(adapters, layer, facts, normed.y, kept.qkv, kept);
  rope_(kept.qkv, facts.batch.positions, facts.rope, facts.shape, /*back=*/false);
  kept.mixed = attention(kept.qkv, facts.batch.documents, facts.shape, kept.attention);
  kept.after_attention = weights.attention_out.product(kept.mixed, x);

  normed = rms_norm(kept.after_attention, weights.ffn_norm, facts.shape.norm_eps);
  kept.inverse_rms_ffn = normed.inverse_rms;
  const at::Tensor gate_up = weights.gate_up.product(normed.y);
  if (facts.recompute != Recompute::ffn) kept.gate_up = gate_up;
  at::Tensor out = weights.down.product(swiglu(gate_up), kept.after_attention);
  add_projection(adapters, facts, normed.y, out, kept);
  return out;
}

at::Tensor block_backward(const BlockWeights& weights, const BlockAdapters& adapters, std::int64_t layer,
                          const StepFacts& facts, const at::Tensor& grad_out, const BlockSaved& saved, bool wants_input,
                          BlockAdapters& gradients) {
  at::Tensor normed;
  const bool ffn_again = facts.recompute == Recompute::ffn;
  if (ffn_again || facts.options.projection != Projection::off) {
    normed = rms_norm(saved.after_attention, weights.ffn_norm, facts.shape.norm_eps).y;
  }
  const at::Tensor gate_up = ffn_again ? weights.gate_up.product(normed) : saved.gate_up;
  const at::Tensor grad_normed =
      weights.gate_up.product_backward(swiglu_backward(weights.down.product_backward(grad_out), gate_up));
  projection_backward(adapters, facts, normed, grad_out, saved, grad_normed, gradients);
  const at::Tensor grad_after =
      rms_norm_backward(grad_normed, saved.after_attention, weights.ffn_norm, saved.inverse_rms_ffn, grad_out);

  const at::Tensor grad_qkv = attention_backward(weights.attention_out.product_backward(grad_after), saved.mixed,
                                                 saved.qkv, facts.batch.documents, facts.shape, saved.attention);
  rope_(grad_qkv, facts.batch.positions, facts.rope, facts.shape, /*back=*/true);
  at::Tensor grad_input;
  if (wants_input) grad_input = weights.qkv.product_backward(grad_qkv);
  adapters_backward(adapters, layer, facts, grad_qkv, saved, grad_input, gradients);
  if (!wants_input) return {};
  return rms_norm_backward(grad_input, saved.input, weights.attention_norm, saved.inverse_rms_attention, grad_after);
}

}  // namespace gpiot::tune
