#pragma once

#include <sys/types.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace gpiot::sandbox {

/// Starts argv with the given descriptors in another way than posix_spawn: the process, or -1 with errno. Raw calls
/// only. What it refers to must outlive the Launch.
using Starter = std::function<pid_t(char* const* argv, const std::vector<int>& inherited)>;

/// A program ready to be started: all that needs memory is done, so that `start` may be called in a forked process.
/// It starts in a new session with an empty environment, default signals and exactly the descriptors of `inherited`:
/// the one at position k becomes number k, all others are closed.
class Launch {
 public:
  /// `arguments[0]` is the program's path. Errors: InvalidArgument (a NUL byte), Sandbox.
  Launch(std::vector<std::string> arguments, const std::vector<int>& inherited, Starter starter = {});
  Launch(const Launch&) = delete;
  Launch& operator=(const Launch&) = delete;
  ~Launch();

  /// The process, or -1 with errno. The calling thread must live as long as the child where that is bwrap: its
  /// --die-with-parent watches that thread.
  [[nodiscard]] pid_t start() const noexcept;

 private:
  class Plan;
  std::vector<std::string> arguments_;
  std::vector<char*> argv_;
  std::unique_ptr<Plan> plan_;
  Starter starter_;
};

/// Prepares and starts. Errors: those of Launch, and Sandbox when the process cannot be started.
[[nodiscard]] pid_t spawn(std::vector<std::string> arguments, const std::vector<int>& inherited);

}  // namespace gpiot::sandbox
