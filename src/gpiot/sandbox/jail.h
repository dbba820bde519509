#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

#include "gpiot/base/cancel.h"
#include "gpiot/core/program_runner.h"
#include "gpiot/sandbox/bwrap_arguments.h"
#include "gpiot/sandbox/descriptor.h"

namespace gpiot::sandbox {

/// What is left of a jail after its end.
struct JailEnd {
  int status = 0;        ///< exit status of the program as bwrap gives it: 128 + signal where it was signalled
  double cpu_ms = 0;     ///< user + system of every process that was inside
  bool all_gone = true;  ///< false when the kernel needed longer than the deadline to end them
};

/// Use of the writable folders.
struct DiskUse {
  std::uint64_t bytes = 0;
  std::uint64_t files = 0;  ///< inodes, the largest of the folders
};

/// One bwrap process tree under its guardian, from its start to the last process reaped. The program waits, all mounts
/// in place, until `go()`. Destroying it kills everything inside, and so does the end of gpiot, whatever ends it. Not
/// to be shared or moved between threads.
class Jail {
 public:
  /// Starts bwrap and waits until its new root is in place. Errors: Sandbox, with what bwrap said.
  Jail(const std::string& bwrap, const PythonLocation& python, const core::RunRequest& request,
       const Weakening& weakening);
  Jail(const Jail&) = delete;
  Jail& operator=(const Jail&) = delete;
  ~Jail();

  /// Lets the program start.
  void go();
  /// SIGKILL to the init of the sandbox: the kernel ends every process inside with it. The guardian sees to the rest.
  void kill_all() noexcept;
  /// Waits for the end of all processes, 2 s at most; to be called when the program has ended or was killed.
  [[nodiscard]] JailEnd reap();

  [[nodiscard]] pid_t init_pid() const { return init_pid_; }
  /// Readable when the program has ended.
  [[nodiscard]] int end_fd() const { return guardian_fd_.get(); }
  [[nodiscard]] Descriptor& input() { return input_; }
  [[nodiscard]] Descriptor& output() { return output_; }
  [[nodiscard]] Descriptor& errors() { return errors_; }
  [[nodiscard]] DiskUse disk_use() const;
  /// Folder through which the host reads /out, also after the end. Never walk it: open single names beneath it.
  [[nodiscard]] std::string out_folder() const;

 private:
  void wait_until_ready();
  bool learn_init_pid();
  bool open_folders();
  void set_limits(const core::ResourceLimits& limits) const;
  [[noreturn]] void fail(const std::string& problem);

  pid_t guardian_pid_ = -1;
  pid_t init_pid_ = -1;
  JailEnd end_;
  std::string info_;
  Descriptor life_, guardian_fd_, init_fd_, input_, output_, errors_, info_fd_, go_fd_, root_, out_, tmp_, shm_;
};

}  // namespace gpiot::sandbox
