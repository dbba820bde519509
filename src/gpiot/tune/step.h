#pragma once

#include <ATen/ATen.h>

#include <cstdint>

#include "gpiot/tune/adapters.h"
#include "gpiot/tune/base_model.h"
#include "gpiot/tune/batch.h"
#include "gpiot/tune/head_loss.h"
#include "gpiot/tune/recompute.h"

namespace gpiot::tune {

struct StepOptions {
  std::uint64_t seed = 0;       ///< of the dropout; another one for each step
  double gradient_scale = 1.0;  ///< 1 / counted tokens of the whole step, over all its batches and processes
  Recompute recompute = Recompute::none;
};

/// Forward and backward of one packed batch: adds to the gradients of `adapters`, with dropout. No autograd: each
/// formula's way back is written beside it.
[[nodiscard]] LossSums train_batch(const BaseModel& model, Adapters& adapters, const Batch& batch,
                                   const StepOptions& options);
/// The loss alone, without dropout. `adapters` null: the bare base.
[[nodiscard]] LossSums measure_batch(const BaseModel& model, const Adapters* adapters, const Batch& batch);
/// Logits at the counted rows, [counted, vocabulary], without dropout.
[[nodiscard]] at::Tensor batch_logits(const BaseModel& model, const Adapters* adapters, const Batch& batch);

}  // namespace gpiot::tune
