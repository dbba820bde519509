#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "gpiot/pipeline/workbench.h"

namespace gpiot::pipeline {

/// What a plan reached on the development part.
struct PlanOutcome {
  bool valid = false;
  bool reached = false;   ///< the thresholds of the requirement, in the choice or on the whole part
  double objective = -1;  ///< of the chain chosen, higher is better
  std::string summary;
};

/// One of the plans of a decomposition.
struct StoredPlan {
  std::string subtasks;  ///< as in subtasks.md
  std::uint32_t seed = 0;
  std::size_t faults = 0;
  std::vector<std::string> mended;     ///< what rules changed in the model's answer
  std::optional<PlanOutcome> outcome;  ///< none while it was not tried
};

/// `.gpiot/plans.json`: every plan of the last decomposition, the most promising first.
struct PlanStore {
  std::string requirement_sha256;
  std::vector<StoredPlan> plans;
};

/// Absent or unreadable files give nothing: there are then no other plans to try.
[[nodiscard]] std::optional<PlanStore> load_plans(const std::filesystem::path& project);
/// Errors: Io.
void save(const PlanStore& store, const std::filesystem::path& project);

/// Whether `left` did better than `right`: tried at all, then valid, then good enough, then by the objective.
[[nodiscard]] bool is_better(const StoredPlan& left, const StoredPlan& right);

/// Makes `plan` the current one: writes subtasks.md (beside it where it was edited) and says what rules changed in it.
void use_plan(Workbench& bench, const StoredPlan& plan);
/// Deletes specification files of an earlier plan that nobody edited; `keep` names those of the plan that is current.
void remove_old_specs(Workbench& bench, const std::set<std::string>& keep);

/// Puts all files of a plan that was worked on (specifications, candidates, choice) aside under
/// `.gpiot/plans/<index + 1>/`: people count plans from 1.
void put_aside(const Workbench& bench, std::size_t index);
/// Makes the plan put aside as `index` the current one again. False where it is not there, or subtasks.md is
/// edited.
[[nodiscard]] bool bring_back(Workbench& bench, const PlanStore& store, std::size_t index);

}  // namespace gpiot::pipeline
