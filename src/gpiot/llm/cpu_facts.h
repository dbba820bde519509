#pragma once

#include <string>

namespace gpiot::llm {

/// Physical cores that this process may run on (its affinity mask and container limits of CPUs count): at least 1.
[[nodiscard]] int physical_cores();

/// Whether the processor multiplies bfloat16 in hardware (AVX-512 BF16 or AMX).
[[nodiscard]] bool has_bf16();

/// Whether libllama multiplies Q6_K one row of a batch at a time here: it has its kernels for several rows on ARM
/// alone.
[[nodiscard]] bool multiplies_q6_k_slowly();

/// Whether libllama multiplies BF16 slower than F16 here: an x86 processor without bfloat16 in hardware.
[[nodiscard]] bool multiplies_bf16_slowly();

/// "libllama 0.5.0, AVX512_BF16": version and the widest instructions in use.
[[nodiscard]] std::string backend_name();

}  // namespace gpiot::llm
