#include "gpiot/tune/gpu_program.h"

#include <c10/core/DeviceGuard.h>
#include <c10/cuda/CUDAStream.h>
#include <cuda_runtime_api.h>
#include <fmt/format.h>
#include <nvrtc.h>

#include <map>
#include <mutex>

#include "gpiot/base/error.h"
#include "gpu_rows_text.h"

namespace gpiot::tune::gpu {
namespace {

[[noreturn]] void fail(const std::string& what) {
  throw base::Error(base::ErrorCode::Internal, "tune.gpu", what,
                    "device = \"cpu\" works; bench/tune/cuda.sh checks the kernels of a GPU");
}

void check(cudaError_t result, const char* what) {
  if (result != cudaSuccess) fail(fmt::format("{}: {}", what, cudaGetErrorString(result)));
}

int capability_of(const at::Device& device) {
  int major = 0, minor = 0;
  check(cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, device.index()), "no capability");
  check(cudaDeviceGetAttribute(&minor, cudaDevAttrComputeCapabilityMinor, device.index()), "no capability");
  return 10 * major + minor;
}

/// The kernels of one element type, by name. They stay to the end of the process, as the tensors' allocator does.
class Program {
 public:
  Program(at::ScalarType type, int capability) : code_(compile(type, capability)) {
    check(cudaLibraryLoadData(&library_, code_.data(), nullptr, nullptr, 0, nullptr, nullptr, 0),
          "the GPU takes no kernels");
  }

  cudaKernel_t kernel(const char* name) {
    cudaKernel_t& found = kernels_[name];
    if (found == nullptr) check(cudaLibraryGetKernel(&found, library_, name), name);
    return found;
  }

 private:
  std::string code_;
  cudaLibrary_t library_ = nullptr;
  std::map<std::string, cudaKernel_t, std::less<>> kernels_;
};

cudaKernel_t kernel_of(const char* name, at::ScalarType type, const at::Device& device) {
  static std::mutex mutex;
  static std::map<std::pair<at::ScalarType, int>, Program> programs;
  const std::lock_guard lock(mutex);
  const int capability = capability_of(device);
  return programs.try_emplace({type, capability}, type, capability).first->second.kernel(name);
}

}  // namespace

std::string compile(at::ScalarType type, int capability) {
  nvrtcProgram program = nullptr;
  if (nvrtcCreateProgram(&program, kGpuRowsText, "gpu_rows.cu", 0, nullptr, nullptr) != NVRTC_SUCCESS) {
    fail("NVRTC, CUDA's compiler at run time, does not start");
  }
  const std::string target = fmt::format("--gpu-architecture=sm_{}", capability);
  const std::string element = fmt::format("-DBF16={}", type == at::kBFloat16 ? 1 : 0);
  const std::vector<const char*> options = {target.c_str(), element.c_str(), "--std=c++17"};
  const nvrtcResult result = nvrtcCompileProgram(program, static_cast<int>(options.size()), options.data());
  std::size_t size = 0;
  std::string text;
  if (result == NVRTC_SUCCESS) {
    nvrtcGetCUBINSize(program, &size);
    text.resize(size);
    nvrtcGetCUBIN(program, text.data());
  } else {
    nvrtcGetProgramLogSize(program, &size);
    text.resize(size);
    nvrtcGetProgramLog(program, text.data());
  }
  nvrtcDestroyProgram(&program);
  if (result != NVRTC_SUCCESS) fail(fmt::format("the kernels do not compile for sm_{}: {}", capability, text));
  return text;
}

void launch(const char* name, at::ScalarType type, const at::Device& device, const Grid& grid,
            std::vector<void*> arguments) {
  if (grid.blocks == 0) return;
  const c10::DeviceGuard guard(device);
  const cudaStream_t stream = c10::cuda::getCurrentCUDAStream(device.index()).stream();
  const auto blocks = static_cast<unsigned>(grid.blocks);
  check(cudaLaunchKernel(reinterpret_cast<const void*>(kernel_of(name, type, device)), dim3(blocks),
                         dim3(static_cast<unsigned>(grid.threads)), arguments.data(), 0, stream),
        name);
}

}  // namespace gpiot::tune::gpu
