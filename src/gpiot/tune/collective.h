#pragma once

#include <ATen/ATen.h>

#include <memory>

namespace gpiot::tune {

/// The processes that train together; each computes its share of a step's batches.
class Collective {
 public:
  virtual ~Collective() = default;
  [[nodiscard]] virtual int rank() const = 0;
  [[nodiscard]] virtual int size() const = 0;
  /// Adds up `numbers` (float or double, contiguous) over all processes, in place: on the CPU by MPI; on a GPU by NCCL
  /// where its headers were found (cmake/find_torch.cmake), else over the CPU. Errors: Io.
  virtual void sum(const at::Tensor& numbers) = 0;
  /// Ends the other processes as well, with this exit status: they would wait forever for one that cannot go on. Does
  /// not return where there are any; alone it does nothing.
  virtual void abandon(int exit_status) = 0;
};

/// The processes that `mpirun` started, where gpiot was built with MPI; else this one alone.
/// Errors: Unsupported under mpirun where it was built without.
[[nodiscard]] std::unique_ptr<Collective> make_collective();

}  // namespace gpiot::tune
