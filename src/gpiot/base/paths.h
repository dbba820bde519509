#pragma once

#include <filesystem>

namespace gpiot::base {

/// XDG folders of gpiot; `GPIOT_HOME` moves all of them beneath one folder. Nothing is created here.
struct Paths {
  std::filesystem::path cache;   ///< models, built dependencies, the Python environment
  std::filesystem::path config;  ///< config.toml
  std::filesystem::path state;   ///< lock files, logs
};

/// From the environment: GPIOT_HOME, else XDG_*_HOME, else HOME. Errors: NotFound when none is set.
[[nodiscard]] Paths user_paths();

/// The installation: where prompts/, models.toml and runtime/ are. `GPIOT_ROOT`, set by the launcher, else the
/// folder found upwards from the running executable that holds `prompts`. Errors: NotFound.
[[nodiscard]] std::filesystem::path installation_root();

/// The private Python environment of the sandbox: `GPIOT_PYTHON_ENV`, else cache/python.
[[nodiscard]] std::filesystem::path python_environment();

}  // namespace gpiot::base
