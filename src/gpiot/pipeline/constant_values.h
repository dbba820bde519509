#pragma once

#include <string>
#include <vector>

#include "gpiot/pipeline/trial_runner.h"

namespace gpiot::pipeline {

/// Values of the numeric constants of a chain: [step][constant].
using ConstantValues = std::vector<std::vector<double>>;

/// `value` of `constant` times `factor`, as it would be written; whole numbers stay whole and move by one at least.
[[nodiscard]] double scaled(const Constant& constant, double value, double factor);

/// Writes `values` in place of the constants of `code` (columns as found in that very text).
[[nodiscard]] std::string with_constants(const std::string& code, const std::vector<Constant>& constants,
                                         const std::vector<double>& values);

}  // namespace gpiot::pipeline
