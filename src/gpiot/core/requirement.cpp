#include "gpiot/core/requirement.h"

#include <algorithm>

namespace gpiot::core {
namespace {

/// "(n_samples, 3)", not "(n_samples,)".
bool has_several_axes(const Variable& variable) {
  const auto comma = variable.shape.find(',');
  return comma != std::string::npos && variable.shape.find_first_not_of(" )", comma + 1) != std::string::npos;
}

}  // namespace

bool has_intervals(const Requirement& requirement) {
  const auto& labels = requirement.labels;
  return !labels.end_column.empty() || (labels.format == "marks" && requirement.evaluator.kind == "anomaly");
}

bool is_table(const Requirement& requirement) {
  const auto& data = requirement.data;
  if (data.items != "file" || requirement.result.kind != "events") return true;
  const bool several = std::ranges::any_of(data.sources, [](const auto& s) { return !s.columns.empty(); }) ||
                       std::ranges::any_of(data.inputs, has_several_axes);
  if (several) return true;
  return data.format != "wfdb" && data.format != "csv" && data.format != "npy";
}

std::size_t position_axes(const ResultContract& result) {
  if (result.kind != "position") return 0;
  return result.variable.shape.starts_with("(3") ? 3 : 2;
}

const std::vector<ThresholdKey>& threshold_keys() {
  using Facts = EvaluatorFacts;
  static const std::vector<ThresholdKey> kKeys = {
      {"precision", &Facts::precision, {"events", "change_points", "anomaly"}, true, false},
      {"recall", &Facts::recall, {"events", "change_points", "anomaly"}, true, false},
      {"covering", &Facts::covering, {"change_points"}, true, false},
      {"false_alarms_per_hour", &Facts::false_alarms_per_hour, {"anomaly"}, false, true},
      {"accuracy", &Facts::accuracy, {"classification"}, true, false},
      {"macro_f1", &Facts::macro_f1, {"classification"}, true, false},
      {"mae", &Facts::mae, {"regression"}, false, true},
      {"rmse", &Facts::rmse, {"regression"}, false, true},
      {"r2", &Facts::r2, {"regression"}, true, false},
      {"mean_error", &Facts::mean_error, {"localisation"}, false, true},
      {"median_error", &Facts::median_error, {"localisation"}, false, true},
      {"within_radius", &Facts::within_radius, {"localisation"}, true, false},
      {"exact", &Facts::exact, {"exact"}, true, false}};
  return kKeys;
}

bool states_threshold(const EvaluatorFacts& facts) {
  return !facts.wanted.empty() ||
         std::ranges::any_of(threshold_keys(), [&](const ThresholdKey& key) { return (facts.*key.value).has_value(); });
}

EvaluatorFacts with_margin(EvaluatorFacts facts, const Margin& margin) {
  for (const auto& threshold : threshold_keys()) {
    auto& value = facts.*threshold.value;
    if (value) value = threshold.upper ? *value * (1 - margin.less) : *value + margin.of_the_way * (1 - *value);
  }
  return facts;
}

std::vector<std::string> evaluators_of(std::string_view result_kind) {
  if (result_kind == "class") return {"classification", "exact"};
  if (result_kind == "value") return {"regression", "exact"};
  if (result_kind == "position") return {"localisation"};
  return {"events", "change_points", "anomaly"};
}

}  // namespace gpiot::core
