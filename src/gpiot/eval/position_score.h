#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "gpiot/base/json.h"

namespace gpiot::eval {

/// Two or three coordinates, in m.
using Position = std::vector<double>;

/// Distances between true and told positions, in m.
struct DistanceErrors {
  double mean = 0;
  double median = 0;
  double p90 = 0;            ///< 90 % of the items are nearer, interpolated between neighbours (numpy.percentile)
  double within_radius = 0;  ///< share of items off by at most the radius
};

/// How told positions agree with the true ones.
struct PositionScore {
  std::int64_t items = 0;
  double radius = 0;  ///< 0 = not stated
  DistanceErrors errors;
  Position baseline;               ///< one position for all items: the mean of the learning items, else of the truth
  DistanceErrors baseline_errors;  ///< of always answering it
};

/// `truth` and `predicted` have the same length, at least 1, and all positions as many coordinates. `learning` are the
/// positions that the program was given; empty where there were none.
[[nodiscard]] PositionScore score_positions(std::span<const Position> truth, std::span<const Position> predicted,
                                            std::span<const Position> learning, double radius);

[[nodiscard]] base::Json to_json(const PositionScore& score);

}  // namespace gpiot::eval
