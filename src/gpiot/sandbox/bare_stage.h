#pragma once

#include <sys/types.h>

#include <string>
#include <utility>
#include <vector>

#include "gpiot/core/program_runner.h"
#include "gpiot/sandbox/landlock.h"

namespace gpiot::sandbox {

/// Who the program of level B is. Root's program may own no process and no file of root, so it is nobody, with the one
/// capability of reading what it is shown below private folders; Landlock says what that is. Where root itself lacks
/// that capability (a container), it stays root without any.
enum class Identity { Same, Nobody, BareRoot };
[[nodiscard]] Identity identity_for_level_b();

/// All that stands between a process and the program of level B; made before the fork.
struct Confinement {
  LandlockRuleset rules;
  bool scopes_signals = false;  ///< the rule set does; else a filter has to
  bool filter_calls = true;     ///< false in tests only
  Identity identity = Identity::Same;
  std::vector<std::pair<int, std::uint64_t>> limits;  ///< resource, value
  std::vector<std::string> environment;               ///< "NAME=value"
  int folder = -1;                                    ///< the program's working folder
  int info = -1;                                      ///< its process number is written here
  int block = -1;                                     ///< it waits here for one byte
};

/// The limits of a program of level B; `running` of its user's tasks are there already.
[[nodiscard]] std::vector<std::pair<int, std::uint64_t>> limits_of(const core::ResourceLimits& limits, int running);

/// Forks, confines the child and starts argv in it, `inherited[k]` as descriptor k and no other. -1 with errno when it
/// cannot fork; what fails later is said on descriptor 2 (status 126). Raw calls only.
[[nodiscard]] pid_t spawn_confined(const Confinement& confinement, char* const* argv,
                                   const std::vector<int>& inherited) noexcept;

}  // namespace gpiot::sandbox
