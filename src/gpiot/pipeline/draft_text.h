#pragma once

#include <string>

#include "gpiot/core/requirement.h"

namespace gpiot::pipeline {

/// What to say of an evaluator that measures, but for which no threshold is stated; else empty.
[[nodiscard]] std::string threshold_note(const core::EvaluatorFacts& facts);

}  // namespace gpiot::pipeline
