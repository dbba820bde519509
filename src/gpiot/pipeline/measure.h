#pragma once

#include "gpiot/pipeline/choose.h"
#include "gpiot/pipeline/part_data.h"
#include "gpiot/pipeline/workbench.h"

namespace gpiot::pipeline {

/// One measured run of the application.
struct Measurement {
  int run = 0;            ///< number of the folder runs/NNNN
  bool contract = false;  ///< exited well and the output keeps the contract
  bool within_budget = false;
  bool accepted = false;  ///< contract, budget and every stated threshold
  double objective = 0;   ///< eval::Evaluation::objective; 0 where nothing was measured
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

/// Scores trials on a part the way the evaluator of `requirement` will: that of the user, or one for other data
/// (fixture_score.h). `bench` outlives the scorer.
[[nodiscard]] TrialScorer make_scorer(const Workbench& bench, PartData data, const core::Requirement& requirement);

}  // namespace gpiot::pipeline
