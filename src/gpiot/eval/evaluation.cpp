#include "gpiot/eval/evaluation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace gpiot::eval {
namespace {

using base::Json;

double rounded(double value) { return std::round(value * 1e6) / 1e6; }

Json breaches_json(const ContractReport& contract) {
  Json list = Json::array();
  for (const auto& breach : contract.breaches) {
    list.push_back({{"kind", breach.kind}, {"record", breach.record}, {"detail", breach.detail}});
  }
  return list;
}

void check_thresholds(const core::EvaluatorFacts& facts, Evaluation& evaluation) {
  if (facts.precision) evaluation.thresholds.push_back({"precision", evaluation.pooled->precision, *facts.precision});
  if (facts.recall) evaluation.thresholds.push_back({"recall", evaluation.pooled->recall, *facts.recall});
}

}  // namespace

bool Evaluation::passed() const { return contract.ok() && thresholds_met().value_or(true); }

std::optional<bool> Evaluation::thresholds_met() const {
  if (thresholds.empty()) return std::nullopt;
  return std::all_of(thresholds.begin(), thresholds.end(), [](const auto& check) { return check.met(); });
}

double Evaluation::rank() const {
  if (!contract.ok()) return 0;
  return pooled ? pooled->f1 : 1;
}

Evaluation evaluate(const core::Requirement& requirement, std::span<const RecordFacts> records, const Events& labels,
                    std::string_view result_text) {
  Evaluation evaluation;
  evaluation.contract = parse_result(requirement, records, result_text);
  if (labels.empty() || requirement.evaluator.kind == "contract") {
    evaluation.accuracy = labels.empty() ? "not measured, no labels" : "not measured, the evaluator is \"contract\"";
    return evaluation;
  }
  std::vector<EventScore> scores;
  for (const auto& record : records) {
    const auto truth = labels.find(record.id);
    const auto found = evaluation.contract.events.find(record.id);
    if (truth == labels.end() || found == evaluation.contract.events.end()) continue;
    const auto tolerance = tolerance_in_samples(requirement.evaluator.tolerance_ms, record.rate_hz);
    scores.push_back(score_events(truth->second, found->second, tolerance, record.rate_hz));
    evaluation.records[record.id] = scores.back();
  }
  evaluation.accuracy = "not measured, the contract is broken";
  if (!evaluation.contract.ok()) return evaluation;
  evaluation.accuracy = "measured";
  evaluation.pooled = pool(scores);
  check_thresholds(requirement.evaluator, evaluation);
  return evaluation;
}

Json to_json(const EventScore& score) {
  return {{"truth", score.truth},
          {"predicted", score.predicted},
          {"matched", score.matched},
          {"precision", rounded(score.precision)},
          {"recall", rounded(score.recall)},
          {"f1", rounded(score.f1)},
          {"mean_abs_error_ms", rounded(score.mean_abs_error_ms)},
          {"median_abs_error_ms", rounded(score.median_abs_error_ms)}};
}

Json to_json(const Evaluation& evaluation) {
  Json records = Json::object();
  for (const auto& [id, score] : evaluation.records) records[id] = to_json(score);
  Json thresholds = Json::array();
  for (const auto& check : evaluation.thresholds) {
    thresholds.push_back(
        {{"name", check.name}, {"measured", rounded(check.measured)}, {"wanted", check.wanted}, {"met", check.met()}});
  }
  return {{"passed", evaluation.passed()},
          {"accuracy", evaluation.accuracy},
          {"contract",
           {{"kept", evaluation.contract.ok()},
            {"breach_count", evaluation.contract.breach_count},
            {"breaches", breaches_json(evaluation.contract)}}},
          {"pooled", evaluation.pooled ? to_json(*evaluation.pooled) : Json()},
          {"thresholds", thresholds},
          {"records", records}};
}

std::vector<std::string> findings(const Evaluation& evaluation) {
  std::vector<std::string> lines;
  for (const auto& breach : evaluation.contract.breaches) {
    const auto record = breach.record.empty() ? std::string() : fmt::format("record {}: ", breach.record);
    lines.push_back(fmt::format("{}: {}{}", breach.kind, record, breach.detail));
  }
  if (!lines.empty() || evaluation.thresholds_met().value_or(true)) return lines;
  for (const auto& check : evaluation.thresholds) {
    if (!check.met()) {
      lines.push_back(fmt::format("{}: got {:.4f}, expected at least {}", check.name, check.measured, check.wanted));
    }
  }
  std::vector<std::pair<std::string, EventScore>> worst(evaluation.records.begin(), evaluation.records.end());
  std::stable_sort(worst.begin(), worst.end(), [](const auto& a, const auto& b) { return a.second.f1 < b.second.f1; });
  worst.resize(std::min<std::size_t>(worst.size(), 3));
  for (const auto& [id, score] : worst) {
    lines.push_back(fmt::format("record {}: {} true, {} found, {} matched (precision {:.3f}, recall {:.3f})", id,
                                score.truth, score.predicted, score.matched, score.precision, score.recall));
  }
  return lines;
}

}  // namespace gpiot::eval
