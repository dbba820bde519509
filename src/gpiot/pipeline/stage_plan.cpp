#include "gpiot/pipeline/stage_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "gpiot/agents/chain_check.h"
#include "gpiot/agents/decompose.h"
#include "gpiot/agents/event_plan.h"
#include "gpiot/agents/parser_plan.h"
#include "gpiot/agents/place_plan.h"
#include "gpiot/agents/plain_plan.h"
#include "gpiot/agents/rate_plan.h"
#include "gpiot/agents/specify.h"
#include "gpiot/base/error.h"
#include "gpiot/base/hash.h"
#include "gpiot/pipeline/app_files.h"
#include "gpiot/pipeline/candidate_store.h"
#include "gpiot/pipeline/frame_functions.h"
#include "gpiot/pipeline/listen.h"
#include "gpiot/pipeline/own_functions.h"
#include "gpiot/pipeline/plan_store.h"
#include "gpiot/pipeline/quoted_references.h"
#include "gpiot/pipeline/workbench.h"

namespace gpiot::pipeline {
namespace {

void write(Workbench& bench, const std::string& stage, const std::string& file, const std::string& content,
           const std::string& input_hash) {
  const auto written = bench.state.write_generated(file, content, stage, input_hash);
  if (written.beside) {
    bench.say(stage, "note",
              fmt::format("{} was edited by hand and is kept; the new version is {}", file, written.file));
  }
}

/// Errors: Check, naming the first break.
void require_chain(const core::Requirement& requirement, const std::vector<core::Specification>& specs) {
  const auto problems = agents::check_chain(requirement, specs);
  for (const auto& problem : problems) {
    if (agents::is_warning(problem)) continue;
    throw base::Error(
        base::ErrorCode::Check, "pipeline.specify",
        fmt::format("the specifications do not fit each other: {}: {}", agents::name(problem.kind), problem.message),
        "edit the file named, or run 'gpiot specify' with another --seed");
  }
}

bool is_of_events(const core::Requirement& requirement) {
  return agents::parser_plan(requirement).empty() && !agents::event_plan(requirement).empty();
}

/// Whether a plan of gpiot's own for a rate can have functions of its own.
bool is_of_rate(const core::Requirement& requirement) {
  const auto plans = agents::rate_plans(requirement);
  return !plans.empty() && !agents::rate_specs(requirement, plans.front().subtasks).empty();
}

bool is_of_place(const core::Requirement& requirement) {
  const auto plans = agents::plain_plans(requirement);
  return !plans.empty() && !agents::place_specs(requirement, plans.front()).empty();
}

/// Whether the first of gpiot's own plans has functions of its own, too.
bool has_functions(const Workbench& bench) {
  if (!bench.options.own_functions) return false;
  return is_of_events(bench.requirement) || is_of_rate(bench.requirement) || is_of_place(bench.requirement) ||
         may_tell_their_form(bench.requirement) || learns_alone(bench);
}

/// Those of agents/plain_plan.h.
std::vector<StoredPlan> own_plans(const Workbench& bench) {
  const bool needs_functions = is_of_events(bench.requirement) || is_of_place(bench.requirement);
  if (needs_functions && !bench.options.own_functions) return {};
  const bool of_frames = may_tell_their_form(bench.requirement);
  const std::string functions = !has_functions(bench) ? ": its functions are written as those of any other"
                                : of_frames           ? ", and so is its function where the labelled frames tell it"
                                                      : ", and so are its functions";
  const std::string note = "the plainest plan, by gpiot itself" + functions;
  std::vector<StoredPlan> plans;
  for (const auto& plan : agents::plain_plans(bench.requirement)) {
    plans.push_back(
        {agents::to_markdown(plan), 0, 0, {plans.empty() ? note : "by gpiot itself, for sharp pulses"}, {}});
  }
  return plans;
}

[[noreturn]] void refuse_without_model() {
  throw base::Error(
      base::ErrorCode::Unsupported, "pipeline.plan",
      "gpiot has no plan with functions of its own for this: got --no-model, expected events with labels "
      "in samples and an input with the sampling rate, a rate whose range is stated and such an input, a labelled "
      "number of one sequence, labelled frames, or a program that learns",
      "write [labels], and an input of type float in Hz for the rate; or between which rates the result lies; or "
      "result.learned = true with labels of items (docs/requirement.md); or leave out --no-model");
}

std::vector<core::Specification> specs_of_model(Workbench& bench, const std::vector<core::SubTask>& subtasks) {
  auto result = agents::specify(*bench.roles.rtslm, bench.prompts, bench.requirement, subtasks, bench.options.seed,
                                listen(bench, "specify"), bench.cancel, find_references(bench, subtasks));
  bench.cancel.throw_if_cancelled("pipeline.specify");
  for (const auto& record : result.records) keep_record(bench, "specify", *bench.roles.rtslm, record);
  return std::move(result.specs);
}

}  // namespace

bool learns_alone(const Workbench& bench) {
  if (!bench.options.own_functions || !bench.requirement.result.learned) return false;
  const auto plans = agents::plain_plans(bench.requirement);
  const auto specs = agents::plain_learned_specs(bench.requirement, plans.front());
  return !specs.empty() && std::ranges::none_of(specs, [&](const core::Specification& spec) {
    return own_functions(bench.runtime, bench.requirement, spec).empty();
  });
}

std::string specs_input(const Workbench& bench, const std::vector<core::SubTask>& subtasks) {
  return project::input_hash(
      {{"requirement.md", bench.requirement_sha256}, {"subtasks.md", agents::to_markdown(subtasks)}});
}

bool model_was_asked(const Workbench& bench, const PlanStore& store) {
  const auto own = own_plans(bench);
  return std::ranges::any_of(store.plans, [&](const StoredPlan& plan) {
    return std::ranges::none_of(own, [&](const StoredPlan& one) { return one.subtasks == plan.subtasks; });
  });
}

void add_plans_of_model(Workbench& bench, PlanStore& store) {
  const int wanted = std::max(bench.options.plans, bench.options.plans_tried);
  bench.say("decompose", "start",
            fmt::format("dividing the requirement into sub-tasks, {} plans in one batch", wanted));
  const auto plans =
      agents::decompose(*bench.roles.tdslm, bench.prompts, bench.requirement,
                        {.seed = bench.options.seed, .plans = wanted}, listen(bench, "decompose"), bench.cancel);
  bench.cancel.throw_if_cancelled("pipeline.decompose");
  for (const auto& plan : plans) {
    keep_record(bench, "decompose", *bench.roles.tdslm, plan.record);
    store.plans.push_back({agents::to_markdown(plan.subtasks), plan.record.seed, plan.faults, plan.mended, {}});
  }
}

void run_decompose(Workbench& bench) {
  PlanStore store{bench.requirement_sha256, {}};
  const auto own = own_plans(bench);
  // A rate whose range is stated, or a frame whose form is, needs nothing that the model could add; and functions that
  // are there are measured in a minute, where the model's take ten.
  const bool stated = !own.empty() && !bench.requirement.result.learned;
  if (bench.roles.none() && (own.empty() || (stated && !has_functions(bench)))) refuse_without_model();
  const bool own_first = stated || bench.roles.none() || has_functions(bench);
  if (own_first) {
    store.plans = own;
  } else {
    add_plans_of_model(bench, store);
    store.plans.insert(store.plans.begin() + 1, own.begin(), own.end());
  }
  save(store, bench.project);
  use_plan(bench, store.plans.front());
  std::string names;
  const auto subtasks = load_subtasks(bench);
  for (const auto& subtask : subtasks) names += (names.empty() ? "" : ", ") + subtask.name;
  const auto others = bench.roles.none() ? std::string("no model is asked")
                      : own_first        ? std::string("the model is asked for others where this is not good enough")
                                         : fmt::format("{} other plans kept", store.plans.size() - 1);
  bench.say("decompose", "done", fmt::format("{} sub-tasks: {} ({})", subtasks.size(), names, others));
}

void run_specify(Workbench& bench) {
  const auto subtasks = load_subtasks(bench);
  bench.say("specify", "start", fmt::format("target, inputs and outputs of {} sub-tasks", subtasks.size()));
  auto specs = agents::parser_specs(bench.requirement, subtasks);
  if (specs.empty() && bench.options.own_functions) specs = agents::rate_specs(bench.requirement, subtasks);
  if (specs.empty()) specs = agents::event_specs(bench.requirement, subtasks);
  if (specs.empty() && bench.options.own_functions) specs = agents::place_specs(bench.requirement, subtasks);
  if (specs.empty() && (bench.roles.none() || learns_alone(bench))) {
    specs = agents::plain_learned_specs(bench.requirement, subtasks);
  }
  if (specs.empty() && bench.roles.none()) refuse_without_model();
  if (specs.empty()) specs = specs_of_model(bench, subtasks);
  for (const auto& mended : agents::mend_chain(bench.requirement, specs))
    bench.say("specify", "note", "mended: " + mended);
  const auto input_hash = specs_input(bench, subtasks);
  std::set<std::string> names;
  for (std::size_t i = 0; i < specs.size(); ++i) names.insert(spec_file(i, subtasks[i]));
  remove_old_specs(bench, names);
  for (std::size_t i = 0; i < specs.size(); ++i) {
    write(bench, "specify", spec_file(i, subtasks[i]), agents::to_markdown(specs[i]), input_hash);
  }
  require_chain(bench.requirement, load_specs(bench));
  bench.say("specify", "done", "the chain of inputs and outputs holds");
}

namespace {

/// The documentation of a function tells what calibration set: its text was written before.
std::string documentation_of(const ChosenChain& chosen, std::size_t step, bool labels) {
  std::string text = chosen.steps[step].documentation;
  std::vector<std::string> changes;
  for (const auto& c : chosen.calibrated) {
    if (c.step == step) changes.push_back(fmt::format("`{}` {:.4g} (written as {:.4g})", c.label, c.after, c.before));
  }
  if (changes.empty()) return text;
  const std::string where = labels ? "the development records" : "synthetic records";
  return text + "\n\nSet by measurement on " + where + ": " + fmt::format("{}", fmt::join(changes, ", ")) + ".";
}

}  // namespace

void run_assemble(Workbench& bench) {
  std::string specs_sha256;
  const auto specs = load_specs(bench, &specs_sha256);
  require_chain(bench.requirement, specs);
  const auto chosen = load_chosen(bench.project);
  if (!chosen || chosen->codes.size() != specs.size() || chosen->specs_sha256 != specs_sha256) {
    throw base::Error(base::ErrorCode::NotFound, "pipeline.assemble", "no chosen functions for these specifications",
                      "run 'gpiot generate' first");
  }
  std::vector<core::Program> programs;
  const bool labels = !bench.requirement.labels.format.empty();
  for (std::size_t i = 0; i < specs.size(); ++i)
    programs.push_back({chosen->codes[i], documentation_of(*chosen, i, labels)});
  const auto files = make_app_files({bench.requirement, specs, programs}, bench.runtime);
  const auto input_hash = base::sha256_hex(specs_sha256 + bench.requirement_sha256);
  for (const auto& [file, content] : files) write(bench, "assemble", "app/" + file, content, input_hash);
  bench.say("assemble", "done", fmt::format("app/ with {} files", files.size()));
}

}  // namespace gpiot::pipeline
