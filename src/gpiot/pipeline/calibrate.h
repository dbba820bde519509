#pragma once

#include "gpiot/pipeline/choose.h"
#include "gpiot/pipeline/constant_values.h"

namespace gpiot::pipeline {

/// A constant that calibration changed.
struct CalibratedConstant {
  std::size_t step = 0;
  std::string label;
  double before = 0;
  double after = 0;
};

struct CalibrationResult {
  Chain chain;  ///< with the new codes
  std::vector<CalibratedConstant> changes;
  int trials = 0;
};

struct CalibrationOptions {
  int rounds = 24;
  int max_constants = 24;  ///< keyword defaults first
  int random_moves = 24;   ///< of all constants at a time, per round
  double enough = 0.995;   ///< an objective at which nothing more is gained by searching
  ConstantValues start;    ///< to search from, with the score of the chain; empty: the model's own
  double limit_s = 90;     ///< wall time after which no new round starts
};

/// Searches the numeric constants of a working chain by measurement on the development part. A round scales each one up
/// and down, those of one function with the same unit together (`low_hz` and `high_hz`), and all at a time by seeded
/// random factors; the moves that gain are joined. Rounds go from wide factors to fine ones and round again, since the
/// numbers of small models are often out by ten and more; two without a gain end the search, six where the thresholds
/// of the requirement are not reached with a margin. The constants are the model's; what they should be is measured.
/// Ours: the paper is silent.
[[nodiscard]] CalibrationResult calibrate(TrialRunner& runner, const Chain& chain,
                                          const std::vector<std::vector<Constant>>& constants,
                                          const std::vector<core::Specification>& specs, const TrialScorer& scorer,
                                          const TrialSetting& setting, const CalibrationOptions& options,
                                          const base::CancelToken& cancel);

}  // namespace gpiot::pipeline
