#pragma once

#include "gpiot/pipeline/candidate_store.h"
#include "gpiot/pipeline/workbench.h"

namespace gpiot::pipeline {

/// Checks the candidates of `store` that have no report yet.
void check_new(Workbench& bench, TrialRunner& trials, const std::vector<core::Specification>& specs,
               CandidateStore& store);

/// Asks for new samples of one sub-task, with its code and what is wrong with it, checks and keeps them.
void add_repairs(Workbench& bench, TrialRunner& trials, const std::vector<core::Specification>& specs,
                 CandidateStore& store, std::size_t step, const std::string& code, const std::string& problem,
                 const std::string& reason);

/// The best chain of the candidates, calibrated where there are labels.
[[nodiscard]] ChosenChain choose_and_calibrate(Workbench& bench, const std::vector<core::Specification>& specs,
                                               const CandidateStore& store);

}  // namespace gpiot::pipeline
