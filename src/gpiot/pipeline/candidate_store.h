#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "gpiot/pipeline/calibrate.h"

namespace gpiot::pipeline {

/// `.gpiot/candidates.json`: every candidate of every sub-task with its checks, so that nothing generated is lost.
struct CandidateStore {
  std::string specs_sha256;                               ///< of the specification files the candidates were made for
  std::vector<std::vector<CheckedCandidate>> candidates;  ///< [sub-task][sample]
};

/// `.gpiot/chosen.json`: the chain that was chosen by running.
struct ChosenChain {
  std::string specs_sha256;
  std::string input_sha256;             ///< choice_input (freshness.h)
  std::vector<CheckedCandidate> steps;  ///< as chosen, before calibration
  std::vector<std::string> codes;       ///< after calibration
  std::vector<CalibratedConstant> calibrated;
  double objective = -1;
  bool valid = false;
  bool reached = false;  ///< the thresholds of the requirement, on the excerpts of the development part
  std::string summary;
  int failed_step = -1;  ///< the step that raised, where the chain is not valid
  int trials = 0;
};

/// Absent or unreadable files give nothing: the stage is then run again.
[[nodiscard]] std::optional<CandidateStore> load_candidates(const std::filesystem::path& project);
[[nodiscard]] std::optional<ChosenChain> load_chosen(const std::filesystem::path& project);
/// Errors: Io.
void save(const CandidateStore& store, const std::filesystem::path& project);
void save(const ChosenChain& chosen, const std::filesystem::path& project);

}  // namespace gpiot::pipeline
