#include "gpiot/eval/value_score.h"

#include <cmath>
#include <numeric>

namespace gpiot::eval {
namespace {

double rounded(double value) { return std::round(value * 1e6) / 1e6; }

double mean_of(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

struct Errors {
  double absolute = 0;  ///< sum
  double squared = 0;
};

template <typename Predicted>
Errors errors_of(std::span<const double> truth, const Predicted& predicted) {
  Errors errors;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    const double error = predicted(i) - truth[i];
    errors.absolute += std::abs(error);
    errors.squared += error * error;
  }
  return errors;
}

}  // namespace

ValueScore score_values(std::span<const double> truth, std::span<const double> predicted,
                        std::span<const double> learning) {
  ValueScore score;
  score.items = static_cast<std::int64_t>(truth.size());
  const auto n = static_cast<double>(truth.size());
  const auto errors = errors_of(truth, [&](std::size_t i) { return predicted[i]; });
  score.mae = errors.absolute / n;
  score.rmse = std::sqrt(errors.squared / n);
  const double mean = mean_of(truth);
  const double spread = errors_of(truth, [&](std::size_t) { return mean; }).squared;
  score.r2 = spread > 0 ? 1 - errors.squared / spread : 0;
  score.baseline = learning.empty() ? mean : mean_of(learning);
  const auto trivial = errors_of(truth, [&](std::size_t) { return score.baseline; });
  score.baseline_mae = trivial.absolute / n;
  score.baseline_rmse = std::sqrt(trivial.squared / n);
  return score;
}

Persistence score_persistence(std::span<const double> truth, std::span<const double> last_seen,
                              std::uint64_t items_back) {
  const auto n = static_cast<double>(truth.size());
  const auto errors = errors_of(truth, [&](std::size_t i) { return last_seen[i]; });
  return {std::ssize(truth), items_back, errors.absolute / n, std::sqrt(errors.squared / n)};
}

base::Json to_json(const ValueScore& score) {
  base::Json json = {{"items", score.items},
                     {"mae", rounded(score.mae)},
                     {"rmse", rounded(score.rmse)},
                     {"r2", rounded(score.r2)},
                     {"baseline",
                      {{"always", rounded(score.baseline)},
                       {"mae", rounded(score.baseline_mae)},
                       {"rmse", rounded(score.baseline_rmse)}}}};
  if (const auto& last = score.persistence) {
    json["persistence"] = {{"items", last->items},
                           {"items_back", last->items_back},
                           {"mae", rounded(last->mae)},
                           {"rmse", rounded(last->rmse)}};
  }
  return json;
}

}  // namespace gpiot::eval
