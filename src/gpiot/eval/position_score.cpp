#include "gpiot/eval/position_score.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace gpiot::eval {
namespace {

double rounded(double value) { return std::round(value * 1e6) / 1e6; }

double distance(const Position& a, const Position& b) {
  double squares = 0;
  for (std::size_t axis = 0; axis < a.size(); ++axis) squares += (a[axis] - b[axis]) * (a[axis] - b[axis]);
  return std::sqrt(squares);
}

double percentile(const std::vector<double>& sorted, double share) {
  const double place = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const auto above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (place - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

template <typename Told>
DistanceErrors errors_of(std::span<const Position> truth, double radius, const Told& told) {
  std::vector<double> errors;
  for (std::size_t i = 0; i < truth.size(); ++i) errors.push_back(distance(truth[i], told(i)));
  std::ranges::sort(errors);
  const auto n = static_cast<double>(errors.size());
  const auto near = std::ranges::upper_bound(errors, radius) - errors.begin();
  return {std::accumulate(errors.begin(), errors.end(), 0.0) / n, percentile(errors, 0.5), percentile(errors, 0.9),
          static_cast<double>(near) / n};
}

Position mean_of(std::span<const Position> positions) {
  Position mean(positions.front().size(), 0.0);
  for (const auto& position : positions) {
    for (std::size_t axis = 0; axis < mean.size(); ++axis) {
      mean[axis] += position[axis] / static_cast<double>(positions.size());
    }
  }
  return mean;
}

base::Json errors_json(const DistanceErrors& errors, double radius) {
  base::Json json = {{"mean_error", rounded(errors.mean)},
                     {"median_error", rounded(errors.median)},
                     {"p90_error", rounded(errors.p90)}};
  if (radius > 0) json["within_radius"] = rounded(errors.within_radius);
  return json;
}

}  // namespace

PositionScore score_positions(std::span<const Position> truth, std::span<const Position> predicted,
                              std::span<const Position> learning, double radius) {
  PositionScore score;
  score.items = std::ssize(truth);
  score.radius = radius;
  score.errors = errors_of(truth, radius, [&](std::size_t i) -> const Position& { return predicted[i]; });
  score.baseline = mean_of(learning.empty() ? truth : learning);
  score.baseline_errors = errors_of(truth, radius, [&](std::size_t) -> const Position& { return score.baseline; });
  return score;
}

base::Json to_json(const PositionScore& score) {
  base::Json json = errors_json(score.errors, score.radius);
  json["items"] = score.items;
  if (score.radius > 0) json["radius"] = score.radius;
  json["baseline"] = errors_json(score.baseline_errors, score.radius);
  json["baseline"]["always"] = score.baseline;
  return json;
}

}  // namespace gpiot::eval
