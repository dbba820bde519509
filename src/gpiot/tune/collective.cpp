#include "gpiot/tune/collective.h"

#include <cstdlib>

#include "gpiot/base/error.h"
#ifdef GPIOT_NCCL
#include "gpiot/tune/nccl_sum.h"
#endif

#ifdef GPIOT_MPI
#include <mpi.h>
#endif

namespace gpiot::tune {
namespace {

class Alone final : public Collective {
 public:
  [[nodiscard]] int rank() const override { return 0; }
  [[nodiscard]] int size() const override { return 1; }
  void sum(const at::Tensor& /*numbers*/) override {}
  void abandon(int /*exit_status*/) override {}
};

/// Open MPI, MPICH and Slurm tell their processes so.
bool under_mpirun() {
  for (const char* name : {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "PMIX_RANK"}) {
    if (std::getenv(name) != nullptr) return true;
  }
  return false;
}

#ifdef GPIOT_MPI
class Mpi final : public Collective {
 public:
  Mpi() {
    MPI_Init(nullptr, nullptr);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank_);
    MPI_Comm_size(MPI_COMM_WORLD, &size_);
  }
  Mpi(const Mpi&) = delete;
  Mpi& operator=(const Mpi&) = delete;
  ~Mpi() override {
#ifdef GPIOT_NCCL
    on_gpus_.reset();
#endif
    MPI_Finalize();
  }
  [[nodiscard]] int rank() const override { return rank_; }
  [[nodiscard]] int size() const override { return size_; }
  void sum(const at::Tensor& numbers) override {
    if (numbers.is_cpu()) return sum_here(numbers);
#ifdef GPIOT_NCCL
    if (!on_gpus_) {
      on_gpus_ = std::make_unique<NcclSum>(size_, rank_, numbers.device(), [](void* bytes, std::size_t count) {
        MPI_Bcast(bytes, static_cast<int>(count), MPI_BYTE, 0, MPI_COMM_WORLD);
      });
    }
    (*on_gpus_)(numbers);
#else
    const at::Tensor copy = numbers.cpu();
    sum_here(copy);
    numbers.copy_(copy);
#endif
  }
  void abandon(int exit_status) override {
    if (size_ > 1) MPI_Abort(MPI_COMM_WORLD, exit_status);
  }

 private:
  static void sum_here(const at::Tensor& numbers) {
    const MPI_Datatype type = numbers.scalar_type() == at::kDouble ? MPI_DOUBLE : MPI_FLOAT;
    if (MPI_Allreduce(MPI_IN_PLACE, numbers.data_ptr(), static_cast<int>(numbers.numel()), type, MPI_SUM,
                      MPI_COMM_WORLD) != MPI_SUCCESS) {
      throw base::Error(base::ErrorCode::Io, "tune.mpi", "the processes could not exchange their gradients");
    }
  }

  int rank_ = 0;
  int size_ = 1;
#ifdef GPIOT_NCCL
  std::unique_ptr<NcclSum> on_gpus_;
#endif
};
#endif

}  // namespace

std::unique_ptr<Collective> make_collective() {
  if (!under_mpirun()) return std::make_unique<Alone>();
#ifdef GPIOT_MPI
  return std::make_unique<Mpi>();
#else
  throw base::Error(base::ErrorCode::Unsupported, "tune.mpi", "started by mpirun, but built without MPI",
                    "install libopenmpi-dev and compile gpiot-tune again (rm build/release/apps/gpiot-tune)");
#endif
}

}  // namespace gpiot::tune
