#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <vector>

#include "gpiot/tune/attention.h"

namespace gpiot::tune {

/// True where ATen has a flash kernel for packed documents of such numbers: bfloat16 on a GPU.
[[nodiscard]] bool has_flash(const at::Tensor& qkv);

/// What attention() and attention_backward() do, by one call of ATen's flash kernel for all documents ("varlen").
[[nodiscard]] at::Tensor attention_flash(const at::Tensor& qkv, const Documents& documents, const ModelShape& shape,
                                         AttentionSaved& saved);
[[nodiscard]] at::Tensor attention_flash_backward(const at::Tensor& grad, const at::Tensor& out, const at::Tensor& qkv,
                                                  const Documents& documents, const ModelShape& shape,
                                                  const AttentionSaved& saved);

}  // namespace gpiot::tune
