#pragma once

#include <string>

namespace gpiot::pipeline {

/// The project's files with their state: fresh, stale, edited, missing; text or JSON.
[[nodiscard]] std::string status_text(const std::string& project, bool json);

/// What came from where: per sub-task the prompt hashes, seeds, checks and calibrated constants; the model; the runs.
[[nodiscard]] std::string explain_text(const std::string& project, bool json);

}  // namespace gpiot::pipeline
