#pragma once

#include <filesystem>
#include <mutex>
#include <string>

#include "gpiot/base/cancel.h"
#include "gpiot/core/program_runner.h"
#include "gpiot/sandbox/bwrap_arguments.h"

namespace gpiot::sandbox {

/// Options of the sandbox.
struct SandboxOptions {
  std::filesystem::path python_environment;                  ///< a virtual environment, shown as /venv; empty: none
  std::filesystem::path system_python = "/usr/bin/python3";  ///< used without an environment
  std::filesystem::path bwrap = "/usr/bin/bwrap";            ///< the distribution's own: profiles name that path
  Weakening weakening;                                       ///< tests only
};

/// What the self-test found.
struct SandboxFacts {
  std::string level = "A";     ///< "A": bubblewrap, all namespaces, seccomp
  std::string bwrap_version;   ///< "0.8.0"
  std::string cgroups;         ///< see Cgroup::describe
  std::string memory_method;   ///< of the trial run
  std::string python_version;  ///< "3.11.2"
};

/// Level A: bubblewrap with all namespaces, two seccomp filters, resource limits and a watcher.
/// `run` may be called from several threads at once. Each sandbox has a guardian (guardian.h), which outlives a gpiot
/// that is killed for as long as it takes to end the sandbox.
/// Exit codes 129 to 192 read as "signalled", since bwrap reports a signal that way.
class Sandbox : public core::ProgramRunner {
 public:
  explicit Sandbox(SandboxOptions options) : options_(std::move(options)) {}

  /// Proves, by running a small program, that the sandbox starts and isolates; done once, before the first `run`.
  /// Errors: Sandbox with a remedy; never a fall-back.
  const SandboxFacts& self_test();

  /// Errors: Sandbox; NotFound for a missing mount; InvalidArgument for a mount not beneath /app or /data.
  [[nodiscard]] core::RunOutcome run(const core::RunRequest& request, const base::CancelToken& cancel) override;

 private:
  [[nodiscard]] core::RunOutcome run_once(const core::RunRequest& request, const base::CancelToken& cancel) const;
  [[nodiscard]] std::string check_bwrap() const;

  SandboxOptions options_;
  SandboxFacts facts_;
  std::once_flag tested_;
};

}  // namespace gpiot::sandbox
