#include "gpiot/pipeline/measure.h"

#include <fmt/format.h>

#include <algorithm>

#include "gpiot/base/error.h"
#include "gpiot/base/files.h"
#include "gpiot/base/hash.h"
#include "gpiot/base/strings.h"
#include "gpiot/eval/budget.h"
#include "gpiot/eval/evaluation.h"
#include "gpiot/pipeline/export_app.h"
#include "gpiot/pipeline/fixture_score.h"
#include "gpiot/pipeline/leaks.h"
#include "gpiot/pipeline/report_pictures.h"
#include "gpiot/pipeline/user_evaluator.h"
#include "gpiot/pipeline/wrong_answers.h"

namespace gpiot::pipeline {
namespace {

namespace fs = std::filesystem;
using base::Json;

constexpr std::string_view kWhere = "pipeline.run";
constexpr std::string_view kResultFile = "result.jsonl";

fs::path next_run_folder(const fs::path& project, int* number) {
  int last = 0;
  std::error_code failure;
  for (const auto& entry : fs::directory_iterator(project / "runs", failure)) {
    last = std::max(last, std::atoi(entry.path().filename().c_str()));
  }
  *number = last + 1;
  return project / "runs" / fmt::format("{:04}", *number);
}

Json hashes_of(const fs::path& folder) {
  Json hashes = Json::object();
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const bool is_compiled = entry.path().parent_path().filename() == "__pycache__";  // who ran it has left it there
    if (entry.is_regular_file() && !is_compiled && !is_exported(entry.path())) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  for (const auto& file : files) {
    hashes[fs::relative(file, folder).string()] = base::sha256_hex(base::read_file(file, kWhere));
  }
  return hashes;
}

/// Limits of the measured run: beyond its budget a program is let go on a little, so that the figure says by how
/// much it fails, and a budget above the usual limits may be used up.
core::ResourceLimits limits_of(const core::Budget& budget) {
  constexpr double kMostWallMs = 7 * 24 * 3600e3;
  constexpr double kLeastBytes = 512e6;
  constexpr double kMostBytes = 1e15;
  core::ResourceLimits limits;
  if (budget.wall_s) {
    limits.wall_ms = static_cast<std::int64_t>(std::min(1000 + 1500 * *budget.wall_s, kMostWallMs));
    limits.cpu_ms = 2 * limits.wall_ms;
  }
  if (budget.memory_mb) {
    limits.memory_bytes = static_cast<std::uint64_t>(std::clamp(2e6 * *budget.memory_mb, kLeastBytes, kMostBytes));
  }
  return limits;
}

/// A copy of app/ as it ran. Errors: Io.
void keep_app(const fs::path& app, const fs::path& copy) {
  std::error_code failure;
  fs::create_directories(copy, failure);
  if (failure) throw base::io_error(kWhere, "cannot make the folder " + copy.string(), failure.value());
  for (const auto& entry : fs::recursive_directory_iterator(app)) {
    if (!entry.is_regular_file()) continue;
    const auto target = copy / fs::relative(entry.path(), app);
    fs::create_directories(target.parent_path(), failure);
    base::copy_file(entry.path(), target, kWhere);
  }
}

/// Writes runs/NNNN: the report, its page, the result and a copy of app/. Errors: Io; then nothing is left of it.
void keep_run(const Workbench& bench, const fs::path& folder, const Json& report, const ReportPictures& pictures,
              const std::string* result) try {
  keep_app(bench.project / "app", folder / "app");
  if (result != nullptr) base::write_file_atomic(folder / kResultFile, *result, kWhere);
  base::write_file_atomic(folder / "report.html", report_page(report, pictures), kWhere);
  base::write_file_atomic(folder / "report.json", base::dump_json(report, 1) + "\n", kWhere);
} catch (const base::Error&) {
  std::error_code ignored;
  fs::remove_all(folder, ignored);
  throw;
}

std::string how_it_ended(const core::RunOutcome& outcome) {
  auto text = fmt::format("{} (exit {})", core::name(outcome.ending), outcome.exit_code);
  const auto tail = outcome.stderr_text.size() > 1500 ? outcome.stderr_text.substr(outcome.stderr_text.size() - 1500)
                                                      : outcome.stderr_text;
  if (!base::trim(tail).empty()) text += ":\n" + base::printable(tail);
  return text;
}

Json run_facts(const core::RunOutcome& outcome) {
  return {{"ending", std::string(core::name(outcome.ending))},
          {"exit_code", outcome.exit_code},
          {"wall_ms", outcome.wall_ms},
          {"cpu_ms", outcome.cpu_ms},
          {"peak_memory_bytes", outcome.peak_memory_bytes},
          {"memory_method", outcome.memory_method},
          {"sandbox_level", outcome.sandbox_level},
          {"output_cut", outcome.output_cut},
          {"claimed", base::printable(outcome.stdout_text.substr(0, 4000))},
          {"stderr", base::printable(outcome.stderr_text.substr(0, 4000))},
          {"refused", outcome.refused}};
}

/// Name and hash of the adapter, null for the base alone.
Json adapter_of(const core::TextGenerator& generator) {
  const auto identity = generator.identity();
  if (identity.adapter.empty()) return nullptr;
  return {{"name", identity.adapter}, {"sha256", identity.adapter_sha256}};
}

/// What report.json says of a run.
Json report_of(const Workbench& bench, Part part, const Measurement& m, const Json& evaluation,
               const eval::BudgetReport& budget, const core::RunOutcome& outcome) {
  Json prompts = Json::object();
  for (const auto& name : bench.prompts.names()) prompts[name] = bench.prompts.sha256(name);
  Json report = {{"schema", 1},
                 {"run", m.run},
                 {"part", part == Part::Final ? "final" : "development"},
                 {"accepted", m.accepted},
                 {"summary", m.summary},
                 {"problem", m.problem},
                 {"measured", evaluation},
                 {"budget", eval::to_json(budget)},
                 {"program", run_facts(outcome)},
                 {"sandbox", {{"level", outcome.sandbox_level}}},
                 {"seed", bench.options.seed},
                 {"samples", bench.options.samples},
                 {"requirement_sha256", bench.requirement_sha256},
                 {"prompts", prompts},
                 {"app", hashes_of(bench.project / "app")}};
  if (bench.roles.rtslm != nullptr && bench.roles.rtslm->is_loaded()) {
    report["prompt_tokens_fixed"] = agents::prompt_sizes(*bench.roles.rtslm, bench.prompts);
    const auto base = bench.roles.rtslm->identity();
    report["model"] = {{"name", base.name}, {"sha256", base.model_sha256}, {"backend", base.backend}};
    report["adapters"] = {{"tdslm", adapter_of(*bench.roles.tdslm)}, {"cgslm", adapter_of(*bench.roles.cgslm)}};
  }
  return report;
}

std::string summary_of(const eval::Evaluation& measured) {
  return measured.measured() ? measured.summary() : "accuracy: " + measured.accuracy;
}

/// The events within the excerpt, counted from its start.
std::vector<std::int64_t> within(const std::vector<std::int64_t>& events, std::int64_t start, std::int64_t length) {
  std::vector<std::int64_t> shifted;
  for (const auto event : events) {
    if (event >= start && event < start + length) shifted.push_back(event - start);
  }
  return shifted;
}

/// The same for intervals: their parts within the excerpt.
std::vector<eval::Interval> within(const std::vector<eval::Interval>& intervals, std::int64_t start,
                                   std::int64_t length) {
  std::vector<eval::Interval> shifted;
  for (const auto& [first, last] : intervals) {
    if (last < start || first >= start + length) continue;
    shifted.push_back({std::max<std::int64_t>(0, first - start), std::min(last - start, length - 1)});
  }
  return shifted;
}

}  // namespace

core::RunOutcome import_cost(const Workbench& bench) {
  core::RunRequest request;
  request.arguments = {"/app/import_cost.py"};
  for (const auto& package : bench.requirement.packages) {
    request.arguments.push_back(package == "scipy"     ? "scipy.signal"
                                : package == "sklearn" ? "sklearn.ensemble"
                                                       : package);
  }
  if (bench.requirement.data.format == "wfdb" && !core::is_table(bench.requirement)) {
    request.arguments.push_back("wfdb");
  }
  request.mounts = {{bench.runtime, "/app"}};
  auto cost = bench.runner->run(request, bench.cancel);
  // The first start reads the packages from the disk: only a second one says what they take.
  const auto& wall_s = bench.requirement.budget.wall_s;
  if (wall_s && cost.wall_ms >= 1000 * *wall_s) cost = bench.runner->run(request, bench.cancel);
  bench.cancel.throw_if_cancelled("pipeline.imports");
  if (!cost.ok()) {
    const auto lines = base::split_lines(base::trim(cost.stderr_text));
    throw base::Error(
        base::ErrorCode::Unsupported, "pipeline.imports",
        fmt::format("a package cannot be imported: got {}, expected all of: {}",
                    lines.empty() ? std::string(core::name(cost.ending)) : base::printable(lines.back()).substr(0, 300),
                    base::join(bench.requirement.packages, ", ")),
        "take it out of packages in requirement.md; 'gpiot doctor' lists those that are there");
  }
  eval::check_budget_possible(bench.requirement.budget, cost);
  return cost;
}

TrialScorer make_scorer(const Workbench& bench, PartData data, const core::Requirement& requirement) {
  auto safe = requirement;
  safe.evaluator = core::with_margin(requirement.evaluator, core::kSafe);
  auto ample = requirement;
  ample.evaluator = core::with_margin(requirement.evaluator, core::kAmple);
  return [=, &bench, data = std::move(data)](const TrialBatch& batch, const TrialOutcome& outcome) {
    TrialScore score;
    score.summary = outcome.problem;
    if (!outcome.ok) return score;
    auto cut_facts = data.records;
    auto cut_truth = data.truth;
    std::string lines;
    for (auto& record : cut_facts) {
      const auto value = outcome.results.find(record.id);
      if (value == outcome.results.end()) continue;
      const auto [start, samples] = excerpt_of(record.samples, batch.excerpt_samples);
      record.samples = samples;
      if (const auto truth = cut_truth.events.find(record.id); truth != cut_truth.events.end()) {
        truth->second = within(truth->second, start, samples);
      }
      if (const auto truth = cut_truth.intervals.find(record.id); truth != cut_truth.intervals.end()) {
        truth->second = within(truth->second, start, samples);
      }
      lines += base::dump_json({{"record", record.id}, {requirement.result.variable.name, value->second}}) + "\n";
    }
    auto measured = eval::evaluate(requirement, cut_facts, cut_truth, lines);
    apply_user_evaluator(bench, cut_truth, measured);
    score.valid = measured.contract.ok();
    if (!score.valid) {
      score.summary = base::join(eval::findings(measured), "; ").substr(0, 500);
      return score;
    }
    score.reached = measured.passed();
    const bool own_figure = requirement.evaluator.kind == "file";
    score.safe = score.reached && (own_figure || eval::evaluate(safe, cut_facts, cut_truth, lines).passed());
    score.ample = score.safe && !own_figure && measured.thresholds_met().has_value() &&
                  eval::evaluate(ample, cut_facts, cut_truth, lines).passed();
    score.objective = measured.objective();
    score.summary =
        measured.measured() ? measured.summary() : "the output keeps the contract; accuracy: " + measured.accuracy;
    return score;
  };
}

std::optional<Measurement> past_measurement(const Workbench& bench, int run) {
  const auto path = bench.project / "runs" / fmt::format("{:04}", run) / "report.json";
  if (!fs::exists(path) || !fs::exists(bench.project / "app")) return std::nullopt;
  Measurement m;
  m.run = run;
  m.report = base::parse_json(base::read_file(path, kWhere), kWhere, path.string());
  if (m.report.value("app", Json::object()) != hashes_of(bench.project / "app")) return std::nullopt;
  m.accepted = m.report.value("accepted", false);
  m.summary = m.report.value("summary", "");
  m.problem = m.report.value("problem", "");
  return m;
}

Measurement measure_app(Workbench& bench, Part part) {
  const bool is_final = part == Part::Final;
  const std::string stage = is_final ? "final" : "run";
  const auto data = make_part(bench, part);
  bench.say(stage, "start",
            fmt::format("app/ in the sandbox on {} records of the {} part", data.records.size(),
                        is_final ? "final" : "development"));
  const auto imports = import_cost(bench).peak_memory_bytes;

  core::RunRequest request;
  request.arguments = {"/app/main.py", "--data", "/data", "--out", "/out/" + std::string(kResultFile)};
  request.mounts = {{bench.project / "app", "/app"}, {data.view, "/data"}};
  request.collect = {std::string(kResultFile)};
  request.limits = limits_of(bench.requirement.budget);
  const auto outcome = bench.runner->run(request, bench.cancel);
  bench.cancel.throw_if_cancelled(kWhere);

  Measurement m;
  Json evaluation;
  ReportPictures pictures;
  const auto result = outcome.files.find(std::string(kResultFile));
  if (!outcome.ok() || result == outcome.files.end()) {
    const bool silent = outcome.ok();
    m.problem =
        how_it_ended(outcome) + (silent ? "\nno result: expected one line for each record in the file --out" : "");
    m.summary =
        silent ? std::string("the program ended without a result")
               : fmt::format("the program did not finish: {}, exit {}", core::name(outcome.ending), outcome.exit_code);
  } else {
    auto measured = eval::evaluate(bench.requirement, data.records, data.truth, result->second);
    apply_user_evaluator(bench, data.truth, measured);
    evaluation = eval::to_json(measured);
    pictures = pictures_of(bench, data, measured);
    const auto leaks = find_leaks(bench, data, measured);
    evaluation["doubts"] = to_json(leaks);
    for (const auto& leak : leaks) bench.say(stage, "note", fmt::format("doubt ({}): {}", leak.kind, leak.text));
    m.contract = measured.contract.ok();
    if (measured.measured()) m.objective = measured.objective();
    m.summary = summary_of(measured);
    if (const auto score = score_on_fixture(bench); !score.is_null()) {
      evaluation["fixture"] = score;
      m.summary += "; " + fixture_summary(score);
    }
    auto findings = eval::findings(measured);
    if (part == Part::Development && !measured.passed()) {
      for (auto& line : wrong_answers(bench.requirement, data, result->second)) findings.push_back(std::move(line));
    }
    m.problem = base::join(findings, "\n");
    m.accepted = measured.passed();
  }
  const auto budget = eval::check_budget(bench.requirement.budget, outcome, imports);
  m.within_budget = budget.within();
  if (!m.within_budget) {
    m.accepted = false;
    m.problem += (m.problem.empty() ? "" : "\n") + base::join(budget.breaches, "\n");
  }
  m.summary +=
      fmt::format("; {} peak memory, {} wall", base::human_bytes(static_cast<double>(outcome.peak_memory_bytes)),
                  base::human_seconds(outcome.wall_ms / 1000));
  const auto folder = next_run_folder(bench.project, &m.run);
  m.report = report_of(bench, part, m, evaluation, budget, outcome);
  keep_run(bench, folder, m.report, pictures, result == outcome.files.end() ? nullptr : &result->second);
  bench.say(stage, "done", m.summary, {{"run", m.run}, {"accepted", m.accepted}});
  return m;
}

}  // namespace gpiot::pipeline
