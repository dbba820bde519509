#include "gpiot/pipeline/item_view.h"

#include <fmt/format.h>

#include "gpiot/agents/worked_example.h"
#include "gpiot/base/error.h"
#include "gpiot/base/files.h"
#include "gpiot/base/strings.h"
#include "gpiot/eval/data_folder.h"
#include "gpiot/pipeline/trial_runner.h"

namespace gpiot::pipeline {
namespace {

namespace fs = std::filesystem;
using base::Error;
using base::ErrorCode;
using base::Json;
using Ids = std::vector<std::string>;

constexpr std::string_view kWhere = "pipeline.table";
constexpr std::uint64_t kMostBytes = 2ULL << 30;  ///< of all arrays of a view

Json data_facts(const core::DataFacts& data) {
  Json inputs = Json::array();
  for (std::size_t i = 0; i < data.inputs.size(); ++i) {
    Json input = to_json(data.inputs[i]);
    if (i < data.sources.size() && !data.sources[i].key.empty()) input["key"] = data.sources[i].key;
    if (i < data.sources.size() && !data.sources[i].columns.empty()) input["columns"] = data.sources[i].columns;
    inputs.push_back(std::move(input));
  }
  return {{"format", data.format}, {"files", data.files},     {"items", data.items},     {"window_s", data.window_s},
          {"step_s", data.step_s}, {"channel", data.channel}, {"rate_hz", data.rate_hz}, {"inputs", inputs}};
}

/// `axes` are the coordinates of labels that are positions, else 0.
Json label_facts(const core::LabelFacts& labels, std::size_t axes) {
  if (labels.format.empty()) return nullptr;
  return {{"format", labels.format}, {"files", labels.files},     {"column", labels.column},
          {"key", labels.key},       {"pattern", labels.pattern}, {"names_key", labels.names_key},
          {"names", labels.names},   {"columns", labels.columns}, {"axes", axes}};
}

/// Runs table.py; `select` null reads the table. The files it wrote come back by name.
core::RunOutcome run_table(const Workbench& bench, const Json& select, const Ids& collect) {
  const auto& requirement = bench.requirement;
  core::RunRequest request;
  request.arguments = {"/app/table.py", "--data", "/data", "--out", "/out"};
  request.mounts = {{bench.runtime, "/app"}, {eval::data_folder(requirement, bench.project), "/data"}};
  const bool events = requirement.result.kind == "events";
  request.stdin_text = base::dump_json(
      {{"data", data_facts(requirement.data)},
       {"labels", events ? Json() : label_facts(requirement.labels, core::position_axes(requirement.result))},
       {"numbers", requirement.result.kind == "value"},
       {"split",
        {{"by", requirement.split.by},
         {"subject", requirement.split.subject},
         {"limit", requirement.split.limit},
         {"seed", requirement.split.seed}}},
       {"select", select}});
  request.collect = collect;
  request.collect_limit_bytes = kMostBytes;
  request.limits.memory_bytes = 6ULL << 30;
  request.limits.disk_bytes = kMostBytes;
  auto outcome = bench.runner->run(request, bench.cancel);
  bench.cancel.throw_if_cancelled(kWhere);
  if (outcome.ok()) return outcome;
  const auto lines = base::split_lines(base::trim(outcome.stderr_text));
  const auto problem =
      lines.empty() ? std::string(core::name(outcome.ending)) : base::printable(lines.back()).substr(0, 600);
  const std::string remedy = "correct [data], [labels] or [split] in requirement.md, or the file named";
  const bool nothing_there = problem.find("got no file, expected at least one") != std::string::npos;
  throw Error(ErrorCode::Data, kWhere, "the data cannot be read: " + problem,
              nothing_there ? eval::data_remedy(bench.project, remedy) : remedy);
}

void clear(const fs::path& folder) {
  std::error_code failure;
  fs::remove_all(folder, failure);
  if (!failure) fs::create_directories(folder / "test", failure);
  if (failure) throw base::io_error(kWhere, "cannot make the data view " + folder.string(), failure.value());
}

Json records_json(const Workbench& bench, const eval::ItemTable& table, const Ids& train, const Ids& test) {
  Json inputs = Json::array();
  for (const auto& variable : bench.requirement.data.inputs) inputs.push_back(to_json(variable));
  Json facts = {{"format", "table"}, {"rate_hz", table.rate_hz}, {"inputs", inputs}, {"records", test}};
  if (!train.empty()) facts["train"] = train;
  if (agents::stands_beside_features(bench.requirement)) facts["readings"] = true;
  return facts;
}

void write(const fs::path& path, std::string_view content) {
  std::error_code failure;
  fs::create_directories(path.parent_path(), failure);
  base::write_file_atomic(path, content, kWhere);
  fs::permissions(path, fs::perms(0444), failure);
}

}  // namespace

std::shared_ptr<const eval::ItemTable> item_table(const Workbench& bench) {
  if (*bench.items) return *bench.items;
  const auto outcome = run_table(bench, nullptr, {"table.json"});
  const auto text = outcome.files.find("table.json");
  if (text == outcome.files.end()) throw Error(ErrorCode::Data, kWhere, "the reader of the data wrote no table");
  auto table = std::make_shared<eval::ItemTable>(eval::parse_item_table(bench.requirement, text->second));
  if (table->rate_hz == 0) table->rate_hz = bench.requirement.data.rate_hz;
  for (const auto& note : table->notes) bench.say("data", "note", note);
  *bench.items = table;
  return table;
}

void make_item_view(const Workbench& bench, const eval::ItemTable& table, const Ids& train, const Ids& test,
                    const eval::Truth& truth, const fs::path& folder) {
  Json select = {{"test", test}};
  Ids names;
  for (const std::string part : {"test", "train"}) {
    for (const auto& input : bench.requirement.data.inputs) {
      names.push_back(part + "." + input.name + ".npy");
      names.push_back(part + "." + input.name + ".lengths.npy");
    }
  }
  if (!train.empty()) select["train"] = train;
  const auto outcome = run_table(bench, select, names);
  clear(folder);
  for (const auto& [name, content] : outcome.files) {
    const auto dot = name.find('.');
    write(folder / name.substr(0, dot) / name.substr(dot + 1), content);
  }
  if (!train.empty()) {
    const Json labels = !truth.learning_classes.empty()     ? Json(truth.learning_classes)
                        : !truth.learning_positions.empty() ? Json(truth.learning_positions)
                                                            : Json(truth.learning_values);
    write(folder / "train" / "labels.json", base::dump_json(labels));
  }
  write(folder / "records.json", base::dump_json(records_json(bench, table, train, test), 1) + "\n");
}

}  // namespace gpiot::pipeline
