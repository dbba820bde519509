#pragma once

#include <cstdint>
#include <functional>

#include "gpiot/tune/base_model.h"
#include "gpiot/tune/tune_config.h"

namespace gpiot::tune {

/// What a run will take, said before it starts.
struct Estimate {
  double base_bytes = 0;        ///< the frozen weights as they stand, and the buffer of their products
  double trained_bytes = 0;     ///< adapters, their gradients and the optimiser's two moments
  double activation_bytes = 0;  ///< of one batch
  double logits_bytes = 0;
  double flops = 0;        ///< of all epochs: 4 per weight and token, 4 per head weight and counted token
  double flops_per_s = 0;  ///< of one large product on this machine, measured
  [[nodiscard]] double bytes() const { return base_bytes + trained_bytes + activation_bytes + logits_bytes; }
  /// At 60 % of the rate of a large product.
  [[nodiscard]] double seconds() const { return flops / (0.6 * flops_per_s); }
};

/// `trained`: numbers in the adapters; `tokens`, `counted`: of one epoch.
[[nodiscard]] Estimate estimate(const ModelShape& shape, const TuneConfig& config, at::ScalarType type,
                                std::int64_t trained, std::int64_t tokens, std::int64_t counted);

/// Does `work`. Errors: those of `work`; Capacity with the estimate, and what to lower, where memory is refused, on the
/// processor or a GPU.
void within_memory(const Estimate& estimate, const std::function<void()>& work);

/// Products of the step's own shape and type, in operations per second (2 per multiply-add), the best of some.
[[nodiscard]] double product_rate(const ModelShape& shape, std::int64_t rows, at::ScalarType type, at::Device device);

/// Resident memory of this process, now and at most, in bytes.
struct Resident {
  double now = 0, peak = 0;
};
[[nodiscard]] Resident resident();

}  // namespace gpiot::tune
