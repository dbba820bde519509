#pragma once

#include <sys/types.h>

#include "gpiot/sandbox/spawn.h"

namespace gpiot::sandbox {

/// Starts `launch` under a guardian, and returns the guardian: a small process that stays, ends the program and all its
/// descendants when the last writer of the pipe `life` is gone (so also when gpiot is killed at any moment), reaps them
/// and ends with the program's exit status, 128 + signal where it was signalled. bwrap's own --die-with-parent leaves
/// moments in which its second process knows no parent.
/// `life`: the pipe's read end. `errors`: where a program that cannot be started is named (status 126).
/// Errors: Sandbox when the guardian cannot be made.
[[nodiscard]] pid_t start_guarded(const Launch& launch, int life, int errors);

}  // namespace gpiot::sandbox
