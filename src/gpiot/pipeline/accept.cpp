#include "gpiot/pipeline/accept.h"

#include <fmt/format.h>

#include <algorithm>

#include "gpiot/agents/spec_text.h"
#include "gpiot/base/error.h"
#include "gpiot/base/files.h"
#include "gpiot/base/json.h"
#include "gpiot/base/utc.h"
#include "gpiot/project/requirement_file.h"

namespace gpiot::pipeline {
namespace {

namespace fs = std::filesystem;
using base::Error;
using base::ErrorCode;
using base::Json;

constexpr std::string_view kWhere = "pipeline.accept";

Json read_json(const fs::path& file) { return base::parse_json(base::read_file(file, kWhere), kWhere, file.string()); }

int last_finished(const fs::path& project) {
  const auto file = project / ".gpiot" / "finished.json";
  if (!fs::exists(file)) {
    throw Error(ErrorCode::NotFound, kWhere, "nothing is finished in " + project.string(),
                "gpiot synthesize first, or name a run with --run");
  }
  return read_json(file).value("final_run", 0);
}

std::vector<AcceptedFunction> functions_of(const fs::path& project, const fs::path& run) {
  std::vector<fs::path> specs;
  if (fs::exists(project / "specs")) {
    for (const auto& entry : fs::directory_iterator(project / "specs")) {
      if (entry.path().extension() == ".md") specs.push_back(entry.path());
    }
  }
  std::ranges::sort(specs);
  std::vector<AcceptedFunction> functions;
  for (const auto& file : specs) {
    auto spec = agents::parse_specification(base::read_file(file, kWhere));
    if (!spec.ok()) throw Error(ErrorCode::Format, kWhere, file.string() + ": " + spec.problem);
    const auto code = run / "app" / (spec.value->subtask.identifier + ".py");
    if (!fs::exists(code)) {
      throw Error(ErrorCode::Data, kWhere,
                  fmt::format("the run has no {}: its specifications have changed since", code.filename().string()),
                  "run the program again, and accept that run");
    }
    functions.push_back({spec.value->subtask.name, spec.value->target, base::read_file(code, kWhere)});
  }
  if (functions.empty()) throw Error(ErrorCode::Data, kWhere, "the project has no specifications: " + project.string());
  return functions;
}

}  // namespace

AcceptedRun accept_run(const fs::path& project, int run) {
  AcceptedRun accepted;
  const auto requirement = project::load_requirement(project / "requirement.md");
  accepted.title = requirement.title.empty() ? project.filename().string() : requirement.title;
  accepted.run = run > 0 ? run : last_finished(project);
  const auto folder = project / "runs" / fmt::format("{:04}", accepted.run);
  if (!fs::exists(folder / "report.json")) {
    throw Error(ErrorCode::NotFound, kWhere, fmt::format("no such run: got {}", accepted.run),
                "gpiot explain " + project.string());
  }
  const auto report = read_json(folder / "report.json");
  accepted.summary = report.value("summary", "");
  accepted.reached = report.value("accepted", false) && report.value("part", "") == "final";
  accepted.functions = functions_of(project, folder);
  const auto file = project / ".gpiot" / "accepted.json";
  Json list = fs::exists(file) ? read_json(file) : Json::array();
  std::erase_if(list.get_ref<Json::array_t&>(), [&](const Json& one) { return one.value("run", 0) == accepted.run; });
  list.push_back(
      {{"run", accepted.run}, {"at", base::utc_now()}, {"reached", accepted.reached}, {"summary", accepted.summary}});
  base::write_file_atomic(file, base::dump_json(list, 1) + "\n", kWhere);
  return accepted;
}

}  // namespace gpiot::pipeline
