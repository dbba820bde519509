#include "gpiot/pipeline/synthesize.h"

#include <fmt/format.h>

#include <set>

#include "gpiot/base/error.h"
#include "gpiot/base/files.h"
#include "gpiot/base/hash.h"
#include "gpiot/base/strings.h"
#include "gpiot/pipeline/freshness.h"
#include "gpiot/pipeline/preflight.h"
#include "gpiot/pipeline/stage_generate.h"
#include "gpiot/pipeline/work_out.h"

namespace gpiot::pipeline {
namespace {

constexpr std::string_view kWhere = "pipeline.synthesize";

/// `.gpiot/finished.json`: what the last finished synthesis was made of.
std::filesystem::path finished_path(const Workbench& bench) { return bench.project / ".gpiot" / "finished.json"; }

/// The result of a synthesis that is over, where the requirement and app/ are still those it was made of.
std::optional<SynthesisResult> finished_result(const Workbench& bench) try {
  if (!std::filesystem::exists(finished_path(bench))) return std::nullopt;
  const auto facts =
      base::parse_json(base::read_file(finished_path(bench), kWhere), kWhere, finished_path(bench).string());
  if (facts.value("requirement_sha256", "") != bench.requirement_sha256) return std::nullopt;
  if (facts.value("data_sha256", "") != data_state(bench.requirement, bench.project)) return std::nullopt;
  const auto development = past_measurement(bench, facts.value("development_run", 0));
  const auto final_part = past_measurement(bench, facts.value("final_run", 0));
  if (!development || !final_part) return std::nullopt;
  if (!facts.value("model_asked", true) && !bench.roles.none() && !development->accepted) {
    bench.say("synthesize", "note", "gpiot's own functions alone were not good enough: the model is asked now");
    return std::nullopt;
  }
  return SynthesisResult{*development, *final_part, facts.value("repair_rounds", 0), true};
} catch (const std::exception&) {
  // A damaged record of the end only costs the work of measuring again.
  return std::nullopt;
}

double rank(const Measurement& m) {
  // The measured figure is bounded below: a bad but whole result stays above a broken one.
  return (m.accepted ? 10 : 0) + (m.contract ? 5 : 0) + std::max(m.objective, -4.0);
}

/// The sub-task to ask again: the one that raised, else the last steps in turn, since they decide what is reported.
std::size_t step_at_fault(const ChosenChain& chosen, std::size_t steps, int round) {
  if (chosen.failed_step >= 0 && static_cast<std::size_t>(chosen.failed_step) < steps) {
    return static_cast<std::size_t>(chosen.failed_step);
  }
  return steps - 1 - static_cast<std::size_t>(round) % steps;
}

std::string problem_text(const ChosenChain& chosen, const Measurement& m) {
  if (!chosen.valid) return chosen.summary;
  return m.problem;
}

}  // namespace

Measurement run_repair(Workbench& bench, Measurement current, int* rounds_done) {
  std::string specs_sha256;
  const auto specs = load_specs(bench, &specs_sha256);
  std::set<std::string> seen;
  for (int round = 0; round < bench.options.repair_rounds && !current.accepted && !bench.roles.none(); ++round) {
    bench.cancel.throw_if_cancelled("pipeline.repair");
    auto store = load_candidates(bench.project);
    auto chosen = load_chosen(bench.project);
    if (!store || !chosen) break;
    const auto step = step_at_fault(*chosen, specs.size(), round);
    const auto problem = problem_text(*chosen, current);
    if (!seen.insert(std::to_string(step) + problem).second) {
      bench.say("repair", "note", "the same problem came back: stopping early");
      break;
    }
    bench.say("repair", "start",
              fmt::format("round {} of {}: sub-task {} ({}): {}", round + 1, bench.options.repair_rounds, step + 1,
                          specs[step].subtask.name, base::printable(problem).substr(0, 200)));
    TrialRunner trials(*bench.runner, bench.runtime);
    add_repairs(bench, trials, specs, *store, step, chosen->codes[step], problem, fmt::format("round {}", round + 1));
    const auto next = choose_and_calibrate(bench, specs, *store);
    *rounds_done = round + 1;
    const bool gained = next.valid && (!chosen->valid || next.objective > chosen->objective + 1e-6);
    if (!gained) {
      bench.say("repair", "note", "no better version: the one before is kept");
      continue;
    }
    save(next, bench.project);
    run_assemble(bench);
    const auto measured = measure_app(bench, Part::Development);
    if (rank(measured) > rank(current)) {
      current = measured;
    } else {
      bench.say("repair", "note", "the whole records measure no better: the version before is kept");
      save(*chosen, bench.project);
      run_assemble(bench);
    }
  }
  return current;
}

SynthesisResult synthesize(Workbench& bench, std::optional<Stage> from) {
  const auto redo = [&](Stage stage) { return from && *from <= stage; };
  if (const auto finished = from ? std::nullopt : finished_result(bench)) {
    if (specs_are_fresh(bench) && chosen_is_fresh(bench)) {
      bench.say("synthesize", "done",
                "finished already: the result stands; '--from STAGE' redoes a stage and all after it");
      return *finished;
    }
  }
  check_feasible(bench);
  SynthesisResult result;
  if (redo(Stage::Decompose) || !is_fresh(bench, "subtasks.md", bench.requirement_sha256)) run_decompose(bench);
  const auto measured = work_out_plans(bench, from);
  run_assemble(bench);
  result.development = measured ? *measured : measure_app(bench, Part::Development);
  if (!result.development.accepted) {
    result.development = run_repair(bench, result.development, &result.repair_rounds);
  }
  result.final_part = measure_app(bench, Part::Final);
  base::write_file_atomic(finished_path(bench),
                          base::dump_json({{"requirement_sha256", bench.requirement_sha256},
                                           {"file_sha256", base::sha256_file(bench.project / "requirement.md", kWhere)},
                                           {"data_sha256", data_state(bench.requirement, bench.project)},
                                           {"development_run", result.development.run},
                                           {"final_run", result.final_part.run},
                                           {"repair_rounds", result.repair_rounds},
                                           {"model_asked", !bench.roles.none()},
                                           {"accepted", result.final_part.accepted}},
                                          1) +
                              "\n",
                          kWhere);
  return result;
}

}  // namespace gpiot::pipeline
