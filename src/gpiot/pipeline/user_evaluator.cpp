#include "gpiot/pipeline/user_evaluator.h"

#include <fmt/format.h>

#include <cmath>

#include "gpiot/base/error.h"
#include "gpiot/base/strings.h"
#include "gpiot/eval/data_folder.h"

namespace gpiot::pipeline {
namespace {

using base::Error;
using base::ErrorCode;
using base::Json;

constexpr std::string_view kWhere = "pipeline.evaluator";

/// The one map that the kind of the result fills. `Answers` is a Truth or a ContractReport.
template <typename Answers>
Json by_id(const std::string& kind, const Answers& answers) {
  if (kind == "class") return answers.classes;
  if (kind == "value") return answers.values;
  if (kind == "position") return answers.positions;
  return answers.events;
}

/// Intervals as pairs of first and last sample.
Json truth_by_id(const std::string& kind, const eval::Truth& truth) {
  if (truth.intervals.empty()) return by_id(kind, truth);
  Json all = Json::object();
  for (const auto& [id, intervals] : truth.intervals) {
    all[id] = Json::array();
    for (const auto& [first, last] : intervals) all[id].push_back({first, last});
  }
  return all;
}

}  // namespace

void apply_user_evaluator(const Workbench& bench, const eval::Truth& truth, eval::Evaluation& measured) {
  const auto& evaluator = bench.requirement.evaluator;
  if (evaluator.kind != "file" || !measured.contract.ok() || truth.empty()) return;
  const auto& kind = bench.requirement.result.kind;
  const auto& found = measured.contract;
  core::RunRequest request;
  request.arguments = {"/app/runtime/user_score.py", "--out", "/out/score.json"};
  request.mounts = {{bench.runtime, "/app/runtime"},
                    {eval::file_within(bench.project, evaluator.file), "/app/score.py"}};
  request.stdin_text = base::dump_json({{"truth", truth_by_id(kind, truth)}, {"predicted", by_id(kind, found)}});
  request.collect = {"score.json"};
  const auto outcome = bench.runner->run(request, bench.cancel);
  bench.cancel.throw_if_cancelled(kWhere);
  const auto text = outcome.files.find("score.json");
  if (!outcome.ok() || text == outcome.files.end()) {
    const auto error = base::trim(outcome.stderr_text);
    throw Error(ErrorCode::Check, kWhere,
                fmt::format("the evaluator {} failed: {}: {}", evaluator.file, core::name(outcome.ending),
                            base::printable(error.substr(error.size() > 600 ? error.size() - 600 : 0))),
                "score(truth, predicted) gets two dicts by record id and returns {name: number}");
  }
  const Json answer = base::parse_json(text->second, kWhere, "score.json");
  const Json metrics = answer.value("metrics", Json::object());
  for (const auto& [name, value] : metrics.items()) {
    if (value.is_number() && std::isfinite(value.get<double>())) measured.own[base::printable(name)] = value;
  }
  measured.accuracy = "measured by " + evaluator.file;
  for (const auto& wish : evaluator.wanted) {
    const auto metric = measured.own.find(wish.metric);
    if (metric == measured.own.end()) {
      throw Error(ErrorCode::Check, kWhere,
                  fmt::format("the evaluator {} gives no figure \"{}\"", evaluator.file, base::printable(wish.metric)),
                  "let score() return it, or take it out of evaluator.wanted");
    }
    measured.thresholds.push_back({wish.metric, metric->second, wish.bound, wish.upper});
  }
}

}  // namespace gpiot::pipeline
