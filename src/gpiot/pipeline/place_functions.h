#pragma once

#include <span>
#include <utility>
#include <vector>

#include "gpiot/pipeline/choose.h"
#include "gpiot/pipeline/part_data.h"
#include "gpiot/pipeline/trial_runner.h"

namespace gpiot::pipeline {

/// A straight line through most of some points.
struct Line {
  double scale = 0;
  double offset = 0;
  double miss = 0;  ///< median distance of the points from it
};

/// The line with the least median distance, then the best one through the points that lie near it: up to half of the
/// points may be elsewhere. Points are (x, y); of less than two the line is flat. Source: Rousseeuw 1984, least median
/// of squares, over pairs drawn by `seed`.
[[nodiscard]] Line robust_line(std::span<const std::pair<double, double>> points, std::uint64_t seed);

/// The functions of the plan for a number that a place tells (agents/place_plan.h), with the bounds of the place and
/// what it means as they are measured on `data`: three places, and a line for each. Empty where `specs` are of another
/// plan. Errors: those of own_function; Sandbox.
[[nodiscard]] std::vector<std::vector<CheckedCandidate>> own_place_functions(
    const Workbench& bench, TrialRunner& trials, const std::vector<core::Specification>& specs, const PartData& data);

}  // namespace gpiot::pipeline
