#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "gpiot/base/json.h"

namespace gpiot::eval {

/// One class: how many items are truly of it, were called it, and both.
struct OneClass {
  std::int64_t truth = 0;
  std::int64_t predicted = 0;
  std::int64_t matched = 0;
  [[nodiscard]] double f1() const;  ///< 0 where it is neither found nor there
};

/// How predicted labels agree with the true ones.
struct ClassScore {
  std::int64_t items = 0;
  double accuracy = 0;
  double macro_f1 = 0;           ///< mean over the classes that are in the truth
  double baseline_accuracy = 0;  ///< of always answering the commonest label of the learning items, else of the truth
  std::string baseline;          ///< that label
  std::map<std::string, OneClass> classes;
  std::map<std::string, std::map<std::string, std::int64_t>> confusion;  ///< true label -> predicted label -> items
};

/// `truth` and `predicted` have the same length, at least 1. `learning` are the labels that the program was given;
/// empty where there were none. Source: the usual definitions (scikit-learn's accuracy_score and f1_score with
/// average="macro", over the labels of the truth).
[[nodiscard]] ClassScore score_classes(std::span<const std::string> truth, std::span<const std::string> predicted,
                                       std::span<const std::string> learning);

[[nodiscard]] base::Json to_json(const ClassScore& score);

}  // namespace gpiot::eval
