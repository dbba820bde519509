#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "gpiot/base/json.h"

namespace gpiot::eval {

/// How many answers are the true ones, nothing in between.
struct ExactScore {
  std::int64_t items = 0;
  std::int64_t equal = 0;
  double exact = 0;                ///< equal / items
  std::string baseline;            ///< the commonest answer of the learning items, else of the truth
  double baseline_exact = 0;       ///< of always giving it
  std::vector<std::string> wrong;  ///< the first three that differ: "got 21.5, expected 21"; printable
};

/// Texts are equal byte for byte. `truth` and `predicted` have the same length, at least 1.
[[nodiscard]] ExactScore score_exact(std::span<const std::string> truth, std::span<const std::string> predicted,
                                     std::span<const std::string> learning);

/// Numbers, whole or not, are equal when they differ by at most `tolerance`, in the result's unit.
[[nodiscard]] ExactScore score_exact(std::span<const double> truth, std::span<const double> predicted,
                                     std::span<const double> learning, double tolerance);

[[nodiscard]] base::Json to_json(const ExactScore& score);

}  // namespace gpiot::eval
