#pragma once

#include <string>
#include <vector>

#include "gpiot/core/program.h"

namespace gpiot::agents {

struct MendedCode {
  std::string code;
  std::vector<std::string> mended;  ///< "import numpy as np", "scipy.signal.hann -> scipy.signal.windows.hann"
};

/// Corrects by rule what small models get wrong most often and what has one right answer only: missing imports of
/// well-known names, names imported from the wrong module, names that newer packages dropped, a module hidden by a
/// parameter of the same name, a wrong name for the sampling rate, prints. Everything else stays as the model wrote it.
[[nodiscard]] MendedCode mend_python(std::string code, const core::Specification& spec);

}  // namespace gpiot::agents
