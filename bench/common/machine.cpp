#include "machine.h"

#include <fmt/format.h>

#include <fstream>
#include <thread>

#include "built_from.h"
#include "gpiot/base/strings.h"

namespace gpiot::bench {
std::string SourceState::name() const { return commit.empty() ? "unknown" : commit + (changed ? "+changed" : ""); }

SourceState built_from() { return {kBuiltCommit, kBuiltChanged}; }

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
