#pragma once

#include <cstddef>
#include <span>

#include "gpiot/core/program.h"

namespace gpiot::agents {

/// How far `plan` goes the way of `example`: twice the longest common subsequence of the verbs that their steps begin
/// with, over the number of steps of both. In [0, 1]. Ours: a small model carries through what it has seen done; of
/// its plans those that leave the form of the worked example seldom end in a program that runs.
[[nodiscard]] double likeness(std::span<const core::SubTask> plan, std::span<const core::SubTask> example);

struct PlanMarks {
  std::size_t faults = 0;    ///< see plan_faults
  std::size_t borrowed = 0;  ///< see borrowed_quantities: constants are found anew by running
  double likeness = 1;
  bool learned = false;  ///< features may be taken in any order
  bool second = false;   ///< follows the example that the requirement speaks less for
};
/// What plans are sorted by, the smallest first; at least 0.
[[nodiscard]] double plan_cost(const PlanMarks& marks);

}  // namespace gpiot::agents
