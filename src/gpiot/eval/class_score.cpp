#include "gpiot/eval/class_score.h"

#include <algorithm>
#include <cmath>

namespace gpiot::eval {
namespace {

double rounded(double value) { return std::round(value * 1e6) / 1e6; }

std::string commonest(std::span<const std::string> labels) {
  std::map<std::string, std::int64_t> counts;
  for (const auto& label : labels) ++counts[label];
  return std::max_element(counts.begin(), counts.end(),
                          [](const auto& a, const auto& b) { return a.second < b.second; })
      ->first;
}

}  // namespace

double OneClass::f1() const {
  const auto sum = truth + predicted;
  return sum == 0 ? 0 : 2.0 * static_cast<double>(matched) / static_cast<double>(sum);
}

ClassScore score_classes(std::span<const std::string> truth, std::span<const std::string> predicted,
                         std::span<const std::string> learning) {
  ClassScore score;
  score.items = static_cast<std::int64_t>(truth.size());
  score.baseline = commonest(learning.empty() ? truth : learning);
  std::int64_t right = 0;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    ++score.classes[truth[i]].truth;
    ++score.classes[predicted[i]].predicted;
    ++score.confusion[truth[i]][predicted[i]];
    if (truth[i] != predicted[i]) continue;
    ++score.classes[truth[i]].matched;
    ++right;
  }
  const auto n = static_cast<double>(score.items);
  score.accuracy = static_cast<double>(right) / n;
  score.baseline_accuracy = static_cast<double>(std::count(truth.begin(), truth.end(), score.baseline)) / n;
  const auto there = static_cast<double>(score.confusion.size());
  for (const auto& [label, row] : score.confusion) score.macro_f1 += score.classes[label].f1() / there;
  return score;
}

base::Json to_json(const ClassScore& score) {
  base::Json classes = base::Json::object();
  for (const auto& [label, one] : score.classes) {
    classes[label] = {
        {"truth", one.truth}, {"predicted", one.predicted}, {"matched", one.matched}, {"f1", rounded(one.f1())}};
  }
  return {{"items", score.items},
          {"accuracy", rounded(score.accuracy)},
          {"macro_f1", rounded(score.macro_f1)},
          {"baseline", {{"always", score.baseline}, {"accuracy", rounded(score.baseline_accuracy)}}},
          {"classes", classes},
          {"confusion", score.confusion}};
}

}  // namespace gpiot::eval
