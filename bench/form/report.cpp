#include "report.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <set>

namespace gpiot::bench {
namespace {

double rounded(double value, double digits) { return std::round(value * digits) / digits; }

template <class Rule>
base::Json share(std::span<const FormRow> rows, Rule rule) {
  if (rows.empty()) return nullptr;
  const auto count = std::ranges::count_if(rows, [&](const FormRow& row) { return std::invoke(rule, row); });
  return rounded(static_cast<double>(count) / static_cast<double>(rows.size()), 1e4);
}

base::Json shares(std::span<const FormRow> rows) {
  return {{"fcr_file", share(rows, [](const FormRow& row) { return row.form_file.empty(); })},
          {"fcr_raw", share(rows, [](const FormRow& row) { return row.form_raw.empty(); })},
          {"fcr_first", share(rows, [](const FormRow& row) { return row.form_first.empty(); })},
          {"specs_parse", share(rows, &FormRow::specs_parse)},
          {"chain_unmended", share(rows, &FormRow::chain_unmended)},
          {"chain_mended", share(rows, &FormRow::chain_mended)},
          {"plan_without_faults",
           share(rows, [](const FormRow& row) { return !row.subtasks.empty() && row.plan_faults.empty(); })}};
}

/// Kind -> how often, over all rows.
std::map<std::string, int> kinds(std::span<const FormRow> rows, std::vector<RowProblem> FormRow::* problems) {
  std::map<std::string, int> counts;
  for (const auto& row : rows) {
    for (const auto& problem : row.*problems) ++counts[problem.kind];
  }
  return counts;
}

/// Number of sub-tasks -> number of rows; "0" are rows without a plan.
std::map<std::string, int> subtask_counts(std::span<const FormRow> rows) {
  std::map<std::string, int> counts;
  for (const auto& row : rows) ++counts[std::to_string(row.subtasks.size())];
  return counts;
}

base::Json totals(std::span<const FormRow> rows, const std::vector<base::Json>& sessions) {
  AskedCounts sum;
  std::size_t faults = 0;
  double wall_s = 0;
  for (const auto& row : rows) {
    sum.answers += row.asked.answers;
    sum.prompt_tokens += row.asked.prompt_tokens;
    sum.completion_tokens += row.asked.completion_tokens;
    faults += row.plan_faults.size();
  }
  for (const auto& session : sessions) wall_s += session.value("wall_s", 0.0);
  return {{"problems_unmended", kinds(rows, &FormRow::unmended)},
          {"problems_mended", kinds(rows, &FormRow::left)},
          {"plan_faults", faults},
          {"subtasks", subtask_counts(rows)},
          {"answers", sum.answers},
          {"prompt_tokens", sum.prompt_tokens},
          {"completion_tokens", sum.completion_tokens},
          {"wall_s", rounded(wall_s, 10)},
          {"tokens_per_s", wall_s > 0 ? base::Json(rounded(sum.completion_tokens / wall_s, 10)) : base::Json(nullptr)}};
}

}  // namespace

base::Json session_json(const FormRun& run, const FormSettings& settings, int parallel, const std::string& backend,
                        const std::string& commit) {
  return {{"commit", commit},
          {"backend", backend},
          {"parallel", parallel},
          {"workers", settings.workers},
          {"rows_made", run.rows.size()},
          {"rows_failed", run.failed.size()},
          {"stopped", run.cancelled},
          {"joined_calls", run.joined_calls},
          {"wall_s", rounded(run.wall_s, 10)}};
}

base::Json report_json(const ReportFacts& facts, std::span<const FormRow> rows, std::span<const FailedRow> failed,
                       const std::vector<base::Json>& sessions) {
  std::set<std::string> commits;
  for (const auto& row : rows) commits.insert(row.commit);
  base::Json report = {{"bench", "form"},
                       {"commit", facts.source.commit},
                       {"changed", facts.source.changed},
                       {"row_commits", commits},
                       {"machine", facts.machine},
                       {"model", facts.key.model.name},
                       {"model_sha256", facts.key.model.model_sha256},
                       {"seed", facts.key.seed},
                       {"prompts", facts.key.prompts},
                       {"requirements_sha256", facts.requirements_sha256},
                       {"rows_wanted", facts.wanted},
                       {"rows", rows.size()},
                       {"complete", rows.size() == facts.wanted}};
  report.update(shares(rows));
  report.update(totals(rows, sessions));
  report["sessions"] = sessions;
  report["failed"] = base::Json::array();
  for (const auto& [id, code, message] : failed) {
    report["failed"].push_back({{"id", id}, {"code", std::string(base::info(code).name)}, {"message", message}});
  }
  report["results"] = base::Json::array();
  for (const auto& row : rows) report["results"].push_back(to_json(row));
  return report;
}

}  // namespace gpiot::bench
