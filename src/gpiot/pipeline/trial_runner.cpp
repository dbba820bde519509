#include "gpiot/pipeline/trial_runner.h"

#include <functional>
#include <optional>

#include "gpiot/agents/learner.h"
#include "gpiot/base/error.h"
#include "gpiot/base/strings.h"

namespace gpiot::pipeline {
namespace {

using base::Json;

constexpr double kCandidateLimitS = 8;
constexpr double kTrialLimitS = 20;

/// The script's answer, or the reason why there is none. The text comes from a process that ran untrusted code.
Json run_script(core::ProgramRunner& runner, const std::filesystem::path& runtime, const std::string& script,
                std::vector<std::string> extra, const Json& job, const std::filesystem::path& view, double wall_s,
                const base::CancelToken& cancel) {
  core::RunRequest request;
  request.arguments = {"/app/" + script};
  request.arguments.insert(request.arguments.end(), extra.begin(), extra.end());
  request.arguments.insert(request.arguments.end(), {"--out", "/out/answer.json"});
  request.mounts.push_back({runtime, "/app"});
  if (!view.empty()) request.mounts.push_back({view, "/data"});
  request.stdin_text = base::dump_json(job);
  request.collect = {"answer.json"};
  request.collect_limit_bytes = 256ULL << 20;
  request.limits.wall_ms = static_cast<std::int64_t>(wall_s * 1000);
  request.limits.cpu_ms = 2 * request.limits.wall_ms;
  request.limits.disk_bytes = 512ULL << 20;
  const auto outcome = runner.run(request, cancel);
  cancel.throw_if_cancelled("pipeline.trial");
  const auto answer = outcome.files.find("answer.json");
  if (answer == outcome.files.end()) {
    return Json{{"failed", std::string(core::name(outcome.ending)) + ", exit " + std::to_string(outcome.exit_code) +
                               ": " + outcome.stderr_text.substr(0, 600)}};
  }
  try {
    return base::parse_json(answer->second, "pipeline.trial", "the answer of " + script);
  } catch (const base::Error& error) {
    return Json{{"failed", error.what()}};
  }
}

bool has_failed(const Json& answer) { return answer.is_object() && answer.contains("failed"); }

/// Asks for the items [first, last) at once, and hands each part with its answer to `take`. A batch that gives no
/// answer is asked again in halves, so that one function that brings its whole process down (memory, processes, the
/// parent killed) does not take the others with it; unless not even the empty batch gives one.
class PartedBatch {
 public:
  using Ask = std::function<Json(std::size_t first, std::size_t last)>;
  using Take = std::function<void(std::size_t first, std::size_t last, const Json& answer)>;
  PartedBatch(Ask ask, Take take) : ask_(std::move(ask)), take_(std::move(take)) {}

  void run(std::size_t first, std::size_t last) {
    const Json answer = ask_(first, last);
    const bool divisible = last - first > 1 && has_failed(answer);
    if (!divisible || !works()) return take_(first, last, answer);
    const auto middle = first + (last - first) / 2;
    run(first, middle);
    run(middle, last);
  }

 private:
  bool works() {
    if (!works_) works_ = !has_failed(ask_(0, 0));
    return *works_;
  }

  Ask ask_;
  Take take_;
  std::optional<bool> works_;
};

std::string text_of(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

double number_of(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number() ? found->get<double>() : 0;
}

bool flag_of(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_boolean() && found->get<bool>();
}

std::vector<Constant> constants_of(const Json& report) {
  std::vector<Constant> constants;
  const auto found = report.find("constants");
  if (found == report.end() || !found->is_array()) return constants;
  for (const auto& item : *found) {
    if (!item.is_object()) continue;
    constants.push_back({static_cast<int>(number_of(item, "line")), static_cast<int>(number_of(item, "column")),
                         static_cast<int>(number_of(item, "end_column")), number_of(item, "value"),
                         flag_of(item, "integer"), text_of(item, "label")});
  }
  return constants;
}

Json names_of(const std::vector<core::Variable>& variables) {
  Json names = Json::array();
  for (const auto& variable : variables) names.push_back(variable.name);
  return names;
}

Json variables_of(const std::vector<core::Variable>& variables) {
  Json list = Json::array();
  for (const auto& variable : variables) list.push_back(to_json(variable));
  return list;
}

Json candidate_of(const CandidateJob& job, const std::vector<core::Specification>& specs, std::size_t index) {
  const auto& spec = specs.at(job.spec);
  return {{"id", std::to_string(index)},
          {"code", job.code},
          {"function", spec.subtask.identifier},
          {"steps", base::join(spec.subtask.steps, "\n")},
          {"inputs", variables_of(spec.inputs)},
          {"outputs", variables_of(spec.outputs)},
          {"as_it_is", job.as_it_is}};
}

CandidateReport report_of(const Json& answer, std::size_t index) {
  CandidateReport report;
  const auto found = answer.find(std::to_string(index));
  if (found == answer.end() || !found->is_object()) {
    report.kind = "crash";
    report.problem = "the check gave no answer: " + text_of(answer, "failed");
    return report;
  }
  report.ok = flag_of(*found, "ok");
  report.kind = text_of(*found, "kind");
  report.problem = text_of(*found, "problem");
  report.constants = constants_of(*found);
  report.mended_code = text_of(*found, "code");
  for (const auto& check : found->value("passed", Json::array())) {
    if (check.is_string()) report.passed.push_back(check.get<std::string>());
  }
  return report;
}

TrialOutcome outcome_of(const Json& answer, std::size_t index) {
  TrialOutcome outcome;
  const auto answers = answer.find("answers");
  if (answers == answer.end() || !answers->is_array() || index >= answers->size() || !(*answers)[index].is_object()) {
    outcome.problem = "the trial gave no answer: " + text_of(answer, "failed");
    return outcome;
  }
  const auto& one = (*answers)[index];
  outcome.ok = flag_of(one, "ok");
  outcome.step = static_cast<int>(number_of(one, "step"));
  outcome.problem = text_of(one, "problem");
  outcome.wall_s = number_of(one, "wall_s");
  const auto results = one.find("results");
  if (results == one.end() || !results->is_object()) return outcome;
  for (const auto& [record, value] : results->items()) outcome.results[record] = value;
  return outcome;
}

}  // namespace

Excerpt excerpt_of(std::int64_t record_samples, std::int64_t excerpt_samples) {
  if (excerpt_samples <= 0 || record_samples <= excerpt_samples) return {0, record_samples};
  return {(record_samples - excerpt_samples) / 2, excerpt_samples};
}

Json to_json(const core::Variable& variable) {
  return Json{{"name", variable.name},   {"type", variable.type}, {"dtype", variable.dtype},
              {"shape", variable.shape}, {"unit", variable.unit}, {"description", variable.description}};
}

Json about(const core::Requirement& requirement) {
  return {{"title", requirement.title},
          {"statement", requirement.statement},
          {"rate_hz", requirement.data.rate_hz},
          {"events", requirement.result.kind == "events" ? requirement.result.variable.name : ""},
          {"inputs", variables_of(requirement.data.inputs)}};
}

std::vector<CandidateReport> TrialRunner::check(const std::vector<CandidateJob>& jobs,
                                                const std::vector<core::Specification>& specs,
                                                const core::Requirement& requirement, const base::CancelToken& cancel) {
  std::vector<CandidateReport> reports(jobs.size());
  const auto ask = [&](std::size_t first, std::size_t last) {
    Json job = {{"packages", requirement.packages},
                {"seed", 1},
                {"time_limit_s", kCandidateLimitS},
                {"about", about(requirement)},
                {"candidates", Json::array()}};
    for (std::size_t i = first; i < last; ++i) job["candidates"].push_back(candidate_of(jobs[i], specs, i));
    const double wall_s = 30 + kCandidateLimitS * static_cast<double>(last - first);
    return run_script(runner_, runtime_, "check_candidates.py", {}, job, {}, wall_s, cancel);
  };
  const auto take = [&](std::size_t first, std::size_t last, const Json& answer) {
    for (std::size_t i = first; i < last; ++i) reports[i] = report_of(answer, i);
  };
  PartedBatch(ask, take).run(0, jobs.size());
  return reports;
}

TrialBatch TrialRunner::run(const std::vector<std::string>& codes, const std::vector<std::vector<int>>& trials,
                            const std::vector<core::Specification>& specs, const std::string& result,
                            const std::filesystem::path& view, std::int64_t excerpt_samples,
                            const base::CancelToken& cancel) {
  Json job = {{"codes", codes},
              {"steps", Json::array()},
              {"result", result},
              {"trials", Json::array()},
              {"excerpt_samples", excerpt_samples},
              {"time_limit_s", kTrialLimitS}};
  job["learned"] = !specs.empty() && agents::is_learner(specs.back());
  for (const auto& spec : specs) {
    job["steps"].push_back({{"function", spec.subtask.identifier},
                            {"inputs", names_of(spec.inputs)},
                            {"outputs", names_of(spec.outputs)}});
  }
  TrialBatch batch{.excerpt_samples = excerpt_samples, .outcomes = {}};
  batch.outcomes.resize(trials.size());
  const auto ask = [&](std::size_t first, std::size_t last) {
    job["trials"] = Json::array();
    for (std::size_t i = first; i < last; ++i) job["trials"].push_back(trials[i]);
    const double wall_s = 60 + kTrialLimitS * static_cast<double>(last - first);
    return run_script(runner_, runtime_, "trials.py", {"--data", "/data"}, job, view, wall_s, cancel);
  };
  const auto take = [&](std::size_t first, std::size_t last, const Json& answer) {
    for (std::size_t i = first; i < last; ++i) batch.outcomes[i] = outcome_of(answer, i - first);
  };
  PartedBatch(ask, take).run(0, trials.size());
  return batch;
}

Json TrialRunner::look(const std::string& script, const Json& job, const std::filesystem::path& view, double wall_s,
                       const base::CancelToken& cancel) {
  return run_script(runner_, runtime_, script, {"--data", "/data"}, job, view, wall_s, cancel);
}

}  // namespace gpiot::pipeline
