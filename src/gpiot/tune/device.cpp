#include "gpiot/tune/device.h"

#include <ATen/Parallel.h>
#include <malloc.h>

#include <cstdlib>
#include <limits>

#include "gpiot/llm/cpu_facts.h"

namespace gpiot::tune {

void use_threads(int threads) { at::set_num_threads(threads > 0 ? threads : llm::physical_cores()); }

void keep_memory() {
  ::mallopt(M_MMAP_MAX, 0);
  ::mallopt(M_TRIM_THRESHOLD, std::numeric_limits<int>::max());
  // Documents have many lengths, and oneDNN keeps the code of each product's shape: of its last 1024 by default.
  ::setenv("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "64", /*overwrite=*/0);
}

at::ScalarType number_type(const TuneConfig& config) {
  if (config.type == NumberType::f32) return at::kFloat;
  const bool in_hardware = config.device == "cuda" || llm::has_bf16();
  return config.type == NumberType::bf16 || in_hardware ? at::kBFloat16 : at::kFloat;
}

at::Device device_of(const TuneConfig& config) { return config.device == "cuda" ? at::kCUDA : at::kCPU; }

}  // namespace gpiot::tune
