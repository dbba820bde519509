#include "gpiot/core/program_runner.h"

#include <array>

namespace gpiot::core {

std::string_view name(Ending ending) {
  constexpr std::array<std::string_view, 6> names = {"exited",    "signalled",    "wall_limit",
                                                     "cpu_limit", "memory_limit", "cancelled"};
  return names.at(static_cast<std::size_t>(ending));
}

}  // namespace gpiot::core
