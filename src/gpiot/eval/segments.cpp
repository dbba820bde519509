#include "gpiot/eval/segments.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <iterator>

namespace gpiot::eval {
namespace {

using Samples = std::vector<std::int64_t>;

double rounded(double value) { return std::round(value * 1e6) / 1e6; }

/// Ends of the segments that the change points make, the record's own end last.
Samples ends_of(std::span<const std::int64_t> changes, std::int64_t samples) {
  Samples ends;
  std::ranges::copy_if(changes, std::back_inserter(ends), [](std::int64_t at) { return at > 0; });
  ends.push_back(samples);
  return ends;
}

/// Largest Jaccard overlap of [start, end) with one of the found segments; `at` is the first found segment that ends
/// after `start`. Segments that do not overlap have none, so only those that do are looked at.
double best_overlap(std::int64_t start, std::int64_t end, const Samples& found, std::size_t& at) {
  while (found[at] <= start) ++at;
  double best = 0;
  for (std::size_t i = at; i < found.size(); ++i) {
    const auto from = i == 0 ? 0 : found[i - 1];
    if (from >= end) break;
    const auto shared = std::min(end, found[i]) - std::max(start, from);
    const auto both = std::max(end, found[i]) - std::min(start, from);
    best = std::max(best, static_cast<double>(shared) / static_cast<double>(both));
  }
  return best;
}

double covering(std::span<const std::int64_t> truth, std::span<const std::int64_t> predicted, std::int64_t samples) {
  if (samples <= 0) return 1;
  const auto found = ends_of(predicted, samples);
  double sum = 0;
  std::int64_t start = 0;
  std::size_t at = 0;
  for (const auto end : ends_of(truth, samples)) {
    sum += static_cast<double>(end - start) * best_overlap(start, end, found, at);
    start = end;
  }
  return sum / static_cast<double>(samples);
}

/// The largest distance from one of `from` to the nearest of `to`, which is not empty.
std::int64_t farthest(std::span<const std::int64_t> from, std::span<const std::int64_t> to) {
  std::int64_t most = 0;
  for (const auto event : from) {
    const auto next = std::ranges::lower_bound(to, event);
    auto nearest = next == to.end() ? event - to.back() : *next - event;
    if (next != to.begin()) nearest = std::min(nearest, event - *std::prev(next));
    most = std::max(most, nearest);
  }
  return most;
}

std::int64_t hausdorff(std::span<const std::int64_t> truth, std::span<const std::int64_t> predicted,
                       std::int64_t samples) {
  if (truth.empty() && predicted.empty()) return 0;
  if (truth.empty() || predicted.empty()) return samples;
  return std::max(farthest(truth, predicted), farthest(predicted, truth));
}

}  // namespace

SegmentScore score_segments(std::span<const std::int64_t> truth, std::span<const std::int64_t> predicted,
                            std::int64_t samples, double rate_hz) {
  SegmentScore score;
  score.covering = covering(truth, predicted, samples);
  score.hausdorff_ms = static_cast<double>(hausdorff(truth, predicted, samples)) * 1000 / rate_hz;
  score.annotation_error = static_cast<double>(std::abs(std::ssize(predicted) - std::ssize(truth)));
  return score;
}

SegmentScore mean_of(std::span<const SegmentScore> scores) {
  SegmentScore mean;
  const auto n = static_cast<double>(scores.size());
  for (const auto& score : scores) {
    mean.covering += score.covering / n;
    mean.hausdorff_ms += score.hausdorff_ms / n;
    mean.annotation_error += score.annotation_error / n;
  }
  return mean;
}

base::Json to_json(const SegmentScore& score) {
  return {{"covering", rounded(score.covering)},
          {"hausdorff_ms", rounded(score.hausdorff_ms)},
          {"annotation_error", rounded(score.annotation_error)}};
}

}  // namespace gpiot::eval
