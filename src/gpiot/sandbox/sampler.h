#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>

#include "gpiot/sandbox/cgroup.h"
#include "gpiot/sandbox/jail.h"
#include "gpiot/sandbox/process_watch.h"

namespace gpiot::sandbox {

/// What has been measured of a run up to now.
struct Measured {
  int tasks = 0;                 ///< processes and threads now
  std::uint64_t held_bytes = 0;  ///< anonymous memory and shared anonymous mappings now
  std::uint64_t peak_bytes = 0;  ///< most anonymous memory seen
  double cpu_ms = 0;
  DiskUse disk;        ///< with files that have no name any more
  std::string method;  ///< "cgroup anon" or "sampled pss"
};

/// Measures a jail again and again in a thread of its own: reading a process's memory map waits for locks that the
/// process can hold for seconds (a fork bomb does), and the clock must not wait with it.
/// Period: 5 ms in the first 200 ms, then 20 ms. Where no group tells the memory, memory maps are read when more is
/// resident than ever before, else in a fifth of the time or every 200 ms. Must end before the jail and the group do.
class Sampler {
 public:
  Sampler(const Jail& jail, const Cgroup& cgroup);
  Sampler(const Sampler&) = delete;
  Sampler& operator=(const Sampler&) = delete;
  ~Sampler();

  [[nodiscard]] Measured latest() const;
  /// Stops measuring; `latest` stays.
  void finish();

 private:
  void loop();
  void measure();
  /// Where no mount knows it, a look at the disk reads folders and descriptors: it is taken rarely then.
  [[nodiscard]] bool look_at_disk();
  /// What must be resident for the memory maps to be read now.
  [[nodiscard]] std::uint64_t worth_reading_maps(std::chrono::steady_clock::time_point now) const;

  const Jail& jail_;
  const Cgroup& cgroup_;
  ProcessWatch watch_;
  DiskUse disk_;
  std::chrono::steady_clock::time_point next_disk_look_;
  std::uint64_t highest_resident_bytes_ = 0;
  std::chrono::steady_clock::time_point next_maps_look_;
  TreeSample maps_;  ///< the last look that read the memory maps
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  bool stop_ = false;
  Measured measured_;
  std::thread thread_;
};

}  // namespace gpiot::sandbox
