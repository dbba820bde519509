#include "gpiot/pipeline/quoted_references.h"

#include <algorithm>

#include "gpiot/base/error.h"
#include "gpiot/base/files.h"
#include "gpiot/base/strings.h"

namespace gpiot::pipeline {
namespace {

using base::Json;

constexpr std::string_view kWhere = "pipeline.references";
constexpr std::size_t kOfStep = 2;
constexpr std::size_t kOfSubtask = 4;
constexpr std::size_t kQuestionBytes = 400;

std::filesystem::path file_of(const std::filesystem::path& project) { return project / ".gpiot" / "references.json"; }

void add(std::vector<core::Reference>& all, std::vector<core::Reference> some) {
  for (auto& reference : some) {
    const bool known = std::ranges::any_of(all, [&](const auto& other) { return other.name == reference.name; });
    if (!known && all.size() < kOfSubtask) all.push_back(std::move(reference));
  }
}

}  // namespace

std::vector<std::vector<core::Reference>> find_references(const Workbench& bench,
                                                          std::span<const core::SubTask> subtasks) {
  std::vector<std::vector<core::Reference>> all;
  if (bench.references == nullptr) return all;
  Json kept = Json::array();
  for (const auto& subtask : subtasks) {
    std::vector<core::Reference> found;
    for (const auto& step : subtask.steps) {
      const auto question = (subtask.name + ". " + step).substr(0, kQuestionBytes);
      add(found, bench.references->find(question, bench.requirement.packages, kOfStep, bench.cancel));
    }
    Json list = Json::array();
    for (const auto& r : found) list.push_back({{"name", r.name}, {"source", r.source}, {"score", r.score}});
    kept.push_back({{"subtask", subtask.identifier}, {"references", list}});
    all.push_back(std::move(found));
  }
  base::write_file_atomic(file_of(bench.project), base::dump_json(kept, 1) + "\n", kWhere);
  return all;
}

std::vector<core::Reference> references_for_problem(const Workbench& bench, const core::SubTask& subtask,
                                                    const std::string& problem) {
  std::vector<core::Reference> found;
  if (bench.references == nullptr) return found;
  const auto& packages = bench.requirement.packages;
  add(found, bench.references->find(problem.substr(0, kQuestionBytes), packages, kOfStep, bench.cancel));
  const auto question = (subtask.name + ". " + base::join(subtask.steps, " ")).substr(0, kQuestionBytes);
  add(found, bench.references->find(question, packages, kOfStep, bench.cancel));
  return found;
}

Json quoted_references(const std::filesystem::path& project) {
  if (!std::filesystem::exists(file_of(project))) return Json::array();
  auto kept = base::parse_json(base::read_file(file_of(project), kWhere), kWhere, "references.json");
  return kept.is_array() ? kept : Json::array();
}

}  // namespace gpiot::pipeline
