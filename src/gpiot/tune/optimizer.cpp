#include "gpiot/tune/optimizer.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace gpiot::tune {

double cosine_rate(double peak, std::int64_t step, std::int64_t steps, std::int64_t warmup_steps) {
  if (step < warmup_steps)
    return peak * static_cast<double>(step) / static_cast<double>(std::max<std::int64_t>(1, warmup_steps));
  const double done =
      static_cast<double>(step - warmup_steps) / static_cast<double>(std::max<std::int64_t>(1, steps - warmup_steps));
  return peak * std::max(0.0, 0.5 * (1.0 + std::cos(std::numbers::pi * done)));
}

Optimizer::Optimizer(const at::Tensor& values, const OptimizerOptions& options)
    : options_(options),
      mean_(at::zeros_like(values)),
      square_(at::zeros_like(values)),
      count_(at::zeros({}, values.options().dtype(at::kFloat))) {}

double Optimizer::norm(const at::Tensor& gradients) { return gradients.norm().item<double>(); }

void Optimizer::step(const at::Tensor& values, const at::Tensor& gradients, double rate, double norm) {
  if (options_.clip_norm > 0 && norm > options_.clip_norm) {
    at::Tensor(gradients).mul_(options_.clip_norm / (norm + 1e-6));
  }
  count_.add_(1);
  ++steps_;
  at::_fused_adamw_({values}, {gradients}, {mean_}, {square_}, {}, {count_}, rate, options_.beta1, options_.beta2,
                    options_.weight_decay, options_.epsilon, /*amsgrad=*/false, /*maximize=*/false);
}

void Optimizer::restore_steps(std::int64_t steps) {
  steps_ = steps;
  count_.fill_(static_cast<double>(steps));
}

}  // namespace gpiot::tune
