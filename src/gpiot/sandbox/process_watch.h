#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gpiot::sandbox {

/// One look at a process tree.
struct TreeSample {
  int tasks = 0;                     ///< processes and threads
  double cpu_ms = 0;                 ///< of the living and of those they have waited for
  std::uint64_t anon_bytes = 0;      ///< proportional share of anonymous memory (Pss_Anon)
  std::uint64_t shared_bytes = 0;    ///< proportional share of mapped shared memory (Pss_Shmem)
  std::uint64_t resident_bytes = 0;  ///< what processes share is counted once for each; can lag behind by some pages
  bool maps_read = false;            ///< else the two proportional shares are 0
  std::uint64_t nameless_bytes = 0;  ///< of open or mapped files without a name, where asked for
};

/// What a look is to tell.
struct Look {
  std::optional<std::vector<pid_t>> known;  ///< the tree's processes where a control group tells them
  /// smaps_rollup of each process is read where more than this is resident, which takes .1 ms, and ten for large ones,
  /// and keeps a process from its memory meanwhile; none = never.
  std::optional<std::uint64_t> maps_above_bytes = 0;
  std::optional<std::uint64_t> nameless;  ///< device whose open files without a name are counted
};

/// Processes and threads of a user on the whole machine; what RLIMIT_NPROC counts.
[[nodiscard]] int tasks_of_user(unsigned user);

/// Looks at a process tree from outside through /proc.
class ProcessWatch {
 public:
  /// `root`: whoever loses its parent inside becomes its child, so the tree stays whole. `with_root`: it is one of the
  /// tree itself (bwrap's init), or stands outside (the guardian).
  ProcessWatch(pid_t root, bool with_root);

  /// Without `known` all of /proc is read, some milliseconds on a busy host. Where we run at a lower priority than
  /// usual, the tree's sessions get it too.
  [[nodiscard]] TreeSample sample(const Look& look) const;

 private:
  pid_t root_;
  bool with_root_;
  int niceness_;           ///< our own
  std::string own_group_;  ///< the scheduler's group of our session
};

}  // namespace gpiot::sandbox
