#pragma once

#include <ATen/ATen.h>

#include <cstddef>
#include <functional>

namespace gpiot::tune {

/// Sums over the GPUs of several processes, one each, by NCCL. Only in builds against a PyTorch wheel for CUDA. All
/// processes make one at the same time.
class NcclSum {
 public:
  /// `device`: this process's GPU. `from_first` gives all processes the bytes that rank 0 has.
  /// Errors: Io where NCCL refuses.
  NcclSum(int size, int rank, at::Device device, const std::function<void(void*, std::size_t)>& from_first);
  NcclSum(const NcclSum&) = delete;
  NcclSum& operator=(const NcclSum&) = delete;
  ~NcclSum();
  /// `numbers` (float or double, contiguous, on `device`) over all processes, in place. Errors: Io.
  void operator()(const at::Tensor& numbers);

 private:
  at::Device device_;
  void* communicator_ = nullptr;
};

}  // namespace gpiot::tune
