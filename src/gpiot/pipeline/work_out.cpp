#include "gpiot/pipeline/work_out.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>

#include "gpiot/agents/subtask_text.h"
#include "gpiot/base/error.h"
#include "gpiot/base/strings.h"
#include "gpiot/pipeline/candidate_store.h"
#include "gpiot/pipeline/freshness.h"
#include "gpiot/pipeline/part_data.h"
#include "gpiot/pipeline/plan_store.h"
#include "gpiot/pipeline/stage_plan.h"

namespace gpiot::pipeline {
namespace {

/// Specifies and generates what is current, as far as it is not fresh.
PlanOutcome work_out(Workbench& bench, std::optional<Stage> from) {
  const auto redo = [&](Stage stage) { return from && *from <= stage; };
  if (redo(Stage::Specify) || !specs_are_fresh(bench)) run_specify(bench);
  if (redo(Stage::Generate) || !chosen_is_fresh(bench)) {
    if (redo(Stage::Generate)) std::filesystem::remove(bench.project / ".gpiot" / "candidates.json");
    run_generate(bench);
  }
  const auto chosen = load_chosen(bench.project);
  if (!chosen) return {};
  return {chosen->valid, chosen->reached, chosen->objective, chosen->summary};
}

/// The plan that subtasks.md holds; nothing where it was edited or is of another decomposition.
std::optional<std::size_t> current_plan(const Workbench& bench, const PlanStore& store) {
  const auto text = agents::to_markdown(load_subtasks(bench));
  for (std::size_t k = 0; k < store.plans.size(); ++k) {
    if (store.plans[k].subtasks == text) return k;
  }
  return std::nullopt;
}

/// The plans of the model, where so far there were only gpiot's own. Those stand where the model has none, or cannot be
/// had: it is not asked for repairs then, either.
void ask_the_model(Workbench& bench, PlanStore& store) try {
  add_plans_of_model(bench, store);
  save(store, bench.project);
} catch (const base::Error& error) {
  const bool is_away = error.code() == base::ErrorCode::Download || error.code() == base::ErrorCode::NotFound;
  if (error.code() != base::ErrorCode::Format && !is_away) throw;
  if (is_away) bench.roles = {};
  bench.say("decompose", "note",
            fmt::format("no other plan{}: {}", is_away ? ", since the model cannot be had" : "",
                        base::printable(error.what())));
}

std::optional<std::size_t> untried(const PlanStore& store) {
  const auto at = std::ranges::find_if(store.plans, [](const StoredPlan& plan) { return !plan.outcome; });
  if (at == store.plans.end()) return std::nullopt;
  return static_cast<std::size_t>(at - store.plans.begin());
}

/// Whether no plan is good enough yet, and there is or may be another to try.
bool goes_on(const Workbench& bench, const PlanStore& store) {
  int tried = 0;
  for (const auto& plan : store.plans) {
    if (plan.outcome && plan.outcome->reached) return false;
    tried += plan.outcome ? 1 : 0;
  }
  if (tried >= bench.options.plans_tried) return false;
  return untried(store) || !(bench.roles.none() || model_was_asked(bench, store));
}

/// The plan to go on with; none where one is good enough, or enough were tried.
std::optional<std::size_t> next_plan(Workbench& bench, PlanStore& store) {
  if (!goes_on(bench, store)) return std::nullopt;
  if (const auto plan = untried(store)) return plan;
  ask_the_model(bench, store);
  return untried(store);
}

/// The current plan on the whole development part: a choice runs on fewer items, and learns from fewer, so what misses
/// by little there may be good enough. None where the choice had them all.
std::optional<Measurement> measure_whole(Workbench& bench, PlanOutcome& outcome) {
  if (!outcome.valid || !choice_has_fewer(bench)) return std::nullopt;
  bench.say("generate", "note", "not good enough on the items of the choice: the whole development part is measured");
  run_assemble(bench);
  auto whole = measure_app(bench, Part::Development);
  outcome.reached = whole.accepted;
  return whole;
}

/// An outcome for a plan that cannot be worked out: its error, which is only thrown where no plan could be.
PlanOutcome try_to_work_out(Workbench& bench, std::optional<Stage> from, std::exception_ptr& failure) try {
  return work_out(bench, from);
} catch (const base::Error& error) {
  if (error.code() != base::ErrorCode::Check && error.code() != base::ErrorCode::Format) throw;
  failure = std::current_exception();
  bench.say("generate", "note", fmt::format("this plan could not be worked out: {}", base::printable(error.what())));
  return {.summary = error.what()};
}

/// Whether the data has changed since: what the plans reached on it says nothing now, and may have seen the final part.
bool was_chosen_elsewhere(const Workbench& bench) {
  const auto chosen = load_chosen(bench.project);
  return chosen && chosen->input_sha256 != choice_input(bench);
}

}  // namespace

std::optional<Measurement> work_out_plans(Workbench& bench, std::optional<Stage> from) {
  auto store = load_plans(bench.project);
  const auto start =
      store && store->requirement_sha256 == bench.requirement_sha256 ? current_plan(bench, *store) : std::nullopt;
  if (!start) {
    (void)work_out(bench, from);
    return std::nullopt;
  }
  std::exception_ptr failure;
  std::optional<Measurement> whole;  // of the current plan
  if ((from && *from <= Stage::Generate) || was_chosen_elsewhere(bench)) {
    for (auto& plan : store->plans) plan.outcome.reset();
  }
  std::size_t current = *start;
  for (std::optional<std::size_t> plan = current; plan; plan = next_plan(bench, *store)) {
    if (*plan != current) {
      bench.say("decompose", "note",
                fmt::format("plan {} of {}: the one before is not good enough ({})", *plan + 1, store->plans.size(),
                            base::printable(store->plans[current].outcome->summary)));
      use_plan(bench, store->plans[*plan]);
      current = *plan;
    }
    auto& outcome = store->plans[current].outcome;
    outcome = try_to_work_out(bench, from, failure);
    put_aside(bench, current);
    whole = goes_on(bench, *store) ? measure_whole(bench, *outcome) : std::nullopt;
    save(*store, bench.project);
  }
  const auto best = static_cast<std::size_t>(std::min_element(store->plans.begin(), store->plans.end(), is_better) -
                                             store->plans.begin());
  if (!store->plans[best].outcome->valid && failure && !load_chosen(bench.project)) std::rethrow_exception(failure);
  if (best != current && bring_back(bench, *store, best)) {
    bench.say("decompose", "note", fmt::format("plan {} is the best of those tried", best + 1));
    return std::nullopt;
  }
  return whole;
}

}  // namespace gpiot::pipeline
