#pragma once

#include <string>
#include <vector>

#include "gpiot/core/requirement.h"

namespace gpiot::core {

/// One step of the decomposition (TDSLM).
struct SubTask {
  std::string name;                ///< "Band-pass filtering"
  std::string identifier;          ///< "band_pass_filtering": unique within the requirement
  std::vector<std::string> steps;  ///< implementation steps
};

/// What a sub-task's function takes and gives (RTSLM): **Target** / **Input** / **Output Specifications**.
struct Specification {
  SubTask subtask;
  std::string target;
  std::vector<Variable> inputs;
  std::vector<Variable> outputs;
};

/// One candidate answer for one specification (CGSLM): a function and its documentation.
struct Program {
  std::string code;           ///< a Python module with exactly one public function, named as the sub-task
  std::string documentation;  ///< Markdown
};

}  // namespace gpiot::core
