#pragma once

#include <string>
#include <vector>

#include "gpiot/core/program.h"

namespace gpiot::agents {

/// Of the rate of the data: what a filter can still cut at.
inline constexpr double kShareOfRate = 0.45;

/// Of "5 to 200 Hz" 200; 0 where the text names no frequency.
[[nodiscard]] double highest_frequency_hz(const std::string& text);

/// Filters cannot cut at or above half the rate of the data: such frequencies become .45 of `rate_hz` (0 = not known:
/// none of them changes). A frequency named as the sampling rate itself stays. A band-pass that begins at 0 Hz becomes
/// a low-pass. Returns what was changed, a sentence each.
std::vector<std::string> lower_frequencies(std::vector<core::SubTask>& subtasks, double rate_hz);

}  // namespace gpiot::agents
