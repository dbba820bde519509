#pragma once

#include <CLI/CLI.hpp>
#include <span>
#include <string>
#include <vector>

namespace gpiot::apps {

/// A choice that a user may make once for all calls: an option of the commands that is no argument of one call.
struct Setting {
  std::string key;          ///< "samples": of config.toml
  std::string flag;         ///< "--samples"
  std::string environment;  ///< "GPIOT_SAMPLES"
  std::string value;        ///< in force for the next call without the flag; empty = the default
  std::string fallback;     ///< the default, as the help shows it
  std::string origin;       ///< "default", "environment", "PATH of config.toml"
  std::string description;
};

/// Gives every such option of the command in `arguments` its environment variable, and puts what config.toml says into
/// the environment where that does not say it already: so the flag goes before the environment, and that before the
/// file. Errors: those of project::read_user_settings.
std::vector<Setting> bind_settings(CLI::App& app, std::span<char*> arguments);

/// `gpiot config show [--origin]`.
void register_config_command(CLI::App& app, const std::vector<Setting>& settings, const bool& json);

/// `gpiot completion bash|zsh|fish` and `gpiot man`: made from the commands themselves.
void register_shell_commands(CLI::App& app);

}  // namespace gpiot::apps
