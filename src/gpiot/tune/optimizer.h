#pragma once

#include <ATen/ATen.h>

#include <cstdint>

namespace gpiot::tune {

struct OptimizerOptions {
  double learning_rate = 1e-4;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  double weight_decay = 0.0;
  double clip_norm = 0.3;  ///< largest norm of all gradients together; 0: as they are
};

/// The learning rate at step 0 ... steps - 1: a straight line up over `warmup_steps`, then half a cosine down to 0, as
/// transformers' get_cosine_schedule_with_warmup.
[[nodiscard]] double cosine_rate(double peak, std::int64_t step, std::int64_t steps, std::int64_t warmup_steps);

/// AdamW over one flat vector, by ATen's fused kernel.
class Optimizer {
 public:
  Optimizer(const at::Tensor& values, const OptimizerOptions& options);
  /// Clips the gradients in place, then moves `values`. Returns their norm before clipping. The caller checks that it
  /// is finite first (`norm`).
  void step(const at::Tensor& values, const at::Tensor& gradients, double rate, double norm);
  [[nodiscard]] static double norm(const at::Tensor& gradients);

  [[nodiscard]] at::Tensor& mean() { return mean_; }
  [[nodiscard]] at::Tensor& square() { return square_; }
  [[nodiscard]] std::int64_t steps() const { return steps_; }
  void restore_steps(std::int64_t steps);

 private:
  OptimizerOptions options_;
  at::Tensor mean_, square_;
  at::Tensor count_;  ///< of steps, as the kernel wants it
  std::int64_t steps_ = 0;
};

}  // namespace gpiot::tune
