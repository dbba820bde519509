#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace gpiot::sandbox {

/// Where the interpreter is and what must be shown to the sandbox for it to start.
struct PythonLocation {
  std::string inside;                           ///< the interpreter's path in the sandbox of level A
  std::string outside;                          ///< and on the host
  std::filesystem::path environment;            ///< host folder shown as /venv, empty without one
  std::vector<std::filesystem::path> prefixes;  ///< host folders shown at their own path (a Python outside /usr)
};

/// Finds the interpreter. `environment` is a virtual environment, empty for `system_python` alone.
/// Errors: Sandbox, with the remedy, when the environment or the interpreter it points to is missing.
[[nodiscard]] PythonLocation locate_python(const std::filesystem::path& environment,
                                           const std::filesystem::path& system_python);

}  // namespace gpiot::sandbox
