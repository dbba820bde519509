#include "form_row.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "form_check.h"
#include "gpiot/agents/chain_check.h"
#include "gpiot/agents/decompose.h"
#include "gpiot/agents/spec_text.h"
#include "gpiot/agents/subtask_text.h"
#include "gpiot/base/error.h"

namespace gpiot::bench {
namespace {

std::string departure(std::string_view text) {
  const auto check = check_form(text);
  if (check.ok()) return {};
  return check.line > 0 ? fmt::format("line {}: {}", check.line, check.problem) : check.problem;
}

std::vector<RowProblem> problems_of(const core::Requirement& requirement,
                                    const std::vector<core::Specification>& specs) {
  std::vector<RowProblem> problems;
  for (const auto& problem : agents::check_chain(requirement, specs)) {
    problems.push_back({std::string(agents::name(problem.kind)), agents::is_warning(problem), problem.message});
  }
  return problems;
}

bool holds(const std::vector<RowProblem>& problems) { return std::ranges::all_of(problems, &RowProblem::warning); }

/// Fills what concerns the specifications, and their texts.
void judge_specs(const core::Requirement& requirement, std::vector<core::Specification> specs, FormRow& row) {
  row.unmended = problems_of(requirement, specs);
  row.chain_unmended = holds(row.unmended);
  row.mended = agents::mend_chain(requirement, specs);
  row.left = problems_of(requirement, specs);
  row.chain_mended = holds(row.left);
  row.specs_parse = true;
  for (std::size_t i = 0; i < specs.size(); ++i) {
    const std::string text = agents::to_markdown(specs[i]);
    row.specs_parse = row.specs_parse && agents::parse_specification(text).ok();
    row.texts[fmt::format("specs/{:02}-{}.md", i + 1, specs[i].subtask.identifier)] = text;
  }
}

base::Json to_json(const std::vector<RowProblem>& problems) {
  auto json = base::Json::array();
  for (const auto& [kind, warning, message] : problems) {
    json.push_back({{"kind", kind}, {"warning", warning}, {"message", message}});
  }
  return json;
}

std::vector<RowProblem> problems_from_json(const base::Json& json) {
  std::vector<RowProblem> problems;
  for (const auto& one : json) problems.push_back({one.at("kind"), one.at("warning"), one.at("message")});
  return problems;
}

FormRow read_row(const base::Json& json) {
  FormRow row;
  json.at("id").get_to(row.id);
  json.at("modality").get_to(row.modality);
  json.at("requirement_sha256").get_to(row.requirement_sha256);
  json.at("commit").get_to(row.commit);
  json.at("problem").get_to(row.problem);
  const auto& form = json.at("form_problems");
  form.at("file").get_to(row.form_file);
  form.at("raw").get_to(row.form_raw);
  form.at("first").get_to(row.form_first);
  json.at("subtasks").get_to(row.subtasks);
  json.at("plan_faults").get_to(row.plan_faults);
  json.at("specs_parse").get_to(row.specs_parse);
  json.at("chain_unmended").get_to(row.chain_unmended);
  json.at("chain_mended").get_to(row.chain_mended);
  row.unmended = problems_from_json(json.at("problems_unmended"));
  row.left = problems_from_json(json.at("problems_mended"));
  json.at("mended").get_to(row.mended);
  json.at("calls").get_to(row.asked.calls);
  json.at("answers").get_to(row.asked.answers);
  json.at("prompt_tokens").get_to(row.asked.prompt_tokens);
  json.at("completion_tokens").get_to(row.asked.completion_tokens);
  json.at("wall_s").get_to(row.wall_s);
  if (json.contains("texts")) json.at("texts").get_to(row.texts);
  return row;
}

}  // namespace

FormRow judge(const ListedRequirement& listed, const RoleAnswers& answers, const CountingGenerator& generator) {
  FormRow row;
  row.id = listed.id;
  row.modality = listed.modality;
  row.requirement_sha256 = listed.sha256;
  row.problem = answers.problem;
  const bool planned = !answers.subtasks.empty();
  const std::string written = agents::to_markdown(answers.subtasks);
  const std::string& raw = planned ? answers.plan_raw : generator.first_answer();
  row.form_file = planned ? departure(written) : "there is no plan";
  row.form_raw = departure(raw);
  row.form_first = departure(generator.first_answer());
  for (const auto& subtask : answers.subtasks) row.subtasks.push_back(subtask.name);
  row.plan_faults = agents::plan_faults(answers.subtasks);
  row.asked = generator.counts();
  row.texts = {{"first-answer.txt", generator.first_answer()}, {"kept-answer.txt", raw}};
  if (planned) row.texts["subtasks.md"] = written;
  if (!answers.specs.empty()) judge_specs(listed.requirement, answers.specs, row);
  return row;
}

base::Json to_json(const FormRow& row) {
  return {{"id", row.id},
          {"modality", row.modality},
          {"requirement_sha256", row.requirement_sha256},
          {"commit", row.commit},
          {"problem", row.problem},
          {"form_file", row.form_file.empty()},
          {"form_raw", row.form_raw.empty()},
          {"form_first", row.form_first.empty()},
          {"specs_parse", row.specs_parse},
          {"chain_unmended", row.chain_unmended},
          {"chain_mended", row.chain_mended},
          {"form_problems", {{"file", row.form_file}, {"raw", row.form_raw}, {"first", row.form_first}}},
          {"subtasks", row.subtasks},
          {"plan_faults", row.plan_faults},
          {"problems_unmended", to_json(row.unmended)},
          {"problems_mended", to_json(row.left)},
          {"mended", row.mended},
          {"calls", row.asked.calls},
          {"answers", row.asked.answers},
          {"prompt_tokens", row.asked.prompt_tokens},
          {"completion_tokens", row.asked.completion_tokens},
          {"wall_s", std::round(row.wall_s * 10) / 10}};
}

FormRow row_from_json(const base::Json& json) {
  try {
    return read_row(json);
  } catch (const base::Json::exception& error) {
    throw base::Error(base::ErrorCode::Format, "bench.row", error.what());
  }
}

}  // namespace gpiot::bench
