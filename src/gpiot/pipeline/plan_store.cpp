#include "gpiot/pipeline/plan_store.h"

#include <fmt/format.h>

#include "gpiot/agents/subtask_text.h"
#include "gpiot/base/error.h"
#include "gpiot/base/files.h"
#include "gpiot/base/json.h"
#include "gpiot/base/strings.h"

namespace gpiot::pipeline {
namespace {

namespace fs = std::filesystem;
using base::Json;

constexpr std::string_view kWhere = "pipeline.plans";
constexpr const char* kWorkFiles[] = {"candidates.json", "chosen.json"};

fs::path plans_path(const fs::path& project) { return project / ".gpiot" / "plans.json"; }
fs::path aside_path(const fs::path& project, std::size_t index) {
  return project / ".gpiot" / "plans" / std::to_string(index + 1);
}

Json to_json(const StoredPlan& plan) {
  Json json = {{"subtasks", plan.subtasks}, {"seed", plan.seed}, {"faults", plan.faults}, {"mended", plan.mended}};
  if (plan.outcome) {
    json["outcome"] = {{"valid", plan.outcome->valid},
                       {"reached", plan.outcome->reached},
                       {"objective", plan.outcome->objective},
                       {"summary", plan.outcome->summary}};
  }
  return json;
}

StoredPlan plan_from(const Json& json) {
  StoredPlan plan{json.at("subtasks").get<std::string>(), json.at("seed").get<std::uint32_t>(),
                  json.at("faults").get<std::size_t>(), json.value("mended", std::vector<std::string>{}), std::nullopt};
  if (const auto outcome = json.find("outcome"); outcome != json.end()) {
    plan.outcome = PlanOutcome{outcome->at("valid").get<bool>(), outcome->at("reached").get<bool>(),
                               outcome->at("objective").get<double>(), outcome->at("summary").get<std::string>()};
  }
  return plan;
}

}  // namespace

std::optional<PlanStore> load_plans(const fs::path& project) try {
  const auto path = plans_path(project);
  if (!fs::exists(path)) return std::nullopt;
  const auto json = base::parse_json(base::read_file(path, kWhere), kWhere, path.string());
  PlanStore store{json.at("requirement_sha256").get<std::string>(), {}};
  for (const auto& plan : json.at("plans")) store.plans.push_back(plan_from(plan));
  return store;
} catch (const std::exception&) {
  return std::nullopt;
}

void save(const PlanStore& store, const fs::path& project) {
  Json plans = Json::array();
  for (const auto& plan : store.plans) plans.push_back(to_json(plan));
  base::write_file_atomic(
      plans_path(project),
      base::dump_json({{"schema", 1}, {"requirement_sha256", store.requirement_sha256}, {"plans", plans}}, 1) + "\n",
      kWhere);
}

namespace {

void write_plan(Workbench& bench, const std::string& subtasks) {
  const auto written = bench.state.write_generated("subtasks.md", subtasks, "decompose", bench.requirement_sha256);
  if (written.beside) {
    bench.say("decompose", "note",
              fmt::format("subtasks.md was edited by hand and is kept; the new version is {}", written.file));
  }
}

}  // namespace

bool is_better(const StoredPlan& left, const StoredPlan& right) {
  if (left.outcome.has_value() != right.outcome.has_value()) return left.outcome.has_value();
  if (!left.outcome) return false;
  if (left.outcome->valid != right.outcome->valid) return left.outcome->valid;
  if (left.outcome->reached != right.outcome->reached) return left.outcome->reached;
  return left.outcome->objective > right.outcome->objective;
}

void use_plan(Workbench& bench, const StoredPlan& plan) {
  write_plan(bench, plan.subtasks);
  for (const auto& change : plan.mended) bench.say("decompose", "note", "by rule: " + base::printable(change));
}

void remove_old_specs(Workbench& bench, const std::set<std::string>& keep) {
  const auto files = bench.state.files();
  for (const auto& [file, facts] : files) {
    if (facts.stage != "specify" || keep.contains(file)) continue;
    if (bench.state.state_of(file) == project::FileState::Edited) continue;
    std::error_code ignored;
    fs::remove(bench.project / file, ignored);
    bench.state.forget(file);
  }
  bench.state.save();
}

void put_aside(const Workbench& bench, std::size_t index) {
  const auto folder = aside_path(bench.project, index);
  Json specs = Json::object();
  for (const auto& [file, facts] : bench.state.files()) {
    if (facts.stage == "specify") specs[file] = base::read_file(bench.project / file, kWhere);
  }
  fs::create_directories(folder);
  base::write_file_atomic(folder / "specs.json", base::dump_json(specs, 1) + "\n", kWhere);
  for (const auto* file : kWorkFiles) {
    const auto from = bench.project / ".gpiot" / file;
    if (fs::exists(from)) base::write_file_atomic(folder / file, base::read_file(from, kWhere), kWhere);
  }
}

bool bring_back(Workbench& bench, const PlanStore& store, std::size_t index) {
  const auto folder = aside_path(bench.project, index);
  const auto kept = folder / "specs.json";
  if (index >= store.plans.size() || !fs::exists(kept)) return false;
  if (bench.state.state_of("subtasks.md") == project::FileState::Edited) return false;
  const auto specs = base::parse_json(base::read_file(kept, kWhere), kWhere, kept.string());
  write_plan(bench, store.plans[index].subtasks);
  const auto input = specs_input(bench, load_subtasks(bench));
  std::set<std::string> names;
  for (const auto& [file, content] : specs.items()) names.insert(file);
  remove_old_specs(bench, names);
  for (const auto& [file, content] : specs.items()) {
    (void)bench.state.write_generated(file, content.get<std::string>(), "specify", input);
  }
  for (const auto* file : kWorkFiles) {
    const auto to = bench.project / ".gpiot" / file;
    if (fs::exists(folder / file)) base::write_file_atomic(to, base::read_file(folder / file, kWhere), kWhere);
  }
  return true;
}

}  // namespace gpiot::pipeline
