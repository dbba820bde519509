#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "gpiot/core/program_runner.h"

namespace gpiot::sandbox {

/// Memory of a control group now.
struct CgroupMemory {
  std::uint64_t anon_bytes = 0;
  std::uint64_t shared_bytes = 0;  ///< shared anonymous mappings and tmpfs files
};

/// Control groups of one run, as far as they are ours to make: cgroup v2 where our own group is delegated to us,
/// cgroup v1 controllers where we stand at the root of the hierarchy. A group that somebody else manages (a
/// systemd unit without Delegate=, a container manager's) is left alone. Without any, every query answers
/// "nothing" and the sampler does the work. Removed with the object.
class Cgroup {
 public:
  /// No group at all.
  Cgroup() = default;
  /// Never throws: what cannot be had is not there.
  explicit Cgroup(const core::ResourceLimits& limits);
  Cgroup(const Cgroup&) = delete;
  Cgroup& operator=(const Cgroup&) = delete;
  ~Cgroup();

  /// Moves `pid`, which must not have children yet, into every group.
  void enter(pid_t pid);
  [[nodiscard]] std::optional<CgroupMemory> memory() const;
  /// Every process inside, as its pid here.
  [[nodiscard]] std::optional<std::vector<pid_t>> processes() const;
  /// User and system time, milliseconds.
  [[nodiscard]] std::optional<double> cpu_ms() const;
  /// True when the kernel ended a process because the group's memory was used up.
  [[nodiscard]] bool out_of_memory() const;
  /// "v2: memory pids" or "v1: pids cpuacct" or "none", for `gpiot doctor`.
  [[nodiscard]] std::string describe() const;

 private:
  struct Group {
    std::filesystem::path folder;
    std::string controllers;
    bool v2 = false;
  };
  [[nodiscard]] const Group* with(std::string_view controller) const;
  void make(const std::filesystem::path& parent, const std::string& controllers, bool v2);
  void set_limits(const core::ResourceLimits& limits) const;

  std::vector<Group> groups_;
};

}  // namespace gpiot::sandbox
