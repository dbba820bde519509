#pragma once

#include <memory>
#include <string>

#include "gpiot/core/program_runner.h"
#include "gpiot/sandbox/bwrap_arguments.h"
#include "gpiot/sandbox/jail.h"

namespace gpiot::sandbox {

/// A jail of level B: no namespaces, so the program sees the host's folders and processes, and Landlock and seccomp say
/// what it may do with them. What it cannot stop: docs/decisions/0006-level-b.md.
/// Paths in `request.arguments` that begin with /app, /data or /out become the real ones (run_folder.h).
/// Errors: Sandbox.
[[nodiscard]] std::unique_ptr<Jail> start_level_b(const PythonLocation& python, const core::RunRequest& request,
                                                  const Weakening& weakening);

/// "Landlock ABI 7, as nobody". Errors: Sandbox when the kernel has no Landlock.
[[nodiscard]] std::string check_level_b(const Weakening& weakening);

}  // namespace gpiot::sandbox
