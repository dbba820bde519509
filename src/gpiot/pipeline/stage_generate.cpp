#include "gpiot/pipeline/stage_generate.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "gpiot/agents/event_plan.h"
#include "gpiot/agents/generate.h"
#include "gpiot/agents/parser_plan.h"
#include "gpiot/agents/place_plan.h"
#include "gpiot/agents/plain_plan.h"
#include "gpiot/agents/repair.h"
#include "gpiot/base/error.h"
#include "gpiot/base/strings.h"
#include "gpiot/pipeline/candidate_store.h"
#include "gpiot/pipeline/evolve.h"
#include "gpiot/pipeline/explore.h"
#include "gpiot/pipeline/fixture_score.h"
#include "gpiot/pipeline/frame_functions.h"
#include "gpiot/pipeline/freshness.h"
#include "gpiot/pipeline/listen.h"
#include "gpiot/pipeline/measure.h"
#include "gpiot/pipeline/own_functions.h"
#include "gpiot/pipeline/place_functions.h"
#include "gpiot/pipeline/quoted_references.h"
#include "gpiot/pipeline/stage_plan.h"
#include "gpiot/pipeline/workbench.h"

namespace gpiot::pipeline {
namespace {

/// A chain of a learned program takes seconds, since each fits a model.
constexpr int kLearnedTrials = 16;

CheckedCandidate unchecked(const agents::Candidate& candidate, std::string origin) {
  CheckedCandidate checked{
      candidate.program.code, candidate.program.documentation, candidate.seed, std::move(origin), {}};
  if (!candidate.ok()) {
    checked.report.kind = "answer";
    checked.report.problem = candidate.problem;
  }
  return checked;
}

agents::StageRecord record_of(const Workbench& bench, const std::string& prompt, const agents::Candidate& c) {
  return {prompt, bench.prompts.sha256(prompt), c.seed, c.temperature, c.prompt_tokens, c.completion_tokens, c.raw};
}

std::vector<core::SubTask> subtasks_of(const std::vector<core::Specification>& specs) {
  std::vector<core::SubTask> subtasks;
  for (const auto& spec : specs) subtasks.push_back(spec.subtask);
  return subtasks;
}

/// One function is all of a parser: as many answers as for a plan of four.
int times_of(const Workbench& bench, const std::vector<core::Specification>& specs) {
  constexpr int kAloneFor = 4;
  return agents::parser_specs(bench.requirement, subtasks_of(specs)).empty() ? 1 : kAloneFor;
}

std::size_t passed(const std::vector<CheckedCandidate>& candidates) {
  std::size_t count = 0;
  for (const auto& candidate : candidates) count += candidate.report.ok ? 1 : 0;
  return count;
}

/// Regenerates once for each sub-task where nothing passed, with the commonest problem fed back.
void mend_failed_steps(Workbench& bench, TrialRunner& trials, const std::vector<core::Specification>& specs,
                       CandidateStore& store) {
  for (std::size_t i = 0; i < specs.size() && !bench.roles.none(); ++i) {
    if (passed(store.candidates[i]) > 0) continue;
    const auto& all = store.candidates[i];
    const CheckedCandidate* nearest = nullptr;
    for (const auto& candidate : all) {
      if (!nearest || candidate.report.passed.size() > nearest->report.passed.size()) nearest = &candidate;
    }
    const auto problem = nearest ? nearest->report.problem : std::string("no code in the answer");
    bench.say("generate", "note",
              fmt::format("sub-task {} ({}): no sample passed ({}); asking again with the problem", i + 1,
                          specs[i].subtask.name, base::printable(problem).substr(0, 160)));
    add_repairs(bench, trials, specs, store, i, nearest ? nearest->code : "", problem, "first check");
  }
}

}  // namespace

void check_new(Workbench& bench, TrialRunner& trials, const std::vector<core::Specification>& specs,
               CandidateStore& store) {
  std::vector<CandidateJob> jobs;
  std::vector<CheckedCandidate*> places;
  for (std::size_t i = 0; i < specs.size(); ++i) {
    for (auto& candidate : store.candidates[i]) {
      if (candidate.report.ok || !candidate.report.problem.empty()) continue;
      jobs.push_back({i, candidate.code, is_own(candidate)});
      places.push_back(&candidate);
    }
  }
  const auto reports = trials.check(jobs, specs, bench.requirement, bench.cancel);
  for (std::size_t i = 0; i < reports.size(); ++i) {
    places[i]->report = reports[i];
    if (reports[i].mended_code.empty()) continue;
    places[i]->code = reports[i].mended_code;
    places[i]->origin += ", mended by rule";
  }
}

void add_repairs(Workbench& bench, TrialRunner& trials, const std::vector<core::Specification>& specs,
                 CandidateStore& store, std::size_t step, const std::string& code, const std::string& problem,
                 const std::string& reason) {
  // A seed of its own for each repair: the same question asked twice must not bring the same answers.
  const auto asked = static_cast<std::uint32_t>(store.candidates[step].size());
  const auto candidates =
      agents::repair(*bench.roles.cgslm, bench.prompts, bench.requirement, specs[step], core::Program{code, ""},
                     problem, std::max(2, bench.options.samples / 2) * times_of(bench, specs),
                     bench.options.seed + 7919U * asked, bench.options.temperature, listen(bench, "repair"),
                     bench.cancel, references_for_problem(bench, specs[step].subtask, problem));
  bench.cancel.throw_if_cancelled("pipeline.repair");
  for (std::size_t k = 0; k < candidates.size(); ++k) {
    keep_record(bench, "repair", *bench.roles.cgslm, record_of(bench, "repair", candidates[k]));
    store.candidates[step].push_back(
        unchecked(candidates[k], fmt::format("repair after {}, sample {}", reason, k + 1)));
  }
  check_new(bench, trials, specs, store);
  save(store, bench.project);
}

namespace {

/// A label or a number is of the whole record (0); events of a part are the events of the part.
std::int64_t excerpt_of(const Workbench& bench, const core::Requirement& requirement) {
  return requirement.result.kind == "events" ? excerpt_samples(bench.options, requirement.data.rate_hz) : 0;
}

/// Chooses on `data`, measured by the evaluator of `requirement`.
ChosenChain choose_on(Workbench& bench, const std::vector<core::Specification>& specs, const CandidateStore& store,
                      const PartData& data, const core::Requirement& requirement) {
  TrialRunner trials(*bench.runner, bench.runtime);
  TrialSetting setting;
  setting.view = data.view;
  setting.result = requirement.result.variable.name;
  setting.excerpt_samples = excerpt_of(bench, requirement);
  if (requirement.result.learned) setting.max_trials = kLearnedTrials;
  setting.seed = bench.options.seed;
  setting.note = [&](const std::string& text) { bench.say("generate", "note", text); };
  const auto scorer = make_scorer(bench, data, requirement);
  auto chain = choose_chain(trials, store.candidates, specs, scorer, setting, bench.cancel);

  ChosenChain chosen;
  chosen.specs_sha256 = store.specs_sha256;
  chosen.input_sha256 = choice_input(bench);
  // What a frame holds at which place is stated, and so is the band of a rate: another number there would be wrong,
  // however it measures.
  const bool own_rate = requirement.result.kind == "value" && is_own(store.candidates.back().front());
  const bool may_fit = !requirement.result.learned && !agents::is_parser(requirement) && !own_rate;
  if (bench.options.calibrate && !data.truth.empty() && may_fit) {
    CalibrationOptions options;
    // A figure of the user's own has no top that is known.
    if (requirement.evaluator.kind == "file") options.enough = std::numeric_limits<double>::infinity();
    auto fitted =
        is_own(store.candidates.back().front())
            ? evolve(trials, store.candidates, specs, scorer, setting, {.enough = options.enough}, chain, bench.cancel)
            : fit_constants(trials, store.candidates, specs, scorer, setting, options, chain, bench.cancel);
    chain = std::move(fitted.chain);
    chosen.calibrated = std::move(fitted.changes);
    chosen.trials = fitted.trials;
  }
  for (std::size_t i = 0; i < specs.size(); ++i) chosen.steps.push_back(store.candidates[i][chain.picks[i]]);
  chosen.codes = chain.codes;
  chosen.valid = chain.score.valid;
  chosen.reached = chain.score.valid && chain.score.reached;
  chosen.objective = chain.score.objective;
  chosen.summary = chain.score.valid               ? chain.score.summary
                   : chain.outcome.problem.empty() ? chain.score.summary
                                                   : chain.outcome.problem;
  chosen.failed_step = chain.score.valid ? -1 : chain.outcome.step;
  return chosen;
}

/// Why the chain does not keep its contract on `data`; empty where it does.
std::string breach_on(Workbench& bench, const std::vector<core::Specification>& specs, const ChosenChain& chosen,
                      const PartData& data) {
  std::vector<int> all;
  for (std::size_t i = 0; i < chosen.codes.size(); ++i) all.push_back(static_cast<int>(i));
  const auto batch = TrialRunner(*bench.runner, bench.runtime)
                         .run(chosen.codes, {all}, specs, bench.requirement.result.variable.name, data.view,
                              excerpt_of(bench, bench.requirement), bench.cancel);
  const auto score = make_scorer(bench, data, bench.requirement)(batch, batch.outcomes.at(0));
  return score.valid ? "" : score.summary;
}

}  // namespace

ChosenChain choose_and_calibrate(Workbench& bench, const std::vector<core::Specification>& specs,
                                 const CandidateStore& store) {
  const auto data = make_part(bench, Part::Choosing);
  const auto fixture = fixture_data(bench);
  if (!fixture) return choose_on(bench, specs, store, data, bench.requirement);
  bench.say("generate", "note", fmt::format("no labels: chains are ranked on synthetic {} first", fixture->kind));
  auto chosen = choose_on(bench, specs, store, fixture->part, fixture->requirement);
  const auto breach = chosen.valid ? breach_on(bench, specs, chosen, data) : chosen.summary;
  if (breach.empty()) {
    chosen.summary = fmt::format("the output keeps the contract; on synthetic {}: {}", fixture->kind, chosen.summary);
    return chosen;
  }
  bench.say("generate", "note",
            fmt::format("what is best on synthetic {} fails on the data: {}", fixture->kind,
                        base::printable(breach).substr(0, 200)));
  chosen = choose_on(bench, specs, store, data, bench.requirement);
  chosen.reached = false;
  chosen.objective = std::min(chosen.objective, 0.0);
  return chosen;
}

namespace {

/// All functions of gpiot's own plan for a rate, frames, a place or events; empty where the plan is another.
std::vector<std::vector<CheckedCandidate>> own_plan_functions(Workbench& bench, TrialRunner& trials,
                                                              const std::vector<core::Specification>& specs) {
  if (!bench.options.own_functions) return {};
  if (auto own = own_rate_functions(bench.runtime, bench.requirement, specs); !own.empty()) return own;
  const auto subtasks = subtasks_of(specs);
  if (!agents::parser_specs(bench.requirement, subtasks).empty() && may_tell_their_form(bench.requirement)) {
    bench.say("generate", "start", "looking for the form of the labelled frames");
    return own_frame_functions(bench, trials, specs, make_part(bench, Part::Choosing));
  }
  const bool of_place = !agents::place_specs(bench.requirement, subtasks).empty();
  if (!of_place && agents::event_specs(bench.requirement, subtasks).empty()) return {};
  const auto data = make_part(bench, Part::Choosing);
  if (of_place) {
    bench.say("generate", "start", "functions of gpiot's own: what a place means is measured on the labelled items");
    return own_place_functions(bench, trials, specs, data);
  }
  const auto gaps = gaps_of(data.truth.events, data.records);
  bench.say("generate", "start",
            fmt::format("functions of gpiot's own, for events that are usually {:.3g} s apart", gaps.usual_s));
  const double rate_hz = data.records.empty() ? 0 : data.records.front().rate_hz;
  return own_event_functions(bench.runtime, specs, gaps, rate_hz > 0 ? rate_hz : 1);
}

/// Whether these are the specifications of gpiot's own plan for what is learned, and it has functions for them.
bool is_own_learned(const Workbench& bench, const std::vector<core::Specification>& specs) {
  return learns_alone(bench) && !agents::plain_learned_specs(bench.requirement, subtasks_of(specs)).empty();
}

std::vector<std::vector<CheckedCandidate>> own_functions_alone(Workbench& bench,
                                                               const std::vector<core::Specification>& specs) {
  std::vector<std::vector<CheckedCandidate>> candidates;
  for (const auto& spec : specs) {
    auto own = own_functions(bench.runtime, bench.requirement, spec);
    if (own.empty() && may_tell_their_form(bench.requirement)) {
      throw base::Error(base::ErrorCode::Unsupported, "pipeline.generate",
                        "gpiot has no function of its own for these frames: got no form that tells the labelled ones, "
                        "expected verdicts by the first check that fails, a number at one place or in a tagged field, "
                        "or starts of frames with a length",
                        "look for wrong labels, or leave out --no-model");
    }
    if (own.empty()) {
      throw base::Error(
          base::ErrorCode::Unsupported, "pipeline.generate",
          fmt::format("gpiot has no function of its own for '{}': expected inputs that are numbers, and the "
                      "packages numpy and sklearn",
                      spec.subtask.name),
          "add sklearn to packages in requirement.md, or leave out --no-model");
    }
    candidates.push_back(std::move(own));
  }
  return candidates;
}

std::vector<std::vector<CheckedCandidate>> functions_of_model(Workbench& bench,
                                                              const std::vector<core::Specification>& specs) {
  const int samples = bench.options.samples * times_of(bench, specs);
  bench.say("generate", "start",
            fmt::format("{} samples of each of {} functions, in one batch", samples, specs.size()));
  const auto answers = agents::generate(*bench.roles.cgslm, bench.prompts, bench.requirement, specs, samples,
                                        bench.options.seed, bench.options.temperature, listen(bench, "generate"),
                                        bench.cancel, {}, find_references(bench, subtasks_of(specs)));
  bench.cancel.throw_if_cancelled("pipeline.generate");
  std::vector<std::vector<CheckedCandidate>> candidates;
  for (const auto& step : answers) {
    const auto i = candidates.size();
    const std::string prompt(agents::generate_prompt(bench.requirement, specs[i]));
    candidates.emplace_back();
    // First, so that a chain of nothing else is among the first that are tried.
    if (bench.options.own_functions) candidates.back() = own_functions(bench.runtime, bench.requirement, specs[i]);
    for (std::size_t k = 0; k < step.size(); ++k) {
      keep_record(bench, "generate", *bench.roles.cgslm, record_of(bench, prompt, step[k]));
      candidates.back().push_back(unchecked(step[k], fmt::format("sample {}", k + 1)));
    }
  }
  return candidates;
}

}  // namespace

void run_generate(Workbench& bench) {
  std::string specs_sha256;
  const auto specs = load_specs(bench, &specs_sha256);
  TrialRunner trials(*bench.runner, bench.runtime);
  auto store = load_candidates(bench.project);
  if (!store || store->specs_sha256 != specs_sha256 || store->candidates.size() != specs.size()) {
    store = CandidateStore{specs_sha256, own_plan_functions(bench, trials, specs)};
    const bool alone = bench.roles.none() || is_own_learned(bench, specs);
    if (store->candidates.empty() && alone) store->candidates = own_functions_alone(bench, specs);
    if (store->candidates.empty()) store->candidates = functions_of_model(bench, specs);
    save(*store, bench.project);
  }
  check_new(bench, trials, specs, *store);
  save(*store, bench.project);
  for (std::size_t i = 0; i < specs.size(); ++i) {
    bench.say("generate", "note",
              fmt::format("{}: {} of {} samples pass their checks", specs[i].subtask.identifier,
                          passed(store->candidates[i]), store->candidates[i].size()));
  }
  mend_failed_steps(bench, trials, specs, *store);
  const auto chosen = choose_and_calibrate(bench, specs, *store);
  save(chosen, bench.project);
  const auto own = own_among(chosen.steps, specs);
  if (!own.empty()) {
    bench.say("generate", "note",
              fmt::format("chosen: {} {} gpiot's own, not the model's (--no-own-functions does without)",
                          base::join(own, ", "), own.size() == 1 ? "is" : "are"));
  }
  bench.say("generate", "done", "chosen by running on the development part: " + base::printable(chosen.summary),
            {{"own_functions", own},
             {"valid", chosen.valid},
             {"objective", chosen.objective},
             {"calibrated", chosen.calibrated.size()}});
}

}  // namespace gpiot::pipeline
