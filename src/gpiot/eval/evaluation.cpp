#include "gpiot/eval/evaluation.h"

#include <algorithm>
#include <optional>

namespace gpiot::eval {
namespace {

using Figures = std::map<std::string_view, double>;

/// Puts the thresholds that are stated beside what was measured of them.
void check(const core::EvaluatorFacts& facts, const Figures& measured, Evaluation& evaluation) {
  for (const auto& threshold : core::threshold_keys()) {
    const auto& wanted = facts.*threshold.value;
    const auto figure = measured.find(threshold.key);
    if (!wanted || figure == measured.end()) continue;
    evaluation.thresholds.push_back({std::string(threshold.key), figure->second, *wanted, threshold.upper});
  }
}

/// One event score per record that keeps the contract, and all of them pooled; of change points the segments, too.
void measure_events(const core::Requirement& requirement, std::span<const RecordFacts> records, const Events& truth,
                    Evaluation& evaluation) {
  std::vector<EventScore> scores;
  std::vector<SegmentScore> segments;
  const bool segmented = requirement.evaluator.kind == "change_points";
  for (const auto& record : records) {
    const auto wanted = truth.find(record.id);
    const auto found = evaluation.contract.events.find(record.id);
    if (wanted == truth.end() || found == evaluation.contract.events.end()) continue;
    const auto tolerance = tolerance_in_samples(requirement.evaluator.tolerance_ms, record.rate_hz);
    scores.push_back(score_events(wanted->second, found->second, tolerance, record.rate_hz));
    evaluation.records[record.id] = scores.back();
    if (segmented) {
      segments.push_back(score_segments(wanted->second, found->second, record.samples, record.rate_hz));
    }
  }
  if (!evaluation.contract.ok()) return;
  evaluation.pooled = pool(scores);
  Figures figures = {{"precision", evaluation.pooled->precision}, {"recall", evaluation.pooled->recall}};
  if (!segments.empty()) {
    evaluation.segments = mean_of(segments);
    figures["covering"] = evaluation.segments->covering;
  }
  check(requirement.evaluator, figures, evaluation);
}

void measure_anomalies(const core::Requirement& requirement, std::span<const RecordFacts> records,
                       const Intervals& truth, Evaluation& evaluation) {
  std::vector<AnomalyScore> scores;
  for (const auto& record : records) {
    const auto wanted = truth.find(record.id);
    const auto found = evaluation.contract.events.find(record.id);
    if (wanted == truth.end() || found == evaluation.contract.events.end()) continue;
    const auto tolerance = tolerance_in_samples(requirement.evaluator.tolerance_ms, record.rate_hz);
    scores.push_back(score_anomalies(wanted->second, found->second, tolerance, record.samples, record.rate_hz));
    evaluation.records[record.id] = scores.back().alarms;
  }
  if (!evaluation.contract.ok()) return;
  evaluation.anomalies = pool(scores);
  evaluation.pooled = evaluation.anomalies->alarms;
  check(requirement.evaluator,
        {{"precision", evaluation.pooled->precision},
         {"recall", evaluation.pooled->recall},
         {"false_alarms_per_hour", evaluation.anomalies->false_alarms_per_hour()}},
        evaluation);
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

void measure_exact(const ExactScore& score, const core::EvaluatorFacts& facts, Evaluation& evaluation) {
  evaluation.exact = score;
  check(facts, {{"exact", score.exact}}, evaluation);
}

void measure_classes(const core::EvaluatorFacts& facts, const Truth& truth, Evaluation& evaluation) {
  const auto [wanted, found] = side_by_side(truth.classes, evaluation.contract.classes);
  if (wanted.empty()) return;
  if (facts.kind == "exact")
    return measure_exact(score_exact(wanted, found, truth.learning_classes), facts, evaluation);
  evaluation.classes = score_classes(wanted, found, truth.learning_classes);
  check(facts, {{"accuracy", evaluation.classes->accuracy}, {"macro_f1", evaluation.classes->macro_f1}}, evaluation);
}

void measure_values(const core::EvaluatorFacts& facts, const Truth& truth, Evaluation& evaluation) {
  const auto [wanted, found] = side_by_side(truth.values, evaluation.contract.values);
  if (wanted.empty()) return;
  if (facts.kind == "exact") {
    return measure_exact(score_exact(wanted, found, truth.learning_values, facts.tolerance), facts, evaluation);
  }
  evaluation.values = score_values(wanted, found, truth.learning_values);
  const auto [then, last_seen] = side_by_side(truth.values, truth.last_seen);
  if (!then.empty()) evaluation.values->persistence = score_persistence(then, last_seen, facts.horizon_items);
  const auto& score = *evaluation.values;
  check(facts, {{"mae", score.mae}, {"rmse", score.rmse}, {"r2", score.r2}}, evaluation);
}

void measure_positions(const core::EvaluatorFacts& facts, const Truth& truth, Evaluation& evaluation) {
  const auto [wanted, found] = side_by_side(truth.positions, evaluation.contract.positions);
  if (wanted.empty()) return;
  evaluation.positions = score_positions(wanted, found, truth.learning_positions, facts.radius);
  const auto& errors = evaluation.positions->errors;
  check(facts, {{"mean_error", errors.mean}, {"median_error", errors.median}, {"within_radius", errors.within_radius}},
        evaluation);
}

/// Where no event is matched, as many as there are is nearer than none or thousands: calibration needs a way up.
constexpr double kNothingMatched = 1e-4;

/// By the error that the requirement bounds: one item far off spoils the RMSE of a program with a good MAE.
double value_skill(const ValueScore& score, const std::vector<ThresholdCheck>& thresholds) {
  const auto bounded = [&](const char* name) {
    return std::any_of(thresholds.begin(), thresholds.end(), [&](const auto& check) { return check.name == name; });
  };
  if (bounded("mae") && !bounded("rmse") && !bounded("r2")) return 1 - score.mae / std::max(score.baseline_mae, 1e-12);
  return 1 - score.rmse / std::max(score.baseline_rmse, 1e-12);
}

double closeness(std::int64_t found, std::int64_t truth) {
  return static_cast<double>(std::min(found, truth) + 1) / static_cast<double>(std::max(found, truth) + 1);
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
  if (exact) return exact->exact;
  if (positions) return 1 - positions->errors.mean / std::max(positions->baseline_errors.mean, 1e-12);
  if (values) return value_skill(*values, thresholds);
  if (!pooled) return 1;
  double mean_f1 = 0;
  for (const auto& [id, one] : records) mean_f1 += one.f1 / static_cast<double>(records.size());
  if (pooled->matched == 0 && pooled->truth > 0) return kNothingMatched * closeness(pooled->predicted, pooled->truth);
  return 0.5 * std::min(pooled->precision, pooled->recall) + 0.5 * mean_f1;
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
  if (!truth.intervals.empty()) measure_anomalies(requirement, records, truth.intervals, evaluation);
  if (evaluation.contract.ok() && !truth.classes.empty()) measure_classes(requirement.evaluator, truth, evaluation);
  if (evaluation.contract.ok() && !truth.values.empty()) measure_values(requirement.evaluator, truth, evaluation);
  if (evaluation.contract.ok() && !truth.positions.empty()) measure_positions(requirement.evaluator, truth, evaluation);
  evaluation.accuracy = evaluation.contract.ok() ? "measured" : "not measured, the contract is broken";
  return evaluation;
}

}  // namespace gpiot::eval
