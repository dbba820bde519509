#pragma once

#include "gpiot/pipeline/choose.h"
#include "gpiot/pipeline/workbench.h"

namespace gpiot::pipeline {

/// Which records a run is measured on.
enum class Part { Development, Final };

/// One measured run of the application.
struct Measurement {
  int run = 0;            ///< number of the folder runs/NNNN
  bool contract = false;  ///< exited well and the output keeps the contract
  bool within_budget = false;
  bool accepted = false;  ///< contract, budget and every stated threshold
  bool has_labels = false;
  double precision = 0;
  double recall = 0;
  double f1 = 0;
  std::string summary;
  std::string problem;  ///< traceback, breach or missed threshold; empty when accepted
  base::Json report;
};

/// Runs app/ in the sandbox on one part, measures it outside, and writes runs/NNNN/report.json and a copy of app/.
[[nodiscard]] Measurement measure_app(Workbench& bench, Part part);

/// A run that imports the allowed packages and does nothing else: what no program can stay below.
/// Errors: Unsupported for a package that is not there; InvalidArgument where even this does not keep the budget.
[[nodiscard]] core::RunOutcome import_cost(const Workbench& bench);

/// The measurement of a run that is over, from its report; none where there is no such report, or where app/ is no
/// longer what ran.
[[nodiscard]] std::optional<Measurement> past_measurement(const Workbench& bench, int run);

/// Scores trials on the development part the way the evaluator will: labels are read here, on the host.
[[nodiscard]] TrialScorer make_scorer(const Workbench& bench, const std::vector<std::string>& records);

/// The view of one part, made anew beneath `.gpiot/views/`.
[[nodiscard]] std::filesystem::path make_part_view(const Workbench& bench, Part part,
                                                   std::vector<std::string>* records = nullptr);

}  // namespace gpiot::pipeline
