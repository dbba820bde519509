#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "gpiot/base/cancel.h"

namespace gpiot::core {

/// Bounds of one run; 0 means the default beside it.
struct ResourceLimits {
  std::int64_t wall_ms = 120'000;
  std::int64_t cpu_ms = 240'000;
  std::uint64_t memory_bytes = 2ULL << 30;  ///< anonymous memory of the whole process tree: a safety net
  int processes = 64;                       ///< processes and threads together
  std::uint64_t disk_bytes = 256ULL << 20;  ///< of the output folder and of /tmp
  std::uint64_t output_bytes = 1ULL << 20;  ///< of stdout and of stderr, each; the rest is dropped and marked
};

/// A host folder or file shown to the program, read-only.
struct ReadOnlyMount {
  std::filesystem::path host;
  std::string inside;  ///< absolute path in the sandbox, beneath /app or /data
};

/// One program to run: `python -I -B <arguments...>` in the private Python environment.
/// Inside are: /app and /data (the mounts), /out (writable, empty at the start), /tmp. No network.
/// At level B these folders have other paths: an argument that is one of them, or begins with one and a slash, is
/// handed over as the real path. So a program learns its folders from its arguments, from __file__ and from TMPDIR.
struct RunRequest {
  std::vector<std::string> arguments;  ///< e.g. {"/app/main.py", "--data", "/data", "--out", "/out/result.csv"}
  std::vector<ReadOnlyMount> mounts;
  std::string stdin_text;
  std::vector<std::string> collect;                 ///< files beneath /out to bring back, e.g. {"result.csv"}
  std::uint64_t collect_limit_bytes = 64ULL << 20;  ///< of each collected file
  ResourceLimits limits;
};

enum class Ending {
  Exited,
  Signalled,
  WallLimit,
  CpuLimit,
  MemoryLimit,
  Cancelled,
};
[[nodiscard]] std::string_view name(Ending ending);

/// What happened: an expected outcome, never thrown.
struct RunOutcome {
  Ending ending = Ending::Exited;
  int exit_code = 0;  ///< of the program; 128 + signal where it was signalled
  std::string stdout_text;
  std::string stderr_text;
  bool output_cut = false;  ///< stdout or stderr was longer than the limit
  double wall_ms = 0;
  double cpu_ms = 0;                           ///< user + system of the whole tree
  std::uint64_t peak_memory_bytes = 0;         ///< peak anonymous memory of the tree, never page cache
  std::string memory_method;                   ///< "cgroup anon" or "sampled pss"
  std::string sandbox_level;                   ///< "A" or "B"
  std::map<std::string, std::string> files;    ///< collected, by their name in `collect`
  std::map<std::string, std::string> refused;  ///< not collected: name -> reason ("not a regular file", "missing")
  [[nodiscard]] bool ok() const { return ending == Ending::Exited && exit_code == 0; }
};

/// Runs untrusted programs. Implementation: sandbox::Sandbox; tests use a scripted one.
class ProgramRunner {
 public:
  virtual ~ProgramRunner() = default;
  /// Errors: Sandbox when no safe sandbox is to be had (never a silent fall-back); NotFound for a missing mount.
  [[nodiscard]] virtual RunOutcome run(const RunRequest& request, const base::CancelToken& cancel) = 0;
};

}  // namespace gpiot::core
