#pragma once

#include <ATen/ATen.h>

#include "gpiot/tune/tune_config.h"

namespace gpiot::tune {

/// Processor threads of the step; 0 = one for each physical core.
void use_threads(int threads);
/// Memory that was freed is used again instead of being given back: the same large arrays come in every step, and
/// fetching their pages anew costs a twentieth of it. Before the first product.
void keep_memory();
/// The type that `config` asks for; automatic: bfloat16 where the processor or the device multiplies it in hardware.
[[nodiscard]] at::ScalarType number_type(const TuneConfig& config);
[[nodiscard]] at::Device device_of(const TuneConfig& config);

}  // namespace gpiot::tune
