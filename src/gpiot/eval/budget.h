#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "gpiot/base/json.h"
#include "gpiot/core/program_runner.h"
#include "gpiot/core/requirement.h"

namespace gpiot::eval {

/// What a run used beside what it may use. 1 MB is 10^6 bytes.
struct BudgetReport {
  double memory_mb = 0;         ///< peak of the whole run
  double import_mb = 0;         ///< of the imports alone
  double memory_growth_mb = 0;  ///< memory_mb - import_mb, never below 0
  double wall_s = 0;
  std::string memory_method;          ///< how the runner measured
  std::vector<std::string> breaches;  ///< "memory: got 312.4 MB, expected at most 250 MB (total)"
  [[nodiscard]] bool within() const { return breaches.empty(); }
};

/// Compares a run with its budget; a run that was stopped at a limit is a breach where that limit is budgeted.
[[nodiscard]] BudgetReport check_budget(const core::Budget& budget, const core::RunOutcome& outcome,
                                        std::uint64_t import_cost_bytes);

/// Refuses a budget that no program can keep, since `imports`, a run that only imports the packages, takes more.
/// Errors: InvalidArgument, with both figures.
void check_budget_possible(const core::Budget& budget, const core::RunOutcome& imports);

[[nodiscard]] base::Json to_json(const BudgetReport& report);

}  // namespace gpiot::eval
