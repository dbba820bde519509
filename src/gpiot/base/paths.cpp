#include "gpiot/base/paths.h"

#include <cstdlib>
#include <string>

#include "gpiot/base/error.h"

namespace gpiot::base {
namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::filesystem::path xdg(const char* name, const char* fallback) {
  if (const auto value = environment(name); !value.empty()) return std::filesystem::path(value) / "gpiot";
  const auto home = environment("HOME");
  if (home.empty()) {
    throw Error(ErrorCode::NotFound, "base.paths", "no home folder: HOME is not set",
                "set GPIOT_HOME to a folder that gpiot may use");
  }
  return std::filesystem::path(home) / fallback / "gpiot";
}

}  // namespace

Paths user_paths() {
  if (const auto home = environment("GPIOT_HOME"); !home.empty()) {
    const std::filesystem::path root(home);
    return {root / "cache", root / "config", root / "state"};
  }
  return {xdg("XDG_CACHE_HOME", ".cache"), xdg("XDG_CONFIG_HOME", ".config"), xdg("XDG_STATE_HOME", ".local/state")};
}

std::filesystem::path installation_root() {
  if (const auto root = environment("GPIOT_ROOT"); !root.empty()) return root;
  std::error_code failure;
  auto folder = std::filesystem::read_symlink("/proc/self/exe", failure);
  while (!failure && folder.has_relative_path()) {
    folder = folder.parent_path();
    if (std::filesystem::exists(folder / "prompts", failure)) return folder;
  }
  throw Error(ErrorCode::NotFound, "base.paths", "the installation folder with prompts/ was not found",
              "start gpiot by its launcher, or set GPIOT_ROOT");
}

std::filesystem::path python_environment() {
  if (const auto path = environment("GPIOT_PYTHON_ENV"); !path.empty()) return path;
  return user_paths().cache / "python";
}

}  // namespace gpiot::base
