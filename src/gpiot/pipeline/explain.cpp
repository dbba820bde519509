#include "gpiot/pipeline/explain.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <optional>

#include "gpiot/base/error.h"
#include "gpiot/base/files.h"
#include "gpiot/base/hash.h"
#include "gpiot/base/json.h"
#include "gpiot/base/strings.h"
#include "gpiot/pipeline/candidate_store.h"
#include "gpiot/pipeline/freshness.h"
#include "gpiot/pipeline/plan_store.h"
#include "gpiot/pipeline/quoted_references.h"
#include "gpiot/project/project_state.h"
#include "gpiot/project/requirement_file.h"

namespace gpiot::pipeline {
namespace {

using base::Json;

/// The object on a line; none where a crash has cut it short: that one answer is lost, not the others.
std::optional<Json> object_of(const std::string& line) {
  try {
    auto object = base::parse_json(line, "pipeline.explain", "answers.jsonl");
    if (object.is_object()) return object;
  } catch (const base::Error&) {
    return std::nullopt;
  }
  return std::nullopt;
}

Json answers_of(const std::filesystem::path& project) {
  Json list = Json::array();
  const auto path = project / ".gpiot" / "answers.jsonl";
  if (!std::filesystem::exists(path)) return list;
  for (const auto& line : base::split_lines(base::read_file(path, "pipeline.explain"))) {
    auto answer = object_of(line);
    if (!answer) continue;
    answer->erase("answer");
    list.push_back(*answer);
  }
  return list;
}

Json runs_of(const std::filesystem::path& project) {
  std::vector<std::filesystem::path> reports;
  const auto folder = project / "runs";
  if (std::filesystem::exists(folder)) {
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      if (std::filesystem::exists(entry.path() / "report.json")) reports.push_back(entry.path() / "report.json");
    }
  }
  std::sort(reports.begin(), reports.end());
  Json list = Json::array();
  for (const auto& report : reports) {
    list.push_back(base::parse_json(base::read_file(report, "pipeline.explain"), "pipeline.explain", report.string()));
  }
  return list;
}

Json steps_of(const std::filesystem::path& project) {
  Json list = Json::array();
  const auto chosen = load_chosen(project);
  if (!chosen) return list;
  for (std::size_t i = 0; i < chosen->steps.size(); ++i) {
    const auto& step = chosen->steps[i];
    Json calibrated = Json::array();
    for (const auto& c : chosen->calibrated) {
      if (c.step == i) calibrated.push_back({{"label", c.label}, {"before", c.before}, {"after", c.after}});
    }
    list.push_back({{"step", i + 1},
                    {"origin", step.origin},
                    {"seed", step.seed},
                    {"checks_passed", step.report.passed},
                    {"calibrated", calibrated}});
  }
  return list;
}

Json plans_of(const std::filesystem::path& project) {
  Json list = Json::array();
  const auto store = load_plans(project);
  if (!store) return list;
  for (const auto& plan : store->plans) {
    Json json = {{"seed", plan.seed}, {"faults", plan.faults}, {"worked_out", plan.outcome.has_value()}};
    if (plan.outcome) {
      json["reached"] = plan.outcome->reached;
      json["summary"] = plan.outcome->summary;
    }
    list.push_back(json);
  }
  return list;
}

std::string plans_text(const Json& plans) {
  std::string text = plans.empty() ? "" : "Plans\n";
  for (std::size_t k = 0; k < plans.size(); ++k) {
    const auto& plan = plans[k];
    text += fmt::format("  {}. seed {}, faults seen {}: {}\n", k + 1, plan.at("seed").get<std::uint32_t>(),
                        plan.at("faults").get<std::size_t>(),
                        plan.at("worked_out").get<bool>()
                            ? base::printable(plan.at("summary").get<std::string>()).substr(0, 120)
                            : std::string("not worked out"));
  }
  return text;
}

/// "Fixed part of the prompts: decompose 512, ... tokens", from the last run that had a model.
std::string prompt_sizes_text(const Json& runs) {
  for (auto run = runs.rbegin(); run != runs.rend(); ++run) {
    const auto sizes = run->find("prompt_tokens_fixed");
    if (sizes == run->end() || !sizes->is_object()) continue;
    std::vector<std::string> parts;
    for (const auto& [name, tokens] : sizes->items()) parts.push_back(fmt::format("{} {}", name, tokens.get<int>()));
    return "Fixed part of each prompt, in tokens: " + base::join(parts, ", ") + "\n";
  }
  return "";
}

/// What was quoted for each sub-task, and whether the chosen code calls it.
Json references_of(const std::filesystem::path& project) {
  Json list = quoted_references(project);
  const auto chosen = load_chosen(project);
  for (std::size_t i = 0; i < list.size(); ++i) {
    const std::string code = chosen && i < chosen->codes.size() ? chosen->codes[i] : "";
    for (auto& reference : list[i]["references"]) {
      const std::string name = reference.value("name", "");
      reference["used"] = base::has_word(code, name.substr(name.rfind('.') + 1) + "(");
    }
  }
  return list;
}

std::string references_text(const Json& references) {
  std::string text = references.empty() ? "" : "Quoted from documentation\n";
  for (const auto& subtask : references) {
    std::vector<std::string> names;
    for (const auto& r : subtask.at("references"))
      names.push_back(r.value("name", "") + (r.value("used", false) ? " (used)" : ""));
    text += fmt::format("  {}: {}\n", subtask.value("subtask", ""), base::printable(base::join(names, ", ")));
  }
  return text;
}

/// What is not as it was when the last synthesis ended; nothing where none has.
std::optional<std::vector<std::string>> changed_since(const std::filesystem::path& project) try {
  const auto path = project / ".gpiot" / "finished.json";
  if (!std::filesystem::exists(path)) return std::nullopt;
  const auto facts = base::parse_json(base::read_file(path, "pipeline.status"), "pipeline.status", path.string());
  const auto file = project / "requirement.md";
  std::vector<std::string> changed;
  if (facts.value("file_sha256", "") != base::sha256_file(file, "pipeline.status")) {
    changed.emplace_back("requirement.md");
  }
  if (facts.value("data_sha256", "") != data_state(project::load_requirement(file), project)) {
    changed.emplace_back("the data");
  }
  return changed;
} catch (const base::Error&) {
  return std::vector<std::string>{"requirement.md or the data"};
}

std::string short_hash(const Json& value) { return value.is_string() ? value.get<std::string>().substr(0, 12) : "-"; }

}  // namespace

std::string status_text(const std::string& project, bool json) {
  const auto state = project::ProjectState::load(project);
  Json files = Json::array();
  std::string text;
  if (!state.warning().empty()) text += state.warning() + "\n";
  for (const auto& [file, facts] : state.files()) {
    const auto shown = std::string(project::name(state.state_of(file)));
    files.push_back({{"file", file}, {"stage", facts.stage}, {"state", shown}});
    text += fmt::format("{:<9} {:<10} {}\n", shown, facts.stage, file);
  }
  const bool is_edited = std::ranges::any_of(files, [](const Json& file) { return file.at("state") != "fresh"; });
  const auto changed = changed_since(project);
  const bool is_finished = changed && changed->empty() && !is_edited;
  if (state.files().empty()) text += "nothing generated yet: run 'gpiot synthesize " + project + "'\n";
  if (is_finished) text += "finished: 'gpiot synthesize --from STAGE' redoes a stage and all after it\n";
  if (changed && !is_finished) {
    text += fmt::format("{} since the last result: 'gpiot synthesize {}' works on\n",
                        changed->empty() ? "files have changed" : base::join(*changed, " and ") + " changed", project);
  }
  if (json) {
    return base::dump_json({{"schema", 1},
                            {"finished", is_finished},
                            {"changed", changed.value_or(std::vector<std::string>())},
                            {"files", files}}) +
           "\n";
  }
  return text;
}

std::string explain_text(const std::string& project, bool json) {
  (void)project::ProjectState::load(project);  // refuses a folder that is not there
  const auto answers = answers_of(project);
  const auto steps = steps_of(project);
  const auto runs = runs_of(project);
  const auto plans = plans_of(project);
  const auto references = references_of(project);
  if (json) {
    return base::dump_json({{"schema", 1},
                            {"answers", answers},
                            {"plans", plans},
                            {"references", references},
                            {"steps", steps},
                            {"runs", runs}}) +
           "\n";
  }
  std::string text = answers.empty() ? "Answers of the model: none, it was not asked\n" : "Answers of the model\n";
  for (const auto& a : answers) {
    text += fmt::format("  {:<10} prompt {} ({}), seed {}, {} + {} tokens, model {} ({})\n", a.value("stage", ""),
                        a.value("prompt", ""), short_hash(a.value("prompt_sha256", Json())), a.value("seed", 0),
                        a.value("prompt_tokens", 0), a.value("completion_tokens", 0), a.value("model", ""),
                        short_hash(a.value("model_sha256", Json())));
  }
  text += prompt_sizes_text(runs) + plans_text(plans) + references_text(references) +
          (steps.empty() ? "Functions: none chosen yet\n" : "Functions chosen by running\n");
  for (const auto& s : steps) {
    text += fmt::format("  {}. {}, seed {}, checks: {}\n", s.at("step").get<int>(), s.at("origin").get<std::string>(),
                        s.at("seed").get<std::uint32_t>(), base::dump_json(s.at("checks_passed")));
    for (const auto& c : s.at("calibrated")) {
      text += fmt::format("       {}: {} -> {}\n", c.at("label").get<std::string>(), c.at("before").get<double>(),
                          c.at("after").get<double>());
    }
  }
  text += runs.empty() ? "Runs: none yet\n" : "Runs\n";
  for (const auto& r : runs) {
    text += fmt::format("  {:04} {:<12} {}\n", r.value("run", 0), r.value("part", ""), r.value("summary", ""));
  }
  return text;
}

}  // namespace gpiot::pipeline
