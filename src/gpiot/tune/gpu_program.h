#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <string>
#include <vector>

namespace gpiot::tune::gpu {

/// How many threads a kernel gets.
struct Grid {
  std::int64_t blocks = 1;
  int threads = 256;
};

/// The grid for one thread per element.
[[nodiscard]] inline Grid for_each_of(std::int64_t elements) { return {.blocks = (elements + 255) / 256}; }

/// Starts kernel `name` of gpu_rows.cu, for elements of `type` (float or bfloat16), on the current stream of the GPU
/// that `device` names. `arguments` point at the values in the kernel's order. Errors: Internal.
void launch(const char* name, at::ScalarType type, const at::Device& device, const Grid& grid,
            std::vector<void*> arguments);

/// The machine code of gpu_rows.cu for a GPU of compute capability `capability` (90: an H100). Needs no GPU.
/// Errors: Internal, with what the compiler said.
[[nodiscard]] std::string compile(at::ScalarType type, int capability);

}  // namespace gpiot::tune::gpu
