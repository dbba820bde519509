#pragma once

#include "gpiot/pipeline/calibrate.h"

namespace gpiot::pipeline {

/// Where calibration is to start.
struct StartingPoint {
  Chain chain;            ///< its codes as the candidates have them, its score with `values`
  ConstantValues values;  ///< empty: the candidates' own
};

/// Looks for a better start than `best` among all chains of usable candidates at once with all of their constants: each
/// trial takes a chain by chance and scales about half of its constants by factors of up to thirty. Functions that are
/// right find nothing where a number is far off, so chains cannot be told apart before. Ours: the paper is silent.
[[nodiscard]] StartingPoint explore(TrialRunner& runner, const std::vector<std::vector<CheckedCandidate>>& candidates,
                                    const std::vector<core::Specification>& specs, const TrialScorer& scorer,
                                    const TrialSetting& setting, const Chain& best, const base::CancelToken& cancel);

/// Calibrates `chain`; one that is far better than asked for (`ample`) keeps its constants. While the thresholds of the
/// requirement are not reached with a margin and there is time, other chains are explored and calibrated too, each time
/// from another start; the best is kept.
[[nodiscard]] CalibrationResult fit_constants(TrialRunner& runner,
                                              const std::vector<std::vector<CheckedCandidate>>& candidates,
                                              const std::vector<core::Specification>& specs, const TrialScorer& scorer,
                                              const TrialSetting& setting, const CalibrationOptions& options,
                                              const Chain& chain, const base::CancelToken& cancel);

}  // namespace gpiot::pipeline
