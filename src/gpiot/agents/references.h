#pragma once

#include <span>
#include <string>

#include "gpiot/core/reference_source.h"

namespace gpiot::agents {

/// The references as lines of "Calls that fit:", in the form of the hand-written ones: "- Find peaks inside a signal:
/// find_peaks(x, height=None, distance=None, ...) of scipy.signal". What is quoted is one line each, without control
/// characters and back ticks, at most `line_bytes` long; a name that is no dotted identifier is left out, so is one
/// that `known` (the lines there already) holds. Ours: the paper does not say how its passages enter the prompt.
[[nodiscard]] std::string reference_lines(std::span<const core::Reference> references, const std::string& known,
                                          std::size_t line_bytes = 240);

}  // namespace gpiot::agents
