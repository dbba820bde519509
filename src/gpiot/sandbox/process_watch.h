#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <vector>

namespace gpiot::sandbox {

/// One look at a process tree.
struct TreeSample {
  int tasks = 0;                   ///< processes and threads
  double cpu_ms = 0;               ///< of the living and of those they have waited for
  std::uint64_t anon_bytes = 0;    ///< proportional share of anonymous memory (Pss_Anon)
  std::uint64_t shared_bytes = 0;  ///< proportional share of mapped shared memory (Pss_Shmem)
};

/// Looks at a process tree from outside through /proc.
class ProcessWatch {
 public:
  /// `root` is the sandbox's init: whoever loses its parent inside becomes its child, so the tree stays whole.
  explicit ProcessWatch(pid_t root) : root_(root) {}

  /// `known` are the tree's processes where a control group tells them; else all of /proc is read, some milliseconds
  /// on a busy host. `with_memory` reads smaps_rollup of each process: about 0.1 ms, more for large ones.
  [[nodiscard]] TreeSample sample(const std::optional<std::vector<pid_t>>& known, bool with_memory) const;

 private:
  pid_t root_;
};

}  // namespace gpiot::sandbox
