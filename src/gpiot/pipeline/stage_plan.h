#pragma once

#include "gpiot/pipeline/plan_store.h"

namespace gpiot::pipeline {

/// False where `store` holds nothing but gpiot's own plans (agents/plain_plan.h), which come first for some results.
[[nodiscard]] bool model_was_asked(const Workbench& bench, const PlanStore& store);

/// Asks for the plans of the model and adds them behind those that `store` has. Errors: as agents::decompose.
void add_plans_of_model(Workbench& bench, PlanStore& store);

/// Whether gpiot has functions of its own, and may use them, for each step of its own plan for what is learned: the
/// model is asked for nothing there.
[[nodiscard]] bool learns_alone(const Workbench& bench);

}  // namespace gpiot::pipeline
