#include "gpiot/pipeline/candidate_store.h"

#include "gpiot/base/error.h"
#include "gpiot/base/files.h"

namespace gpiot::pipeline {
namespace {

using base::Json;

Json to_json(const Constant& c) {
  return {{"line", c.line},   {"column", c.column},   {"end_column", c.end_column},
          {"value", c.value}, {"integer", c.integer}, {"label", c.label}};
}

Json to_json(const CheckedCandidate& c) {
  Json constants = Json::array();
  for (const auto& constant : c.report.constants) constants.push_back(to_json(constant));
  return {{"origin", c.origin},    {"seed", c.seed},
          {"ok", c.report.ok},     {"passed", c.report.passed},
          {"kind", c.report.kind}, {"problem", c.report.problem},
          {"code", c.code},        {"documentation", c.documentation},
          {"constants", constants}};
}

CheckedCandidate candidate_of(const Json& j) {
  CheckedCandidate c{j.at("code"), j.at("documentation"), j.at("seed"), j.at("origin"), {}};
  c.report.ok = j.at("ok");
  c.report.passed = j.at("passed").get<std::vector<std::string>>();
  c.report.kind = j.at("kind");
  c.report.problem = j.at("problem");
  for (const auto& k : j.at("constants")) {
    c.report.constants.push_back(
        {k.at("line"), k.at("column"), k.at("end_column"), k.at("value"), k.at("integer"), k.at("label")});
  }
  return c;
}

template <class T, class Read>
std::optional<T> load(const std::filesystem::path& path, Read read) {
  try {
    return read(base::parse_json(base::read_file(path, "pipeline.load"), "pipeline.load", path.string()));
  } catch (const base::Error&) {
    return std::nullopt;
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

std::filesystem::path candidates_path(const std::filesystem::path& project) {
  return project / ".gpiot" / "candidates.json";
}
std::filesystem::path chosen_path(const std::filesystem::path& project) { return project / ".gpiot" / "chosen.json"; }

}  // namespace

std::optional<CandidateStore> load_candidates(const std::filesystem::path& project) {
  return load<CandidateStore>(candidates_path(project), [](const Json& j) {
    CandidateStore store{j.at("specs_sha256"), {}};
    for (const auto& step : j.at("candidates")) {
      store.candidates.emplace_back();
      for (const auto& candidate : step) store.candidates.back().push_back(candidate_of(candidate));
    }
    return store;
  });
}

std::optional<ChosenChain> load_chosen(const std::filesystem::path& project) {
  return load<ChosenChain>(chosen_path(project), [](const Json& j) {
    ChosenChain chosen;
    chosen.specs_sha256 = j.at("specs_sha256");
    chosen.input_sha256 = j.value("input_sha256", "");
    for (const auto& step : j.at("steps")) chosen.steps.push_back(candidate_of(step));
    chosen.codes = j.at("codes").get<std::vector<std::string>>();
    for (const auto& c : j.at("calibrated")) {
      chosen.calibrated.push_back({c.at("step"), c.at("label"), c.at("before"), c.at("after")});
    }
    chosen.objective = j.at("objective");
    chosen.valid = j.at("valid");
    chosen.reached = j.at("reached");
    chosen.summary = j.at("summary");
    chosen.failed_step = j.at("failed_step");
    chosen.trials = j.at("trials");
    return chosen;
  });
}

void save(const CandidateStore& store, const std::filesystem::path& project) {
  Json steps = Json::array();
  for (const auto& step : store.candidates) {
    Json list = Json::array();
    for (const auto& candidate : step) list.push_back(to_json(candidate));
    steps.push_back(list);
  }
  base::write_file_atomic(candidates_path(project),
                          base::dump_json({{"specs_sha256", store.specs_sha256}, {"candidates", steps}}, 1) + "\n",
                          "pipeline.generate");
}

void save(const ChosenChain& chosen, const std::filesystem::path& project) {
  Json steps = Json::array();
  for (const auto& step : chosen.steps) steps.push_back(to_json(step));
  Json calibrated = Json::array();
  for (const auto& c : chosen.calibrated) {
    calibrated.push_back({{"step", c.step}, {"label", c.label}, {"before", c.before}, {"after", c.after}});
  }
  base::write_file_atomic(chosen_path(project),
                          base::dump_json({{"specs_sha256", chosen.specs_sha256},
                                           {"input_sha256", chosen.input_sha256},
                                           {"objective", chosen.objective},
                                           {"valid", chosen.valid},
                                           {"reached", chosen.reached},
                                           {"summary", chosen.summary},
                                           {"failed_step", chosen.failed_step},
                                           {"trials", chosen.trials},
                                           {"calibrated", calibrated},
                                           {"codes", chosen.codes},
                                           {"steps", steps}},
                                          1) +
                              "\n",
                          "pipeline.choose");
}

}  // namespace gpiot::pipeline
