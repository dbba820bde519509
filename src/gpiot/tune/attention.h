#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <vector>

#include "gpiot/tune/base_model.h"
#include "gpiot/tune/documents.h"

namespace gpiot::tune {

/// What the way back of the attention needs: of ours, or of the flash kernel.
struct AttentionSaved {
  std::vector<std::vector<at::Tensor>> log_sums;  ///< ours: of the softmax, per document and chunk of queries
  at::Tensor flash_log_sums, flash_random;        ///< the flash kernel's own
};

/// Causal attention, document by document, so that none sees another: qkv [rows, qkv_width] after RoPE. Returns [rows,
/// query_width]. On the CPU ours, of batched products: ATen's flash kernel there multiplies bfloat16 by a slow path
/// where there is no AMX (docs/decisions/0007-pect-step.md). On a GPU, for bfloat16, ATen's flash kernel takes all
/// documents in one call (attention_flash.h).
[[nodiscard]] at::Tensor attention(const at::Tensor& qkv, const Documents& documents, const ModelShape& shape,
                                   AttentionSaved& saved);
/// The gradient of qkv (before RoPE is turned back), [rows, qkv_width].
[[nodiscard]] at::Tensor attention_backward(const at::Tensor& grad, const at::Tensor& out, const at::Tensor& qkv,
                                            const Documents& documents, const ModelShape& shape,
                                            const AttentionSaved& saved);

}  // namespace gpiot::tune
