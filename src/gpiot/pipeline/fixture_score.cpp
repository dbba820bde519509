#include "gpiot/pipeline/fixture_score.h"

#include <fmt/format.h>

#include <algorithm>

#include "gpiot/base/error.h"
#include "gpiot/base/files.h"
#include "gpiot/base/strings.h"
#include "gpiot/eval/evaluation.h"
#include "gpiot/pipeline/trial_runner.h"

namespace gpiot::pipeline {
namespace {

namespace fs = std::filesystem;
using base::Json;

constexpr std::string_view kWhere = "pipeline.fixture";
constexpr int kRecords = 4;
constexpr double kSecondsEach = 60;
constexpr double kGood = 0.8;

std::string record_id(int number) { return fmt::format("synthetic-{}", number); }

core::RunOutcome make_records(const Workbench& bench, bool table) {
  const auto& requirement = bench.requirement;
  core::RunRequest request;
  request.arguments = {"/app/fixture_records.py", "--out", "/out"};
  request.mounts = {{bench.runtime, "/app"}};
  request.stdin_text = base::dump_json({{"about", about(requirement)},
                                        {"wanted", to_json(requirement.result.variable)},
                                        {"records", kRecords},
                                        {"seconds", kSecondsEach},
                                        {"seed", 1},
                                        {"format", table ? "table" : "npy"}});
  request.collect = {"facts.json"};
  for (int k = 1; k <= kRecords && !table; ++k) request.collect.push_back("test." + record_id(k) + ".npy");
  for (const auto& input : requirement.data.inputs) {
    if (table) request.collect.push_back("test." + input.name + ".npy");
  }
  request.collect_limit_bytes = 512ULL << 20;
  request.limits.disk_bytes = 512ULL << 20;
  auto outcome = bench.runner->run(request, bench.cancel);
  bench.cancel.throw_if_cancelled(kWhere);
  return outcome;
}

/// Milliseconds within which events agree: a fixed time means nothing for events that are hours apart.
double tolerance_ms(const core::Requirement& requirement, const eval::Events& truth, double rate_hz) {
  std::vector<std::int64_t> distances;
  for (const auto& [id, events] : truth) {
    for (std::size_t i = 1; i < events.size(); ++i) distances.push_back(events[i] - events[i - 1]);
  }
  if (distances.empty() || rate_hz <= 0) return requirement.evaluator.tolerance_ms;
  const auto middle = distances.begin() + static_cast<std::ptrdiff_t>(distances.size() / 2);
  std::ranges::nth_element(distances, middle);
  return std::max(requirement.evaluator.tolerance_ms, 100.0 * static_cast<double>(*middle) / rate_hz);
}

void write_view(const Workbench& bench, const core::RunOutcome& outcome, const Json& facts, bool table,
                const fs::path& folder) {
  std::error_code failure;
  fs::remove_all(folder, failure);
  fs::create_directories(folder / "test", failure);
  if (failure) throw base::io_error(kWhere, "cannot make the data view " + folder.string(), failure.value());
  Json inputs = Json::array();
  for (const auto& variable : bench.requirement.data.inputs) inputs.push_back(to_json(variable));
  Json records = Json::array();
  for (int k = 1; k <= kRecords; ++k) records.push_back(record_id(k));
  for (const auto& [name, content] : outcome.files) {
    if (name.starts_with("test.")) base::write_file_atomic(folder / "test" / name.substr(5), content, kWhere);
  }
  base::write_file_atomic(folder / "records.json",
                          base::dump_json({{"format", table ? "table" : "npy"},
                                           {"channel", ""},
                                           {"rate_hz", facts.at("rate_hz")},
                                           {"inputs", inputs},
                                           {"records", records}},
                                          1),
                          kWhere);
}

/// The user's requirement with the evaluator of events alone.
core::Requirement measured_as_events(const core::Requirement& requirement, const eval::Events& truth, double rate_hz) {
  auto measured = requirement;
  measured.evaluator = {};
  measured.evaluator.kind = "events";
  measured.evaluator.tolerance_ms = tolerance_ms(requirement, truth, rate_hz);
  measured.evaluator.precision = kGood;
  measured.evaluator.recall = kGood;
  return measured;
}

}  // namespace

std::optional<FixtureData> fixture_data(const Workbench& bench) {
  const auto& requirement = bench.requirement;
  if (!requirement.labels.format.empty() || requirement.result.kind != "events") return std::nullopt;
  const bool table = core::is_table(requirement);
  const auto outcome = make_records(bench, table);
  const auto text = outcome.files.find("facts.json");
  if (!outcome.ok() || text == outcome.files.end()) {
    bench.say("data", "note", "no synthetic records: " + base::printable(outcome.stderr_text).substr(0, 300));
    return std::nullopt;
  }
  const auto facts = base::parse_json(text->second, kWhere, "facts.json");
  if (facts.at("kind").is_null()) return std::nullopt;
  FixtureData data{facts.at("kind").get<std::string>(), {}, {bench.project / ".gpiot" / "views" / "synthetic", {}, {}}};
  const auto rate_hz = facts.at("rate_hz").get<double>();
  for (const auto& [record, events] : facts.at("events").items()) {
    data.part.records.push_back({record, facts.at("samples").get<std::int64_t>(), rate_hz, {}});
    data.part.truth.events[record] = events.get<std::vector<std::int64_t>>();
  }
  data.requirement = measured_as_events(requirement, data.part.truth.events, rate_hz);
  write_view(bench, outcome, facts, table, data.part.view);
  return data;
}

Json score_on_fixture(const Workbench& bench) {
  const auto data = fixture_data(bench);
  if (!data) return nullptr;
  Json score = {{"kind", data->kind},
                {"records", data->part.records.size()},
                {"samples", data->part.records.front().samples},
                {"tolerance_ms", data->requirement.evaluator.tolerance_ms}};
  core::RunRequest request;
  request.arguments = {"/app/main.py", "--data", "/data", "--out", "/out/result.jsonl"};
  request.mounts = {{bench.project / "app", "/app"}, {data->part.view, "/data"}};
  request.collect = {"result.jsonl"};
  const auto outcome = bench.runner->run(request, bench.cancel);
  bench.cancel.throw_if_cancelled(kWhere);
  const auto result = outcome.files.find("result.jsonl");
  if (!outcome.ok() || result == outcome.files.end()) {
    score["problem"] = fmt::format("the program did not finish: {}", core::name(outcome.ending));
    return score;
  }
  const auto measured = eval::evaluate(data->requirement, data->part.records, data->part.truth, result->second);
  if (!measured.pooled) {
    score["problem"] = base::join(eval::findings(measured), "; ").substr(0, 300);
    return score;
  }
  score["precision"] = measured.pooled->precision;
  score["recall"] = measured.pooled->recall;
  return score;
}

std::string fixture_summary(const Json& score) {
  if (!score.is_object()) return "";
  const auto kind = score.at("kind").get<std::string>();
  if (score.contains("problem")) {
    return fmt::format("on synthetic {}: {}", kind, base::printable(score.at("problem").get<std::string>()));
  }
  return fmt::format("on synthetic {}: precision {:.3f}, recall {:.3f}", kind, score.at("precision").get<double>(),
                     score.at("recall").get<double>());
}

}  // namespace gpiot::pipeline
