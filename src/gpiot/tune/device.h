#pragma once

#include <ATen/ATen.h>

#include <cstdint>

#include "gpiot/tune/tune_config.h"

namespace gpiot::tune {

/// Processor threads of the step; 0 = one for each physical core.
void use_threads(int threads);
/// Memory that was freed is used again instead of being given back: the same large arrays come in every step, and
/// fetching their pages anew costs a twentieth of it; and large arrays lie apart from small ones (step_memory.h).
/// Before the first tensor, once in a process.
void keep_memory();
/// The type that `config` asks for; automatic: bfloat16 where the processor or the device multiplies it in hardware.
[[nodiscard]] at::ScalarType number_type(const TuneConfig& config);
/// The device that `config` names; of several GPUs each process of mpirun takes its own. Errors: Unsupported where it
/// is "cuda" and LibTorch sees no GPU.
[[nodiscard]] at::Device device_of(const TuneConfig& config);
/// Waits until `device` has done all that it was given (a GPU works behind our back); nothing on the CPU.
void finish(const at::Device& device);
/// The most memory that was taken on `device` so far, bytes; 0 on the CPU, whose memory is that of the process.
[[nodiscard]] std::int64_t device_peak_bytes(const at::Device& device);

}  // namespace gpiot::tune
