#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gpiot/base/json.h"
#include "gpiot/core/requirement.h"
#include "gpiot/eval/class_score.h"
#include "gpiot/eval/events.h"
#include "gpiot/eval/exact_score.h"
#include "gpiot/eval/intervals.h"
#include "gpiot/eval/labels.h"
#include "gpiot/eval/position_score.h"
#include "gpiot/eval/result_file.h"
#include "gpiot/eval/segments.h"
#include "gpiot/eval/value_score.h"

namespace gpiot::eval {

/// A threshold of the requirement beside what was measured.
struct ThresholdCheck {
  std::string name;  ///< a key of core::threshold_keys(), or a figure of the user's own evaluator
  double measured = 0;
  double wanted = 0;
  bool upper = false;  ///< an upper bound: errors
  [[nodiscard]] bool met() const { return upper ? measured <= wanted : measured >= wanted; }
};

/// What a program's output is worth. Everything here is measured; nothing is taken from what the program printed.
struct Evaluation {
  ContractReport contract;
  /// Of the records that keep the contract; empty without labels. Of anomalies: AnomalyScore::alarms.
  std::map<std::string, EventScore> records;
  std::optional<EventScore> pooled;        ///< only when the whole contract is kept and there are labels
  std::optional<SegmentScore> segments;    ///< beside it, of change points: the mean of the records
  std::optional<AnomalyScore> anomalies;   ///< beside it, of anomalies
  std::optional<ClassScore> classes;       ///< the same, where the result is a class
  std::optional<ValueScore> values;        ///< the same, where it is a number
  std::optional<PositionScore> positions;  ///< the same, where it is a position
  std::optional<ExactScore> exact;         ///< the same, where answers have to be equal
  std::map<std::string, double> own;       ///< figures of the user's own evaluator
  std::vector<ThresholdCheck> thresholds;  ///< empty where none is stated, or nothing could be measured
  std::string accuracy;  ///< "measured", "not measured, no labels", "not measured, the contract is broken"

  /// The contract is kept and no threshold is missed. Without labels that says nothing of the accuracy.
  [[nodiscard]] bool passed() const;
  /// Whether the thresholds are met; none where they could not be measured or there are none.
  [[nodiscard]] std::optional<bool> thresholds_met() const;
  [[nodiscard]] bool measured() const { return pooled || classes || values || positions || exact || !own.empty(); }
  /// One number for ranking candidates of one requirement, higher is better: half the lower of pooled precision and
  /// recall and half the mean F1 of the records, so that one long record does not decide alone (where nothing is
  /// matched at most 1e-4, the nearer the number of events is to the true one); the mean of accuracy
  /// and macro F1; 1 - RMSE / RMSE of the mean (at most 1, below 0 where it is worse), with the MAE where that
  /// alone is bounded, with the mean error for positions; the share of equal answers; the first figure wanted of an own
  /// evaluator, negative where less is better. Without labels 1 for a kept contract; -1 for a broken one.
  [[nodiscard]] double objective() const;
  /// "precision 0.981, recall 0.970, ..." or "accuracy 0.91 (always 'walk': 0.34), ...": for people; empty where
  /// nothing was measured.
  [[nodiscard]] std::string summary() const;
};

/// Measures a result text against the withheld truth (empty: contract only).
[[nodiscard]] Evaluation evaluate(const core::Requirement& requirement, std::span<const RecordFacts> records,
                                  const Truth& truth, std::string_view result_text);

[[nodiscard]] base::Json to_json(const EventScore& score);
[[nodiscard]] base::Json to_json(const Evaluation& evaluation);

/// What is wrong, in lines for a person or a repair prompt: the breaches, else the thresholds missed and the three
/// worst records. Empty when all is well.
[[nodiscard]] std::vector<std::string> findings(const Evaluation& evaluation);

}  // namespace gpiot::eval
