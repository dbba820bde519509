#pragma once

#include <optional>

#include "gpiot/core/requirement.h"

namespace gpiot::agents {

/// The band in which a rate is looked for, Hz.
struct BandHz {
  double low = 0;
  double high = 0;
};

/// True where the unit of the result is that of a rate (1/min, rpm, bpm, 1/s or Hz).
[[nodiscard]] bool is_rate(const core::Variable& result);

/// How many of the result's unit one hertz is: 60 for 1/min.
[[nodiscard]] double units_per_hz(const core::Variable& result);

/// Between which rates the requirement says the result lies: of "Rates between 45 and 150 occur" .75 to 2.5 Hz where
/// the result is in 1/min. The first range that stands in a sentence that speaks of rates, of the result, or of its
/// unit, and that data of `rate_hz` can hold. Nothing where none is stated, or the result is no rate.
[[nodiscard]] std::optional<BandHz> stated_band(const core::Requirement& requirement);

}  // namespace gpiot::agents
