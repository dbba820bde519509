#pragma once

#include <optional>

#include "gpiot/pipeline/measure.h"
#include "gpiot/pipeline/workbench.h"

namespace gpiot::pipeline {

/// Specifies and generates the plan of subtasks.md, then, while nothing reaches the requirement's thresholds on the
/// development part, the other plans of the decomposition, `Options::plans_tried` in all. The best one is current at
/// the end, the others stay under `.gpiot/plans/`. What is fresh is not made again unless `from` says so; a plan edited
/// by hand is the only one. Ours: the paper works out one plan. Before another plan is tried, what misses on the items
/// of the choice is measured on the whole development part, where those are not all of it; returned where that is the
/// last measurement of the plan that is current now. Errors: those of the stages, where no plan could be worked out at
/// all; Cancelled.
[[nodiscard]] std::optional<Measurement> work_out_plans(Workbench& bench, std::optional<Stage> from);

}  // namespace gpiot::pipeline
