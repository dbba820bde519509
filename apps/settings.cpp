#include "settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <memory>
#include <set>

#include "gpiot/base/error.h"
#include "gpiot/base/json.h"
#include "gpiot/base/paths.h"
#include "gpiot/base/strings.h"
#include "gpiot/project/user_settings.h"

namespace gpiot::apps {
namespace {

/// Options that belong to one call only.
const std::set<std::string> kOfOneCall = {"help",   "version", "json",    "yes",     "data",    "output",  "from",
                                          "final",  "escape",  "origin",  "ipynb",   "docker",  "systemd", "sha256",
                                          "format", "force",   "licence", "license", "example", "run"};

std::string environment_name(const std::string& key) {
  std::string name = "GPIOT_";
  for (const char c : key) name += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return name;
}

/// The settings of the commands that make programs, by key; the same option of several commands is one setting.
std::map<std::string, std::vector<CLI::Option*>> options_by_key(CLI::App& app) {
  std::map<std::string, std::vector<CLI::Option*>> options;
  for (auto* command : app.get_subcommands(nullptr)) {
    if (command->get_name() == "model" || command->get_name() == "doctor" || command->get_name() == "init") continue;
    for (auto* option : command->get_options()) {
      const auto names = option->get_lnames();
      if (!names.empty() && !kOfOneCall.contains(names.front())) options[names.front()].push_back(option);
    }
  }
  return options;
}

/// The options of the command that is called.
std::set<CLI::Option*> called_options(CLI::App& app, std::span<char*> arguments) {
  for (const std::string_view argument : arguments) {
    for (auto* command : app.get_subcommands(nullptr)) {
      if (!command->check_name(std::string(argument))) continue;
      const auto options = command->get_options();
      return {options.begin(), options.end()};
    }
  }
  return {};
}

/// Empty where no folder of the user is known: then there are no settings of his.
std::filesystem::path config_file() try {
  return base::user_paths().config / "config.toml";
} catch (const base::Error&) {
  return {};
}

}  // namespace

std::vector<Setting> bind_settings(CLI::App& app, std::span<char*> arguments) {
  const auto options = options_by_key(app);
  std::vector<std::string> known;
  for (const auto& [key, list] : options) known.push_back(key);
  const auto file = config_file();
  const auto from_file = project::read_user_settings(file, known);
  // CLI11 reads the environment of commands that are not called, too: a flag would not go before it there.
  const auto options_of_call = called_options(app, arguments);
  std::vector<Setting> settings;
  for (const auto& [key, list] : options) {
    Setting setting{key,
                    "--" + key,
                    environment_name(key),
                    "",
                    list.front()->get_default_str(),
                    "default",
                    list.front()->get_description()};
    for (auto* option : list) {
      if (options_of_call.contains(option)) option->envname(setting.environment);
    }
    if (const char* set = std::getenv(setting.environment.c_str()); set != nullptr && *set != '\0') {
      setting.value = set;
      setting.origin = "environment";
    } else if (const auto found = from_file.find(key); found != from_file.end()) {
      setting.value = found->second;
      setting.origin = file.string();
      ::setenv(setting.environment.c_str(), found->second.c_str(), 1);
    }
    settings.push_back(std::move(setting));
  }
  return settings;
}

void register_config_command(CLI::App& app, const std::vector<Setting>& settings, const bool& json) {
  auto* config = app.add_subcommand(
      "config", "Example: gpiot config show --origin\n\nThe settings in force, and where each comes from.");
  config->require_subcommand(1);
  auto* show = config->add_subcommand("show", "Example: gpiot config show --origin\n\nAll settings and their values.");
  auto origin = std::make_shared<bool>(false);
  show->add_flag("--origin", *origin, "say where each value comes from");
  show->callback([&settings, &json, origin] {
    for (const auto& setting : settings) {
      const auto& value = setting.value.empty() ? setting.fallback : setting.value;
      if (json) {
        fmt::print("{}\n", base::dump_json({{"schema", 1},
                                            {"kind", "setting"},
                                            {"key", setting.key},
                                            {"flag", setting.flag},
                                            {"environment", setting.environment},
                                            {"value", value},
                                            {"origin", setting.origin}}));
        continue;
      }
      fmt::print("{:<18} {:<22}{}\n", setting.key, value.empty() ? "-" : base::printable(value),
                 *origin ? fmt::format(" {} ({})", setting.origin, setting.environment) : "");
    }
  });
}

}  // namespace gpiot::apps
