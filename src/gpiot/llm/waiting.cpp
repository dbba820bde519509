#include "gpiot/llm/waiting.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <system_error>

namespace gpiot::llm {

void sleep_while_waiting(char** arguments) {
  constexpr const char* kPolicy = "OMP_WAIT_POLICY";
  if (std::getenv(kPolicy) != nullptr || std::getenv("GOMP_SPINCOUNT") != nullptr) return;
  std::error_code failed;
  // By its path: started as /proc/self/exe the process would be called "exe".
  const auto program = std::filesystem::read_symlink("/proc/self/exe", failed);
  if (!failed && ::setenv(kPolicy, "passive", 1) == 0) ::execv(program.c_str(), arguments);
}

}  // namespace gpiot::llm
