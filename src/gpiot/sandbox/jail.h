#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gpiot/sandbox/descriptor.h"
#include "gpiot/sandbox/run_folder.h"
#include "gpiot/sandbox/spawn.h"

namespace gpiot::sandbox {

/// What is left of a jail after its end.
struct JailEnd {
  int status = 0;        ///< exit status of the program; 128 + signal where it was signalled
  double cpu_ms = 0;     ///< user + system of every process that was inside
  bool all_gone = true;  ///< false when the kernel needed longer than the deadline to end them
};

struct Pipe {
  Descriptor read, write;
};
/// Closed on exec. Errors: Sandbox.
[[nodiscard]] Pipe make_pipe();

/// The pipes of one start.
struct JailPipes {
  Pipe life = make_pipe(), input = make_pipe(), output = make_pipe(), errors = make_pipe();
  Pipe info = make_pipe();   ///< tells gpiot the number of the sandbox's first process
  Pipe block = make_pipe();  ///< the program waits for one byte
};

/// One process tree under its guardian, from its start to the last process reaped. The program waits, all set up, until
/// `go()`. Destroying it kills everything inside, and so does the end of gpiot, whatever ends it. Not to be shared or
/// moved between threads. Made by level_a.h or level_b.h, which differ in how a tree is started and its folders
/// watched.
class Jail {
 public:
  /// Starts `launch` under a guardian. Errors: Sandbox.
  Jail(char level, const Launch& launch, JailPipes pipes);
  Jail(const Jail&) = delete;
  Jail& operator=(const Jail&) = delete;
  ~Jail();

  /// Lets the program start.
  void go();
  /// Ends all processes: the kernel does where `init` is the init of a namespace; the guardian sees to the rest.
  void kill_all() noexcept;
  /// Waits for the end of all processes, 2 s at most; to be called when the program has ended or was killed.
  [[nodiscard]] JailEnd reap();

  [[nodiscard]] char level() const { return level_; }
  [[nodiscard]] pid_t init_pid() const { return init_pid_; }
  /// Whose descendants the sandbox's processes are, itself one of them or not.
  [[nodiscard]] pid_t root_pid() const { return level_ == 'A' ? init_pid_ : guardian_pid_; }
  [[nodiscard]] bool root_is_inside() const { return level_ == 'A'; }
  /// Readable when the program has ended.
  [[nodiscard]] int end_fd() const { return guardian_fd_.get(); }
  [[nodiscard]] Descriptor& input() { return input_; }
  [[nodiscard]] Descriptor& output() { return output_; }
  [[nodiscard]] Descriptor& errors() { return errors_; }
  [[nodiscard]] DiskUse disk_use() const;
  /// Whether the writable folders lie in memory, where a control group counts them.
  [[nodiscard]] bool disk_is_memory() const;
  /// Device of the folders where no mount limits what they hold.
  [[nodiscard]] std::optional<std::uint64_t> unlimited_device() const;
  /// Folder through which the host reads /out, also after the end. Never walk it: open single names beneath it.
  [[nodiscard]] std::string out_folder() const;

  /// For those who make it: the first process, once; what it said of itself up to now; the folders.
  void set_init(pid_t pid);
  [[nodiscard]] const std::string& read_info();
  void set_folders(std::vector<Descriptor> mounts) { mounts_ = std::move(mounts); }
  void set_folder(std::unique_ptr<RunFolder> folder) { folder_ = std::move(folder); }
  [[nodiscard]] bool has_ended(int timeout_ms) const;
  /// Throws Sandbox with what was said on stderr.
  [[noreturn]] void fail(const std::string& problem, const std::string& remedy);

 private:
  char level_;
  pid_t guardian_pid_ = -1;
  pid_t init_pid_ = -1;
  JailEnd end_;
  std::string info_;
  Descriptor life_, guardian_fd_, init_fd_, input_, output_, errors_, info_fd_, go_fd_;
  std::vector<Descriptor> mounts_;  ///< level A: out, tmp, shm
  std::unique_ptr<RunFolder> folder_;
};

}  // namespace gpiot::sandbox
