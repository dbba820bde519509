#include "machine.h"

#include <fmt/format.h>

#include <array>
#include <cstdio>
#include <fstream>
#include <memory>
#include <thread>

#include "gpiot/base/strings.h"

namespace gpiot::bench {
namespace {

/// What `git -C root ARGUMENTS` prints; empty where it fails.
std::string git(const std::filesystem::path& root, const std::string& arguments) {
  const std::string quoted = "'" + base::replace_all(root.string(), "'", R"('\'')") + "'";
  const std::string command = fmt::format("git -C {} {} 2>/dev/null", quoted, arguments);
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(::popen(command.c_str(), "r"), &::pclose);
  std::string text;
  std::array<char, 4096> part{};
  while (pipe != nullptr) {
    const auto count = std::fread(part.data(), 1, part.size(), pipe.get());
    if (count == 0) break;
    text.append(part.data(), count);
  }
  return base::trim(text);
}

}  // namespace

std::string SourceState::name() const { return commit.empty() ? "unknown" : commit + (changed ? "+changed" : ""); }

SourceState source_state(const std::filesystem::path& root) {
  return {git(root, "rev-parse HEAD"), !git(root, "status --porcelain --untracked-files=no").empty()};
}

std::string machine_name() {
  std::string processor = "unknown processor";
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("model name")) continue;
    processor = base::trim(line.substr(line.find(':') + 1));
    break;
  }
  return fmt::format("{}, {} cores", processor, std::thread::hardware_concurrency());
}

}  // namespace gpiot::bench
