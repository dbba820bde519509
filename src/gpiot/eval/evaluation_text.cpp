#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "gpiot/base/strings.h"
#include "gpiot/eval/evaluation.h"

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

std::string position_summary(const PositionScore& score) {
  const auto near = [&](const DistanceErrors& errors) {
    return score.radius > 0 ? fmt::format(", {:.1f} % within {} m", 100 * errors.within_radius, score.radius) : "";
  };
  const auto& [mean, median, p90, within] = score.errors;
  return fmt::format(
      "mean error {:.3g} m, median {:.3g} m, 90 % below {:.3g} m{} ({} items; always the mean position: "
      "mean error {:.3g} m, median {:.3g} m{})",
      mean, median, p90, near(score.errors), score.items, score.baseline_errors.mean, score.baseline_errors.median,
      near(score.baseline_errors));
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

std::string Evaluation::summary() const {
  if (!own.empty()) {
    std::vector<std::string> figures;
    for (const auto& [name, value] : own) figures.push_back(fmt::format("{} {:.4g}", name, value));
    return base::join(figures, ", ");
  }
  if (anomalies) {
    return fmt::format(
        "precision {:.3f}, recall {:.3f}, F1 {:.3f} ({} of {} intervals found, without point adjustment), {:.3g} false "
        "alarms per hour",
        pooled->precision, pooled->recall, pooled->f1, pooled->matched, pooled->truth,
        anomalies->false_alarms_per_hour());
  }
  if (segments) {
    return fmt::format("precision {:.3f}, recall {:.3f}, F1 {:.3f}, covering {:.3f}, Hausdorff distance {}",
                       pooled->precision, pooled->recall, pooled->f1, segments->covering,
                       base::human_seconds(segments->hausdorff_ms / 1000));
  }
  if (exact) {
    return fmt::format("exact {:.3f} ({} of {} equal; always {}: {:.3f})", exact->exact, exact->equal, exact->items,
                       exact->baseline, exact->baseline_exact);
  }
  if (positions) return position_summary(*positions);
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
    const auto& last = values->persistence;
    return fmt::format("MAE {:.4g}, RMSE {:.4g}, R2 {:.3f} ({} items; always {:.4g}: MAE {:.4g}, RMSE {:.4g}{})",
                       values->mae, values->rmse, values->r2, values->items, values->baseline, values->baseline_mae,
                       values->baseline_rmse,
                       last ? fmt::format("; last seen: MAE {:.4g}, RMSE {:.4g}", last->mae, last->rmse) : "");
  }
  return {};
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
          {"segments", evaluation.segments ? to_json(*evaluation.segments) : Json()},
          {"anomalies", evaluation.anomalies ? to_json(*evaluation.anomalies) : Json()},
          {"positions", evaluation.positions ? to_json(*evaluation.positions) : Json()},
          {"exact", evaluation.exact ? to_json(*evaluation.exact) : Json()},
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
  if (evaluation.values || evaluation.positions) lines.push_back(evaluation.summary());
  if (evaluation.exact) lines.insert(lines.end(), evaluation.exact->wrong.begin(), evaluation.exact->wrong.end());
  add_worst_records(evaluation.records, lines);
  return lines;
}

}  // namespace gpiot::eval
