#pragma once

#include <vector>

#include "gpiot/base/json.h"
#include "gpiot/sandbox/sandbox.h"

namespace gpiot::bench {

/// Wall times of one program that does nothing, in ms; place k of both lists was measured in round k.
struct StartTimes {
  std::vector<double> bare_ms;     ///< Python started directly
  std::vector<double> sandbox_ms;  ///< the same in the sandbox, from the request to the outcome
};

/// Both take turns, so that a noisy moment meets both; which goes first changes from round to round.
/// Errors: Sandbox; those of Sandbox::run.
[[nodiscard]] StartTimes measure_starts(sandbox::Sandbox& sandbox, const std::string& python, int rounds);

/// {"bare_ms", "sandbox_ms", "over_ms" (differences within rounds): {"min", "median", "p90", "max"}}.
[[nodiscard]] base::Json to_json(const StartTimes& times);

}  // namespace gpiot::bench
