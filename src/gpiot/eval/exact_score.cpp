#include "gpiot/eval/exact_score.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "gpiot/base/strings.h"

namespace gpiot::eval {
namespace {

constexpr std::size_t kShownWrong = 3;

double rounded(double value) { return std::round(value * 1e6) / 1e6; }

std::string shown(const std::string& text) { return "\"" + base::printable(text).substr(0, 60) + "\""; }
std::string shown(double number) { return fmt::format("{}", number); }

template <typename T>
T commonest(std::span<const T> answers) {
  std::map<T, std::int64_t> counts;
  for (const auto& answer : answers) ++counts[answer];
  return std::ranges::max_element(counts, {}, [](const auto& one) { return one.second; })->first;
}

template <typename T, typename Equal>
ExactScore score_all(std::span<const T> truth, std::span<const T> predicted, std::span<const T> learning,
                     const Equal& equal) {
  ExactScore score;
  score.items = std::ssize(truth);
  const T usual = commonest(learning.empty() ? truth : learning);
  score.baseline = shown(usual);
  std::int64_t usual_right = 0;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    usual_right += equal(truth[i], usual) ? 1 : 0;
    if (equal(truth[i], predicted[i])) {
      ++score.equal;
    } else if (score.wrong.size() < kShownWrong) {
      score.wrong.push_back(fmt::format("got {}, expected {}", shown(predicted[i]), shown(truth[i])));
    }
  }
  const auto n = static_cast<double>(score.items);
  score.exact = static_cast<double>(score.equal) / n;
  score.baseline_exact = static_cast<double>(usual_right) / n;
  return score;
}

}  // namespace

ExactScore score_exact(std::span<const std::string> truth, std::span<const std::string> predicted,
                       std::span<const std::string> learning) {
  return score_all(truth, predicted, learning, [](const auto& a, const auto& b) { return a == b; });
}

ExactScore score_exact(std::span<const double> truth, std::span<const double> predicted,
                       std::span<const double> learning, double tolerance) {
  const double limit = tolerance * (1 + 1e-9);  // 1.1 - 1.0 is a little more than 0.1
  return score_all(truth, predicted, learning, [&](double a, double b) { return std::abs(a - b) <= limit; });
}

base::Json to_json(const ExactScore& score) {
  return {{"items", score.items},
          {"equal", score.equal},
          {"exact", rounded(score.exact)},
          {"wrong", score.wrong},
          {"baseline", {{"always", score.baseline}, {"exact", rounded(score.baseline_exact)}}}};
}

}  // namespace gpiot::eval
