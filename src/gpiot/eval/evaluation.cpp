#include "gpiot/eval/evaluation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "gpiot/base/strings.h"

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

void check(Evaluation& evaluation, std::string_view name, double measured, std::optional<double> wanted,
           bool upper = false) {
  if (wanted) evaluation.thresholds.push_back({std::string(name), measured, *wanted, upper});
}

/// One event score per record that keeps the contract, and all of them pooled.
void measure_events(const core::Requirement& requirement, std::span<const RecordFacts> records, const Events& truth,
                    Evaluation& evaluation) {
  std::vector<EventScore> scores;
  for (const auto& record : records) {
    const auto wanted = truth.find(record.id);
    const auto found = evaluation.contract.events.find(record.id);
    if (wanted == truth.end() || found == evaluation.contract.events.end()) continue;
    const auto tolerance = tolerance_in_samples(requirement.evaluator.tolerance_ms, record.rate_hz);
    scores.push_back(score_events(wanted->second, found->second, tolerance, record.rate_hz));
    evaluation.records[record.id] = scores.back();
  }
  if (!evaluation.contract.ok()) return;
  evaluation.pooled = pool(scores);
  check(evaluation, "precision", evaluation.pooled->precision, requirement.evaluator.precision);
  check(evaluation, "recall", evaluation.pooled->recall, requirement.evaluator.recall);
}

/// True and predicted answers side by side, of the items that have both.
template <typename T>
std::pair<std::vector<T>, std::vector<T>> side_by_side(const std::map<std::string, T>& truth,
                                                       const std::map<std::string, T>& found) {
  std::pair<std::vector<T>, std::vector<T>> both;
  for (const auto& [id, wanted] : truth) {
    const auto answer = found.find(id);
    if (answer == found.end()) continue;
    both.first.push_back(wanted);
    both.second.push_back(answer->second);
  }
  return both;
}

void measure_classes(const core::EvaluatorFacts& facts, const Truth& truth, Evaluation& evaluation) {
  const auto [wanted, found] = side_by_side(truth.classes, evaluation.contract.classes);
  if (wanted.empty()) return;
  evaluation.classes = score_classes(wanted, found, truth.learning_classes);
  check(evaluation, "accuracy", evaluation.classes->accuracy, facts.accuracy);
  check(evaluation, "macro_f1", evaluation.classes->macro_f1, facts.macro_f1);
}

void measure_values(const core::EvaluatorFacts& facts, const Truth& truth, Evaluation& evaluation) {
  const auto [wanted, found] = side_by_side(truth.values, evaluation.contract.values);
  if (wanted.empty()) return;
  evaluation.values = score_values(wanted, found, truth.learning_values);
  check(evaluation, "mae", evaluation.values->mae, facts.mae, true);
  check(evaluation, "rmse", evaluation.values->rmse, facts.rmse, true);
  check(evaluation, "r2", evaluation.values->r2, facts.r2);
}

/// The three classes that are taken for others most often.
void add_worst_classes(const ClassScore& score, std::vector<std::string>& lines) {
  struct Mistake {
    std::int64_t items;
    std::string truth;
    std::string taken;
  };
  std::vector<Mistake> mistakes;
  for (const auto& [truth, row] : score.confusion) {
    for (const auto& [taken, items] : row) {
      if (taken != truth) mistakes.push_back({items, truth, taken});
    }
  }
  std::ranges::stable_sort(mistakes, [](const auto& a, const auto& b) { return a.items > b.items; });
  mistakes.resize(std::min<std::size_t>(mistakes.size(), 3));
  for (const auto& [items, truth, taken] : mistakes) {
    lines.push_back(fmt::format("{} items of {} are taken for {}", items, truth, base::printable(taken)));
  }
}

void add_worst_records(const std::map<std::string, EventScore>& records, std::vector<std::string>& lines) {
  std::vector<std::pair<std::string, EventScore>> worst(records.begin(), records.end());
  std::ranges::stable_sort(worst, [](const auto& a, const auto& b) { return a.second.f1 < b.second.f1; });
  worst.resize(std::min<std::size_t>(worst.size(), 3));
  for (const auto& [id, score] : worst) {
    lines.push_back(fmt::format("record {}: {} true, {} found, {} matched (precision {:.3f}, recall {:.3f})", id,
                                score.truth, score.predicted, score.matched, score.precision, score.recall));
  }
}

}  // namespace

bool Evaluation::passed() const { return contract.ok() && thresholds_met().value_or(true); }

std::optional<bool> Evaluation::thresholds_met() const {
  if (thresholds.empty()) return std::nullopt;
  return std::all_of(thresholds.begin(), thresholds.end(), [](const auto& check) { return check.met(); });
}

double Evaluation::objective() const {
  if (!contract.ok()) return own.empty() ? -1 : -1e300;
  if (!own.empty()) {
    if (thresholds.empty()) return own.begin()->second;
    return thresholds.front().upper ? -thresholds.front().measured : thresholds.front().measured;
  }
  if (classes) return 0.5 * (classes->accuracy + classes->macro_f1);
  if (values) return 1 - values->rmse / std::max(values->baseline_rmse, 1e-12);
  if (!pooled) return 1;
  double mean_f1 = 0;
  for (const auto& [id, one] : records) mean_f1 += one.f1 / static_cast<double>(records.size());
  return 0.5 * std::min(pooled->precision, pooled->recall) + 0.5 * mean_f1;
}

std::string Evaluation::summary() const {
  if (!own.empty()) {
    std::vector<std::string> figures;
    for (const auto& [name, value] : own) figures.push_back(fmt::format("{} {:.4g}", name, value));
    return base::join(figures, ", ");
  }
  if (pooled) {
    return fmt::format("precision {:.3f}, recall {:.3f}, F1 {:.3f}, timing error {:.1f} ms", pooled->precision,
                       pooled->recall, pooled->f1, pooled->mean_abs_error_ms);
  }
  if (classes) {
    return fmt::format("accuracy {:.3f}, macro F1 {:.3f} ({} items; always '{}': accuracy {:.3f})", classes->accuracy,
                       classes->macro_f1, classes->items, base::printable(classes->baseline),
                       classes->baseline_accuracy);
  }
  if (values) {
    return fmt::format("MAE {:.4g}, RMSE {:.4g}, R2 {:.3f} ({} items; always {:.4g}: MAE {:.4g}, RMSE {:.4g})",
                       values->mae, values->rmse, values->r2, values->items, values->baseline, values->baseline_mae,
                       values->baseline_rmse);
  }
  return {};
}

Evaluation evaluate(const core::Requirement& requirement, std::span<const RecordFacts> records, const Truth& truth,
                    std::string_view result_text) {
  Evaluation evaluation;
  evaluation.contract = parse_result(requirement, records, result_text);
  if (requirement.evaluator.kind == "file" && !truth.empty()) {  // measured in a sandbox by the pipeline
    evaluation.accuracy = "not measured yet";
    return evaluation;
  }
  if (truth.empty() || requirement.evaluator.kind == "contract") {
    evaluation.accuracy = truth.empty() ? "not measured, no labels" : "not measured, the evaluator is \"contract\"";
    return evaluation;
  }
  if (!truth.events.empty()) measure_events(requirement, records, truth.events, evaluation);
  if (evaluation.contract.ok() && !truth.classes.empty()) measure_classes(requirement.evaluator, truth, evaluation);
  if (evaluation.contract.ok() && !truth.values.empty()) measure_values(requirement.evaluator, truth, evaluation);
  evaluation.accuracy = evaluation.contract.ok() ? "measured" : "not measured, the contract is broken";
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
          {"classes", evaluation.classes ? to_json(*evaluation.classes) : Json()},
          {"values", evaluation.values ? to_json(*evaluation.values) : Json()},
          {"own", evaluation.own},
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
      lines.push_back(fmt::format("{}: got {:.4f}, expected at {} {}", check.name, check.measured,
                                  check.upper ? "most" : "least", check.wanted));
    }
  }
  if (evaluation.classes) add_worst_classes(*evaluation.classes, lines);
  if (evaluation.values) lines.push_back(evaluation.summary());
  add_worst_records(evaluation.records, lines);
  return lines;
}

}  // namespace gpiot::eval
