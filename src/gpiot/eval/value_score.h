#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "gpiot/base/json.h"

namespace gpiot::eval {

/// What taking over the last label known would bring, of the items that have one.
struct Persistence {
  std::int64_t items = 0;
  std::uint64_t items_back = 1;
  double mae = 0;
  double rmse = 0;
};

/// How predicted numbers agree with the true ones, in the result's unit.
struct ValueScore {
  std::int64_t items = 0;
  double mae = 0;   ///< mean absolute error
  double rmse = 0;  ///< root of the mean squared error
  double r2 = 0;    ///< 1 - squared errors / squared deviations from the truth's mean; 0 where the truth is constant
  double baseline = 0;      ///< one number for all items: the mean of the learning items, else of the truth
  double baseline_mae = 0;  ///< of always answering it
  double baseline_rmse = 0;
  std::optional<Persistence> persistence;  ///< only where the labels are a history
};

/// `truth` and `predicted` have the same length, at least 1, and are finite. `learning` are the values that the program
/// was given; empty where there were none. Source: the usual definitions (scikit-learn's mean_absolute_error,
/// root_mean_squared_error, r2_score).
[[nodiscard]] ValueScore score_values(std::span<const double> truth, std::span<const double> predicted,
                                      std::span<const double> learning);

/// `last_seen` are the labels that were known when those of `truth` were to be told, `items_back` items earlier in the
/// same file; same length, at least 1.
[[nodiscard]] Persistence score_persistence(std::span<const double> truth, std::span<const double> last_seen,
                                            std::uint64_t items_back);

[[nodiscard]] base::Json to_json(const ValueScore& score);

}  // namespace gpiot::eval
