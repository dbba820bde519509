#include "gpiot/pipeline/explain.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <optional>

#include "gpiot/base/error.h"
#include "gpiot/base/files.h"
#include "gpiot/base/json.h"
#include "gpiot/base/strings.h"
#include "gpiot/pipeline/candidate_store.h"
#include "gpiot/project/project_state.h"

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
  const auto finished = std::filesystem::path(project) / ".gpiot" / "finished.json";
  const bool is_finished = std::filesystem::exists(finished);
  if (state.files().empty()) text += "nothing generated yet: run 'gpiot synthesize " + project + "'\n";
  if (is_finished) text += "finished: 'gpiot synthesize --from STAGE' redoes a stage and all after it\n";
  if (json) return base::dump_json({{"schema", 1}, {"finished", is_finished}, {"files", files}}) + "\n";
  return text;
}

std::string explain_text(const std::string& project, bool json) {
  (void)project::ProjectState::load(project);  // refuses a folder that is not there
  const auto answers = answers_of(project);
  const auto steps = steps_of(project);
  const auto runs = runs_of(project);
  if (json) return base::dump_json({{"schema", 1}, {"answers", answers}, {"steps", steps}, {"runs", runs}}) + "\n";
  std::string text = "Answers of the model\n";
  for (const auto& a : answers) {
    text += fmt::format("  {:<10} prompt {} ({}), seed {}, {} + {} tokens, model {} ({})\n", a.value("stage", ""),
                        a.value("prompt", ""), short_hash(a.value("prompt_sha256", Json())), a.value("seed", 0),
                        a.value("prompt_tokens", 0), a.value("completion_tokens", 0), a.value("model", ""),
                        short_hash(a.value("model_sha256", Json())));
  }
  text += "Functions chosen by running\n";
  for (const auto& s : steps) {
    text += fmt::format("  {}. {}, seed {}, checks: {}\n", s.at("step").get<int>(), s.at("origin").get<std::string>(),
                        s.at("seed").get<std::uint32_t>(), base::dump_json(s.at("checks_passed")));
    for (const auto& c : s.at("calibrated")) {
      text += fmt::format("       {}: {} -> {}\n", c.at("label").get<std::string>(), c.at("before").get<double>(),
                          c.at("after").get<double>());
    }
  }
  text += "Runs\n";
  for (const auto& r : runs) {
    text += fmt::format("  {:04} {:<12} {}\n", r.value("run", 0), r.value("part", ""), r.value("summary", ""));
  }
  return text;
}

}  // namespace gpiot::pipeline
