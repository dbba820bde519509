#pragma once

#include <functional>
#include <string>
#include <vector>

#include "gpiot/pipeline/trial_runner.h"

namespace gpiot::pipeline {

/// How good a chain's predictions on the development part are.
struct TrialScore {
  bool valid = false;     ///< it ran and its output keeps the contract
  double objective = -1;  ///< higher is better; comparable within one requirement
  std::string summary;    ///< "precision 0.98, recall 0.97", or what is wrong
  bool reached = false;   ///< the thresholds of the requirement
  bool safe = false;      ///< the same with a margin, core::kSafe
  bool ample = false;     ///< the same with core::kAmple, where a threshold is stated
};
using TrialScorer = std::function<TrialScore(const TrialBatch&, const TrialOutcome&)>;

/// A checked candidate of one sub-task.
struct CheckedCandidate {
  std::string code;
  std::string documentation;
  std::uint32_t seed = 0;
  std::string origin;  ///< "sample 3", "repair 1, sample 2", "edited by hand"
  CandidateReport report;
};

/// One code per sub-task, and what it reached.
struct Chain {
  std::vector<std::size_t> picks;  ///< candidate index per sub-task
  std::vector<std::string> codes;
  TrialScore score;
  TrialOutcome outcome;  ///< of its trial, without the results
};

/// Where trials run, and what they may cost.
struct TrialSetting {
  std::filesystem::path view;
  std::string result;                ///< name of the contracted variable
  std::int64_t excerpt_samples = 0;  ///< of each record, 0 = all
  int max_trials = 64;               ///< per round
  std::uint64_t seed = 1;
  std::function<void(const std::string&)> note;  ///< progress for people
};

/// Of each sub-task the candidates that may enter a chain: those that passed every check; where none did, those that at
/// least hold up statically, since a synthetic fixture can be wrong about the real data.
/// Errors: Check when a sub-task has no candidate at all.
[[nodiscard]] std::vector<std::vector<std::size_t>> usable_candidates(
    const std::vector<std::vector<CheckedCandidate>>& candidates, const std::vector<core::Specification>& specs);

/// The chain with the best score over combinations of candidates: first a seeded sample of all combinations (all of
/// them where they are few), then, from the best, each sub-task's other candidates. Where nothing is valid, the chain
/// that came furthest is returned with `score.valid` false. Ours: the paper runs one sample.
/// Errors: Check when a sub-task has no candidate at all.
[[nodiscard]] Chain choose_chain(TrialRunner& runner, const std::vector<std::vector<CheckedCandidate>>& candidates,
                                 const std::vector<core::Specification>& specs, const TrialScorer& scorer,
                                 const TrialSetting& setting, const base::CancelToken& cancel);

}  // namespace gpiot::pipeline
