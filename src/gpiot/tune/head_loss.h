#pragma once

#include <ATen/ATen.h>

#include <cstdint>

#include "gpiot/tune/base_model.h"
#include "gpiot/tune/batch.h"

namespace gpiot::tune {

/// Loss of a batch, summed over the counted tokens of each task, in nats.
struct LossSums {
  std::array<double, 2> sum{};
  std::array<std::int64_t, 2> tokens{};

  [[nodiscard]] double mean(Task task) const {
    const auto i = static_cast<std::size_t>(task);
    return tokens[i] == 0 ? 0.0 : sum[i] / static_cast<double>(tokens[i]);
  }
  [[nodiscard]] double mean() const {
    const std::int64_t all = tokens[0] + tokens[1];
    return all == 0 ? 0.0 : (sum[0] + sum[1]) / static_cast<double>(all);
  }
  void add(const LossSums& other) {
    for (std::size_t i = 0; i < 2; ++i) {
      sum[i] += other.sum[i];
      tokens[i] += other.tokens[i];
    }
  }
};

/// Cross-entropy of the next token at the counted rows of x [rows, width] (the last block's output). The logits exist
/// for a few hundred rows at a time only. Where `grad_x` is given it becomes the gradient of x for the loss sum times
/// `gradient_scale`: zero at rows that do not count.
[[nodiscard]] LossSums head_loss(const BaseModel& model, const Batch& batch, const at::Tensor& x, double gradient_scale,
                                 at::Tensor* grad_x);

/// The logits at the counted rows, [counted, vocabulary]; for tests and comparisons.
[[nodiscard]] at::Tensor head_logits(const BaseModel& model, const Batch& batch, const at::Tensor& x);

}  // namespace gpiot::tune
