#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gpiot/pipeline/report_page.h"

namespace gpiot::pipeline {

/// `text` with &, <, >, " and ' written as entities, and no control bytes.
[[nodiscard]] std::string escape_html(std::string_view text);

/// The signal as a band from lowest to highest value, true events as lines at the top, true intervals as
/// bands, found ones as dots.
[[nodiscard]] std::string signal_svg(const SignalPicture& picture);

/// True against predicted numbers; at most 2000 points are drawn.
[[nodiscard]] std::string answers_svg(const std::vector<std::pair<double, double>>& answers);

/// True positions as rings, told ones as dots, a line from each to its other; both axes in the same scale; at most 1000
/// items are drawn.
[[nodiscard]] std::string positions_svg(
    const std::vector<std::pair<std::pair<double, double>, std::pair<double, double>>>& positions);

}  // namespace gpiot::pipeline
