#include "gpiot/tune/device.h"

#include <ATen/Context.h>
#include <ATen/DeviceAccelerator.h>
#include <ATen/Parallel.h>
#include <c10/core/CPUAllocator.h>
#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <limits>

#include "gpiot/base/error.h"
#include "gpiot/llm/cpu_facts.h"
#include "gpiot/tune/step_memory.h"

namespace gpiot::tune {
namespace {

/// The number of this process among those that mpirun started on this machine, as Open MPI, MPICH and Slurm tell it.
int process_of_machine() {
  for (const char* name : {"OMPI_COMM_WORLD_LOCAL_RANK", "MPI_LOCALRANKID", "SLURM_LOCALID"}) {
    if (const char* text = std::getenv(name)) return std::max(0, std::atoi(text));
  }
  return 0;
}

}  // namespace

void use_threads(int threads) { at::set_num_threads(threads > 0 ? threads : llm::physical_cores()); }

void keep_memory() {
  // Never given back: tensors free themselves to the very end of the process.
  const auto bytes =
      static_cast<std::size_t>(::sysconf(_SC_PHYS_PAGES)) * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  c10::SetCPUAllocator(new StepMemory(bytes), 1);
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

at::Device device_of(const TuneConfig& config) {
  if (config.device != "cuda") return at::kCPU;
  if (at::hasCUDA()) {
    return at::Device(at::kCUDA, static_cast<at::DeviceIndex>(process_of_machine() % at::accelerator::deviceCount()));
  }
  throw base::Error(base::ErrorCode::Unsupported, "tune.device", "LibTorch sees no NVIDIA GPU: got none, expected one",
                    "device = \"cpu\"; or, with a GPU and its driver, GPIOT_TORCH=FOLDER of a PyTorch wheel for CUDA "
                    "(docs/tune.md)");
}

void finish(const at::Device& device) {
  if (!device.is_cpu()) at::accelerator::synchronizeDevice(device.index());
}

std::int64_t device_peak_bytes(const at::Device& device) {
  if (device.is_cpu()) return 0;
  constexpr auto kWhole = static_cast<std::size_t>(at::CachingAllocator::StatType::AGGREGATE);
  return at::accelerator::getDeviceStats(device.index()).allocated_bytes.at(kWhole).peak;
}

}  // namespace gpiot::tune
