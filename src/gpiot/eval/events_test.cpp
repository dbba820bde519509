#include "gpiot/eval/events.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <random>
#include <set>

namespace gpiot::eval {
namespace {

using Samples = std::vector<std::int64_t>;

/// Pairs of a maximum matching, by augmenting paths.
std::int64_t most_pairs(const Samples& truth, const Samples& predicted, std::int64_t tolerance) {
  std::vector<int> owner(predicted.size(), -1);
  std::function<bool(std::size_t, std::vector<bool>&)> augment = [&](std::size_t t, std::vector<bool>& tried) {
    for (std::size_t p = 0; p < predicted.size(); ++p) {
      if (tried[p] || std::abs(truth[t] - predicted[p]) > tolerance) continue;
      tried[p] = true;
      if (owner[p] < 0 || augment(static_cast<std::size_t>(owner[p]), tried)) {
        owner[p] = static_cast<int>(t);
        return true;
      }
    }
    return false;
  };
  std::int64_t pairs = 0;
  for (std::size_t t = 0; t < truth.size(); ++t) {
    std::vector<bool> tried(predicted.size(), false);
    if (augment(t, tried)) ++pairs;
  }
  return pairs;
}

Samples draw(std::mt19937& random, int most, int span) {
  std::set<std::int64_t> drawn;
  const auto count = random() % static_cast<unsigned>(most + 1);
  for (unsigned i = 0; i < count; ++i) drawn.insert(static_cast<std::int64_t>(random() % static_cast<unsigned>(span)));
  return {drawn.begin(), drawn.end()};
}

TEST(Events, CountsPairsWithinTheTolerance) {
  const auto score = score_events(Samples{100, 200, 300}, Samples{90, 205, 260, 400}, 10, 1000);
  EXPECT_EQ(score.matched, 2);
  EXPECT_DOUBLE_EQ(score.precision, 0.5);
  EXPECT_DOUBLE_EQ(score.recall, 2.0 / 3);
  EXPECT_DOUBLE_EQ(score.f1, 4.0 / 7);
  EXPECT_DOUBLE_EQ(score.mean_abs_error_ms, 7.5);
  EXPECT_DOUBLE_EQ(score.median_abs_error_ms, 7.5);
  EXPECT_EQ(score_events(Samples{100}, Samples{154}, 54, 360).matched, 1);
  EXPECT_EQ(score_events(Samples{100}, Samples{155}, 54, 360).matched, 0);
}

TEST(Events, PairsEachEventOnce) {
  const auto score = score_events(Samples{100}, Samples{98, 99, 100, 101}, 54, 360);
  EXPECT_EQ(score.matched, 1);
  EXPECT_DOUBLE_EQ(score.precision, 0.25);
  EXPECT_DOUBLE_EQ(score.recall, 1);
}

TEST(Events, FindsAsManyPairsAsBruteForce) {
  std::mt19937 random(7);
  for (int round = 0; round < 20'000; ++round) {
    const auto truth = draw(random, 12, 60);
    const auto predicted = draw(random, 12, 60);
    const auto tolerance = static_cast<std::int64_t>(random() % 9);
    const auto score = score_events(truth, predicted, tolerance, 360);
    ASSERT_EQ(score.matched, most_pairs(truth, predicted, tolerance)) << "round " << round;
    const auto turned = score_events(predicted, truth, tolerance, 360);
    ASSERT_EQ(score.matched, turned.matched);
    ASSERT_DOUBLE_EQ(score.precision, turned.recall);
  }
}

TEST(Events, DefinesTheEmptyCases) {
  const auto nothing = score_events({}, {}, 54, 360);
  EXPECT_EQ(nothing.precision, 1);
  EXPECT_EQ(nothing.recall, 1);
  EXPECT_EQ(nothing.f1, 1);
  const auto silent = score_events(Samples{1}, {}, 54, 360);
  EXPECT_EQ(silent.precision, 0);
  EXPECT_EQ(silent.recall, 0);
  EXPECT_EQ(score_events({}, Samples{1}, 54, 360).precision, 0);
}

TEST(Events, PoolsOverRecords) {
  const std::vector<EventScore> scores = {score_events(Samples{10, 20}, Samples{10}, 2, 1000),
                                          score_events(Samples{5}, Samples{6, 50}, 2, 1000)};
  const auto all = pool(scores);
  EXPECT_EQ(all.truth, 3);
  EXPECT_EQ(all.predicted, 3);
  EXPECT_EQ(all.matched, 2);
  EXPECT_DOUBLE_EQ(all.mean_abs_error_ms, 0.5);
  EXPECT_EQ(pool({}).f1, 1);
}

TEST(Events, CountsTheToleranceInWholeSamples) {
  EXPECT_EQ(tolerance_in_samples(150, 360), 54);
  EXPECT_EQ(tolerance_in_samples(150, 128), 19);
  EXPECT_EQ(tolerance_in_samples(0, 360), 0);
  EXPECT_EQ(tolerance_in_samples(100, 30), 3) << "0.1 * 30 is not exactly 3";
}

}  // namespace
}  // namespace gpiot::eval
