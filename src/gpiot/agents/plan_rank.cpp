#include "gpiot/agents/plan_rank.h"

#include <algorithm>
#include <string>
#include <vector>

namespace gpiot::agents {
namespace {

std::vector<std::string> verbs_of(std::span<const core::SubTask> plan) {
  std::vector<std::string> verbs;
  for (const auto& subtask : plan) {
    for (const auto& step : subtask.steps) verbs.push_back(step.substr(0, step.find(' ')));
  }
  return verbs;
}

}  // namespace

double likeness(std::span<const core::SubTask> plan, std::span<const core::SubTask> example) {
  const auto one = verbs_of(plan);
  const auto other = verbs_of(example);
  if (one.empty() || other.empty()) return 0;
  std::vector<std::size_t> row(other.size() + 1, 0);
  for (const auto& verb : one) {
    std::size_t diagonal = 0;
    for (std::size_t j = 0; j < other.size(); ++j) {
      const auto above = row[j + 1];
      row[j + 1] = verb == other[j] ? diagonal + 1 : std::max(above, row[j]);
      diagonal = above;
    }
  }
  return 2.0 * static_cast<double>(row.back()) / static_cast<double>(one.size() + other.size());
}

double plan_cost(const PlanMarks& marks) {
  constexpr double kFault = 0.1;
  // A percentile or a number of trees is right in many fields; a band is not.
  const double borrowed = marks.learned ? 0.01 : 0.02;
  constexpr double kSecond = 0.15;
  const double strange = (1 - marks.likeness) * (marks.learned ? 0.5 : 1.0);
  return kFault * static_cast<double>(marks.faults) + borrowed * static_cast<double>(marks.borrowed) + strange +
         (marks.second ? kSecond : 0);
}

}  // namespace gpiot::agents
