#include "gpiot/eval/budget.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "gpiot/base/error.h"

namespace gpiot::eval {
namespace {

double megabytes(std::uint64_t bytes) { return static_cast<double>(bytes) / 1e6; }
double rounded(double value) { return std::round(value * 1e3) / 1e3; }

}  // namespace

BudgetReport check_budget(const core::Budget& budget, const core::RunOutcome& outcome,
                          std::uint64_t import_cost_bytes) {
  BudgetReport report;
  report.memory_mb = megabytes(outcome.peak_memory_bytes);
  report.import_mb = megabytes(import_cost_bytes);
  report.memory_growth_mb = std::max(0.0, report.memory_mb - report.import_mb);
  report.wall_s = outcome.wall_ms / 1000;
  report.memory_method = outcome.memory_method;
  const bool total = budget.memory_counts == "total";
  const double counted = total ? report.memory_mb : report.memory_growth_mb;
  if (budget.memory_mb && (counted > *budget.memory_mb || outcome.ending == core::Ending::MemoryLimit)) {
    report.breaches.push_back(fmt::format("memory: got {:.1f} MB{}, expected at most {} MB ({})", counted,
                                          outcome.ending == core::Ending::MemoryLimit ? " and was stopped" : "",
                                          *budget.memory_mb, total ? "total" : "growth over the imports"));
  }
  if (budget.wall_s && (report.wall_s > *budget.wall_s || outcome.ending == core::Ending::WallLimit)) {
    report.breaches.push_back(fmt::format("time: got {:.2f} s{}, expected at most {} s", report.wall_s,
                                          outcome.ending == core::Ending::WallLimit ? " and was stopped" : "",
                                          *budget.wall_s));
  }
  return report;
}

void check_budget_possible(const core::Budget& budget, const core::RunOutcome& imports) {
  if (const double cost = imports.wall_ms / 1000; budget.wall_s && cost >= *budget.wall_s) {
    throw base::Error(base::ErrorCode::InvalidArgument, "eval.budget",
                      fmt::format("budget.wall_s cannot be kept: got {} s, expected more than {:.2f} s, which "
                                  "importing the packages alone takes",
                                  *budget.wall_s, cost),
                      "raise budget.wall_s, or name fewer packages");
  }
  if (!budget.memory_mb || budget.memory_counts != "total") return;
  const double cost = megabytes(imports.peak_memory_bytes);
  if (cost < *budget.memory_mb) return;
  throw base::Error(base::ErrorCode::InvalidArgument, "eval.budget",
                    fmt::format("budget.memory_mb cannot be kept: got {} MB, expected more than {:.1f} MB, which "
                                "importing the packages alone takes",
                                *budget.memory_mb, cost),
                    "raise budget.memory_mb, set memory_counts = \"growth\", or name fewer packages");
}

base::Json to_json(const BudgetReport& report) {
  return {{"within", report.within()},
          {"memory_mb", rounded(report.memory_mb)},
          {"import_mb", rounded(report.import_mb)},
          {"memory_growth_mb", rounded(report.memory_growth_mb)},
          {"memory_method", report.memory_method},
          {"wall_s", rounded(report.wall_s)},
          {"breaches", report.breaches}};
}

}  // namespace gpiot::eval
