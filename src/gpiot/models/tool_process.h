#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "gpiot/base/cancel.h"

namespace gpiot::models {

/// Runs a trusted tool (pip, python3) without a shell, its output in `log`; `settings` are NAME=VALUE beside this
/// process's environment. Returns its exit status, or 128 + signal. Cancelling ends it and what it started.
/// Errors: Io when it cannot be started, Cancelled.
[[nodiscard]] int run_tool(const std::vector<std::string>& command, const std::vector<std::string>& settings,
                           const std::filesystem::path& log, const base::CancelToken& cancel);

}  // namespace gpiot::models
