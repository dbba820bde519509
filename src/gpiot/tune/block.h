#pragma once

#include <ATen/ATen.h>

#include <array>
#include <cstdint>

#include "gpiot/tune/adapters.h"
#include "gpiot/tune/attention.h"
#include "gpiot/tune/base_model.h"
#include "gpiot/tune/batch.h"
#include "gpiot/tune/recompute.h"

namespace gpiot::tune {

/// The trained part of one block, as both tasks see it, in the type of computation.
struct BlockAdapters {
  std::array<TaskAdapter, 2> task;
  std::array<ProjectionLayer, 2> projection;
};

/// What is the same for all blocks of one step.
struct StepFacts {
  const ModelShape& shape;
  const AdapterOptions& options;
  const Batch& batch;
  at::Tensor rope;         ///< rope_table
  double dropout = 0.0;    ///< 0 when the loss is only measured
  std::uint64_t seed = 0;  ///< of this step's dropout
  Recompute recompute = Recompute::none;
};

/// What one block keeps for the way back. All [rows, ...].
struct BlockSaved {
  at::Tensor input, inverse_rms_attention, dropped, qkv, mixed, after_attention, inverse_rms_ffn, gate_up;
  AttentionSaved attention;
  std::array<at::Tensor, 2> low_rank;            ///< dropped x A^T of each task's rows
  std::array<at::Tensor, 2> projection_gate_up;  ///< of the projection layer that each task reads through
};

/// x [rows, width] through one block: attention with each task's adapters on its rows (Eq. 9), FFN, projection layers
/// (Eq. 10). `saved` may be null where nothing is trained.
[[nodiscard]] at::Tensor block_forward(const BlockWeights& weights, const BlockAdapters& adapters, std::int64_t layer,
                                       const StepFacts& facts, const at::Tensor& x, BlockSaved* saved);

/// The gradient of x for that of the block's output; those of the adapters are put into `gradients` (same form as
/// `adapters`; B's without its scale). `wants_input`: false for the lowest block, below which nothing is trained.
[[nodiscard]] at::Tensor block_backward(const BlockWeights& weights, const BlockAdapters& adapters, std::int64_t layer,
                                        const StepFacts& facts, const at::Tensor& grad_out, const BlockSaved& saved,
                                        bool wants_input, BlockAdapters& gradients);

}  // namespace gpiot::tune
