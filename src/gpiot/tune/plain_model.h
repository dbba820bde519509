#pragma once

#include <ATen/ATen.h>

#include <cmath>
#include <string>
#include <vector>

#include "gpiot/tune/adapters.h"
#include "gpiot/tune/base_model.h"

/// Equations 9 and 10 written once more, as plainly as can be: whole matrices, one document at a time, attention as a
/// masked softmax, RoPE by complex numbers. Shares no code with the step it is compared to. Dropout is off.
namespace gpiot::tune::plain {

inline at::Tensor rms(const at::Tensor& x, const at::Tensor& weight, double eps) {
  return x / at::sqrt(x.square().mean(-1, true) + eps) * weight;
}

/// x [heads, tokens, head_width].
inline at::Tensor rope(const at::Tensor& x, const ModelShape& shape) {
  const std::int64_t half = shape.head_width / 2;
  const at::Tensor pair = at::arange(half, at::kDouble);
  const at::Tensor frequency =
      at::exp(pair * (-2.0 * std::log(shape.rope_base) / static_cast<double>(shape.head_width)));
  const at::Tensor angle = at::outer(at::arange(x.size(1), at::kDouble) / shape.rope_scale, frequency);
  const at::Tensor turn = at::polar(at::ones_like(angle), angle);
  const bool halves = shape.rope_pairs == RopePairs::halves;
  const at::Tensor pairs = halves ? at::stack({x.narrow(2, 0, half), x.narrow(2, half, half)}, -1)
                                  : x.reshape({x.size(0), x.size(1), half, 2});
  const at::Tensor turned = at::view_as_real(at::view_as_complex(pairs.contiguous()) * turn);
  return halves ? at::cat({turned.select(-1, 0), turned.select(-1, 1)}, -1) : turned.reshape(x.sizes());
}

/// The matrix of one target for a task: W + s (B A) + s w (Bc Ac).
inline at::Tensor matrix(const at::Tensor& base, const Adapters& adapters, std::int64_t layer, Task task, char target) {
  const AdapterOptions& options = adapters.options();
  const std::string block = "blk." + std::to_string(layer) + ".";
  at::Tensor sum = base.clone();
  const auto add = [&](const std::string& name, double weight) {
    const std::string key = block + name + "." + target;
    if (adapters.has(key + ".a"))
      sum += at::mm(adapters.value(key + ".b"), adapters.value(key + ".a")) * (options.alpha / options.rank * weight);
  };
  add(task == Task::tdd ? "tdd" : "cgd", 1.0);
  add("single", 1.0);
  add("shared", task == Task::tdd ? options.lambda : 1.0 - options.lambda);
  return sum;
}

/// softmax(q k' / sqrt) v for one document x1 [tokens, width] of a task, and the sum with x: the state after attention.
inline at::Tensor after_attention(const BaseModel& model, const Adapters& adapters, std::int64_t layer, Task task,
                                  const at::Tensor& x) {
  const ModelShape& s = model.shape;
  const BlockWeights& w = model.blocks[static_cast<std::size_t>(layer)];
  const at::Tensor n = rms(x, w.attention_norm, s.norm_eps);
  std::vector<at::Tensor> out;
  std::int64_t row = 0;
  for (const char target : {'q', 'k', 'v'}) {
    const std::int64_t rows = target == 'q' ? s.query_width() : s.kv_width();
    at::Tensor y = at::mm(n, matrix(w.qkv.values().narrow(0, row, rows), adapters, layer, task, target).t());
    if (w.qkv_bias.defined()) y = y + w.qkv_bias.narrow(0, row, rows);
    out.push_back(y.view({x.size(0), rows / s.head_width, s.head_width}).transpose(0, 1));
    row += rows;
  }
  const std::int64_t share = s.heads / s.kv_heads;
  const at::Tensor q = rope(out[0], s);
  const at::Tensor k = rope(out[1], s).repeat_interleave(share, 0);
  const at::Tensor v = out[2].repeat_interleave(share, 0);
  at::Tensor scores = at::matmul(q, k.transpose(1, 2)) / std::sqrt(static_cast<double>(s.head_width));
  scores = scores + at::full_like(scores, -INFINITY).triu(1);
  const at::Tensor mixed = at::matmul(at::softmax(scores, -1), v).transpose(0, 1).reshape({x.size(0), s.query_width()});
  return x + at::mm(mixed, w.attention_out.values().t());
}

inline at::Tensor swiglu_layer(const at::Tensor& x, const at::Tensor& gate_up, const at::Tensor& down) {
  const std::int64_t width = down.size(1);
  const at::Tensor y = at::mm(x, gate_up.t());
  return at::mm(at::silu(y.narrow(1, 0, width)) * y.narrow(1, width, width), down.t());
}

/// Logits [tokens, vocabulary] of one document of `task`. In `paired` both paths run, each by its own adapters.
inline at::Tensor logits(const BaseModel& model, const Adapters& adapters, Task task,
                         const std::vector<std::int32_t>& tokens) {
  const AdapterOptions& options = adapters.options();
  std::vector<std::int64_t> ids(tokens.begin(), tokens.end());
  std::vector<at::Tensor> x(2, model.embedding.values().index_select(0, at::tensor(ids, at::kLong)));
  for (std::int64_t layer = 0; layer < model.shape.layers; ++layer) {
    const BlockWeights& w = model.blocks[static_cast<std::size_t>(layer)];
    std::vector<at::Tensor> normed(2), next(2);
    for (const Task path : kTasks) {
      const auto p = static_cast<std::size_t>(path);
      x[p] = after_attention(model, adapters, layer, path, x[p]);
      normed[p] = rms(x[p], w.ffn_norm, model.shape.norm_eps);
    }
    for (const Task path : kTasks) {
      const auto p = static_cast<std::size_t>(path);
      next[p] = x[p] + swiglu_layer(normed[p], w.gate_up.values(), w.down.values());
      if (options.projection == Projection::off) continue;
      const std::string name = "blk." + std::to_string(layer) + (path == Task::tdd ? ".cgd.l." : ".tdd.l.");
      const at::Tensor& read = options.projection == Projection::paired ? normed[1 - p] : normed[p];
      next[p] = next[p] + swiglu_layer(read, adapters.value(name + "gate_up"), adapters.value(name + "down")) *
                              (path == Task::tdd ? options.gamma : 1.0 - options.gamma);
    }
    x = next;
  }
  return at::mm(rms(x[static_cast<std::size_t>(task)], model.final_norm, model.shape.norm_eps),
                model.head.values().t());
}

}  // namespace gpiot::tune::plain
