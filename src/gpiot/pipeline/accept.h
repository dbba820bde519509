#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace gpiot::pipeline {

/// One function of an accepted program.
struct AcceptedFunction {
  std::string name;    ///< of the sub-task
  std::string target;  ///< what it is for
  std::string code;    ///< as it was measured
};

/// A run that somebody holds to be good.
struct AcceptedRun {
  int run = 0;
  std::string title;                        ///< of the requirement
  std::string summary;                      ///< what was measured
  bool reached = false;                     ///< the thresholds of the requirement, on the final part
  std::vector<AcceptedFunction> functions;  ///< in the order of the chain
};

/// Marks a run of a project as accepted by a person, in `.gpiot/accepted.json`; `run` 0 = the last finished one. The
/// code is that which was measured (runs/NNNN/app), whatever app/ holds by now. Marked twice, it stands there once.
/// Errors: NotFound where there is no such run; Data where its program is not whole; those of load_requirement.
[[nodiscard]] AcceptedRun accept_run(const std::filesystem::path& project, int run);

}  // namespace gpiot::pipeline
