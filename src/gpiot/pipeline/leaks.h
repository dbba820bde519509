#pragma once

#include <string>
#include <vector>

#include "gpiot/base/json.h"
#include "gpiot/eval/evaluation.h"
#include "gpiot/pipeline/part_data.h"

namespace gpiot::pipeline {

/// A reason to doubt a result that looks good.
struct Leak {
  /// Of the code: fit_on_asked, hard_coded, record_id, constant_answer, reads_files, unreadable; of the answers:
  /// same_answer; of the split: shared_subject, neighbours, overlap, unseen_class, chosen_elsewhere.
  std::string kind;
  std::string text;  ///< safe to print
};

/// Looks for leakage in the code of app/ (parsed in the sandbox), in the answers, and in how the items were parted.
/// None is an error: they stand in the report beside the figures. Errors: Sandbox, Cancelled.
[[nodiscard]] std::vector<Leak> find_leaks(const Workbench& bench, const PartData& data,
                                           const eval::Evaluation& measured);

[[nodiscard]] base::Json to_json(const std::vector<Leak>& leaks);

}  // namespace gpiot::pipeline
