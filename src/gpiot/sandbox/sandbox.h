#pragma once

#include <filesystem>
#include <mutex>
#include <string>
#include <string_view>

#include "gpiot/base/cancel.h"
#include "gpiot/core/program_runner.h"
#include "gpiot/sandbox/bwrap_arguments.h"

namespace gpiot::sandbox {

/// Which sandbox is to be used. "auto" is A where it works, else B, and that is said aloud.
enum class LevelChoice { Auto, A, B };
/// "auto", "A" or "B", as the options spell them. Errors: InvalidArgument.
[[nodiscard]] LevelChoice level_choice(std::string_view text);

/// Options of the sandbox.
struct SandboxOptions {
  std::filesystem::path python_environment;                  ///< a virtual environment, shown as /venv; empty: none
  std::filesystem::path system_python = "/usr/bin/python3";  ///< used without an environment
  std::filesystem::path bwrap = "/usr/bin/bwrap";            ///< the distribution's own: profiles name that path
  LevelChoice level = LevelChoice::Auto;
  Weakening weakening;  ///< tests only
};

/// What the self-test found.
struct SandboxFacts {
  std::string level;           ///< "A": bubblewrap, all namespaces, seccomp; "B": Landlock, seccomp, a watcher
  std::string means;           ///< "bubblewrap 0.8.0" or "Landlock ABI 7, as nobody"
  std::string warning;         ///< why it is not level A where nobody asked for B, and what that means; else empty
  std::string cgroups;         ///< see Cgroup::describe
  std::string memory_method;   ///< of the trial run
  std::string python_version;  ///< "3.11.2"
};

/// Runs untrusted Python with seccomp filters, resource limits and a watcher: at level A in namespaces made by
/// bubblewrap, at level B under Landlock (level_a.h, level_b.h).
/// `run` may be called from several threads at once. Each sandbox has a guardian (guardian.h), which outlives a gpiot
/// that is killed for as long as it takes to end the sandbox.
/// Exit codes 129 to 192 read as "signalled", since a signal is reported that way.
class Sandbox : public core::ProgramRunner {
 public:
  explicit Sandbox(SandboxOptions options) : options_(std::move(options)) {}

  /// Proves, by running a small program, that the sandbox starts and isolates; done once, before the first `run`.
  /// Errors: Sandbox with a remedy. Level B in place of A only by `LevelChoice::Auto`, with a warning in the facts.
  const SandboxFacts& self_test();

  /// Errors: Sandbox; NotFound for a missing mount; InvalidArgument for a mount not beneath /app or /data.
  [[nodiscard]] core::RunOutcome run(const core::RunRequest& request, const base::CancelToken& cancel) override;

 private:
  [[nodiscard]] core::RunOutcome run_once(char level, const core::RunRequest& request,
                                          const base::CancelToken& cancel) const;
  [[nodiscard]] SandboxFacts test_level(char level) const;

  SandboxOptions options_;
  SandboxFacts facts_;
  std::once_flag tested_;
};

}  // namespace gpiot::sandbox
