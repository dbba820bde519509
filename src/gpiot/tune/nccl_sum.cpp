#include "gpiot/tune/nccl_sum.h"

#include <c10/core/DeviceGuard.h>
#include <torch/csrc/cuda/nccl.h>

#include "gpiot/base/error.h"

namespace gpiot::tune {
namespace {

namespace nccl = torch::cuda::nccl;

/// Torch's own errors come as ours.
template <typename Call>
auto checked(const char* what, Call call) {
  try {
    return call();
  } catch (const c10::Error& error) {
    throw base::Error(base::ErrorCode::Io, "tune.nccl", std::string(what) + ": " + error.what_without_backtrace(),
                      "one GPU for each process of a machine: mpirun -np N with N at most the number of GPUs");
  }
}

}  // namespace

NcclSum::NcclSum(int size, int rank, at::Device device, const std::function<void(void*, std::size_t)>& from_first)
    : device_(device) {
  const c10::DeviceGuard guard(device_);
  nccl::ncclUniqueId id{};
  if (rank == 0) checked("NCCL gives no id", [&] { nccl::get_unique_id(id); });
  from_first(&id, sizeof id);
  communicator_ = checked("the GPUs do not find each other", [&] { return nccl::comm_init_rank(size, id, rank); });
}

NcclSum::~NcclSum() {
  try {
    nccl::comm_destroy(communicator_);
  } catch (const std::exception&) {  // the process ends; there is nobody to tell
  }
}

void NcclSum::operator()(const at::Tensor& numbers) {
  const c10::DeviceGuard guard(device_);
  std::vector<at::Tensor> places = {numbers};
  checked("the processes could not exchange their gradients",
          [&] { nccl::all_reduce(places, places, static_cast<int>(nccl::ncclRedOp::Sum), {}, {communicator_}); });
}

}  // namespace gpiot::tune
