#pragma once

#include "gpiot/eval/evaluation.h"
#include "gpiot/pipeline/part_data.h"

namespace gpiot::pipeline {

/// Where the requirement names an evaluator of the user (`[evaluator] kind = "file"`): runs it in a sandbox of its own
/// on the truth and on what the program answered, and puts its figures and thresholds into `measured`. The contract is
/// checked before; where it is broken, nothing is run. Errors: NotFound without the file; Check where the evaluator
/// fails, with the end of its traceback; Sandbox.
void apply_user_evaluator(const Workbench& bench, const eval::Truth& truth, eval::Evaluation& measured);

}  // namespace gpiot::pipeline
