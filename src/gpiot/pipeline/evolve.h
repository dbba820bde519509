#pragma once

#include "gpiot/pipeline/calibrate.h"

namespace gpiot::pipeline {

struct EvolveOptions {
  int population = 16;    ///< chains that are kept
  int alike = 3;          ///< of them of the same functions
  int first = 192;        ///< chains drawn at the start
  int children = 48;      ///< per round
  double enough = 0.995;  ///< an objective at which nothing more is gained
  int patience = 6;       ///< rounds without a gain that end it; twice as many while the thresholds are not safe
  double limit_s = 120;   ///< wall time after which no new round starts
};

/// Searches chains and their named constants at once: where each sub-task has several functions with the same
/// parameters (own_event_functions), which of them is right cannot be told before the constants are, and the other way
/// round. Draws chains by chance with constants up to ten times more or less than written; then the best have children:
/// some constants scaled, a function changed for another one of its sub-task, a sub-task taken from another parent.
/// `best` is where it starts from. A plain evolution strategy with the best kept. Errors: Check as choose_chain.
[[nodiscard]] CalibrationResult evolve(TrialRunner& runner,
                                       const std::vector<std::vector<CheckedCandidate>>& candidates,
                                       const std::vector<core::Specification>& specs, const TrialScorer& scorer,
                                       const TrialSetting& setting, const EvolveOptions& options, const Chain& best,
                                       const base::CancelToken& cancel);

}  // namespace gpiot::pipeline
