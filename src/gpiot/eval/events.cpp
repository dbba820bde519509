#include "gpiot/eval/events.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace gpiot::eval {
namespace {

double share(std::int64_t part, std::int64_t whole, bool nothing_to_find) {
  if (whole == 0) return nothing_to_find ? 1.0 : 0.0;
  return static_cast<double>(part) / static_cast<double>(whole);
}

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

void fill_quotients(EventScore& score) {
  const bool nothing = score.truth == 0 && score.predicted == 0;
  score.precision = share(score.matched, score.predicted, nothing);
  score.recall = share(score.matched, score.truth, nothing);
  score.f1 = share(2 * score.matched, score.predicted + score.truth, nothing);
  const auto& errors = score.abs_errors_ms;
  if (errors.empty()) return;
  score.mean_abs_error_ms = std::accumulate(errors.begin(), errors.end(), 0.0) / static_cast<double>(errors.size());
  score.median_abs_error_ms = median(errors);
}

}  // namespace

EventScore score_events(std::span<const std::int64_t> truth, std::span<const std::int64_t> predicted,
                        std::int64_t tolerance_samples, double rate_hz) {
  EventScore score;
  score.truth = std::ssize(truth);
  score.predicted = std::ssize(predicted);
  std::size_t t = 0;
  std::size_t p = 0;
  while (t < truth.size() && p < predicted.size()) {
    const auto difference = predicted[p] - truth[t];
    if (std::abs(difference) <= tolerance_samples) {
      score.abs_errors_ms.push_back(rate_hz > 0 ? static_cast<double>(std::abs(difference)) * 1000 / rate_hz : 0);
      ++t;
      ++p;
    } else if (difference < 0) {
      ++p;
    } else {
      ++t;
    }
  }
  score.matched = std::ssize(score.abs_errors_ms);
  fill_quotients(score);
  return score;
}

EventScore pool(std::span<const EventScore> scores) {
  EventScore all;
  for (const auto& score : scores) {
    all.truth += score.truth;
    all.predicted += score.predicted;
    all.matched += score.matched;
    all.abs_errors_ms.insert(all.abs_errors_ms.end(), score.abs_errors_ms.begin(), score.abs_errors_ms.end());
  }
  fill_quotients(all);
  return all;
}

std::int64_t tolerance_in_samples(double tolerance_ms, double rate_hz) {
  constexpr double kRounding = 1e-9;
  return static_cast<std::int64_t>(std::floor(tolerance_ms * rate_hz / 1000 + kRounding));
}

}  // namespace gpiot::eval
