#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "gpiot/sandbox/root_stage.h"

namespace gpiot::sandbox {

/// Starts `arguments` (argv[0] is the program's path) in a new session with an empty environment, default signals
/// and exactly the descriptors of `inherited`: the one at position k becomes number k, all others are closed.
/// The calling thread must live as long as the child: bwrap's --die-with-parent watches that thread.
/// `stage`: where given and active, the process starts as nobody with its mounts.
/// Errors: Sandbox when the process cannot be started.
[[nodiscard]] pid_t spawn(const std::vector<std::string>& arguments, const std::vector<int>& inherited,
                          const RootStage* stage = nullptr);

}  // namespace gpiot::sandbox
