#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gpiot/base/json.h"
#include "gpiot/core/requirement.h"
#include "gpiot/eval/events.h"
#include "gpiot/eval/result_file.h"

namespace gpiot::eval {

/// A threshold of the requirement beside what was measured.
struct ThresholdCheck {
  std::string name;  ///< "precision", "recall"
  double measured = 0;
  double wanted = 0;
  [[nodiscard]] bool met() const { return measured >= wanted; }
};

/// What a program's output is worth. Everything here is measured; nothing is taken from what the program printed.
struct Evaluation {
  ContractReport contract;
  std::map<std::string, EventScore> records;  ///< of the records that keep the contract; empty without labels
  std::optional<EventScore> pooled;           ///< only when the whole contract is kept and there are labels
  std::vector<ThresholdCheck> thresholds;     ///< empty where none is stated, or nothing could be measured
  std::string accuracy;  ///< "measured", "not measured, no labels", "not measured, the contract is broken"

  /// The contract is kept and no threshold is missed. Without labels that says nothing of the accuracy.
  [[nodiscard]] bool passed() const;
  /// Whether the thresholds are met; none where they could not be measured or there are none.
  [[nodiscard]] std::optional<bool> thresholds_met() const;
  /// Precision and recall against their thresholds in one number in [0, 1] for ranking candidates: the pooled F1;
  /// without labels 1 for a kept contract; 0 for a broken one.
  [[nodiscard]] double rank() const;
};

/// Measures a result text against the withheld labels (`labels` empty: contract only).
[[nodiscard]] Evaluation evaluate(const core::Requirement& requirement, std::span<const RecordFacts> records,
                                  const Events& labels, std::string_view result_text);

[[nodiscard]] base::Json to_json(const EventScore& score);
[[nodiscard]] base::Json to_json(const Evaluation& evaluation);

/// What is wrong, in lines for a person or a repair prompt: the breaches, else the thresholds missed and the three
/// worst records. Empty when all is well.
[[nodiscard]] std::vector<std::string> findings(const Evaluation& evaluation);

}  // namespace gpiot::eval
