#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gpiot/base/files.h"
#include "gpiot/base/strings.h"
#include "gpiot/eval/exact_score.h"
#include "gpiot/eval/intervals.h"
#include "gpiot/eval/position_score.h"
#include "gpiot/eval/segments.h"
#include "gpiot/eval/test_project.h"
#include "gpiot/eval/value_score.h"

namespace gpiot::eval {
namespace {

using base::Json;
using Figures = std::map<std::string, double>;
using Numbers = std::vector<double>;
using Samples = std::vector<std::int64_t>;

std::vector<Interval> intervals_of(const Json& pairs) {
  std::vector<Interval> intervals;
  for (const auto& pair : pairs) intervals.push_back({pair[0], pair[1]});
  return intervals;
}

Figures change_points(const Json& c) {
  const auto truth = c["truth"].get<Samples>();
  const auto found = c["found"].get<Samples>();
  const auto events = score_events(truth, found, c["tolerance"], c["rate_hz"]);
  const auto segments = score_segments(truth, found, c["samples"], c["rate_hz"]);
  return {{"precision", events.precision},
          {"recall", events.recall},
          {"f1", events.f1},
          {"covering", segments.covering},
          {"hausdorff_ms", segments.hausdorff_ms},
          {"annotation_error", segments.annotation_error}};
}

Figures anomaly(const Json& c) {
  const auto score =
      score_anomalies(intervals_of(c["truth"]), c["found"].get<Samples>(), c["tolerance"], c["samples"], c["rate_hz"]);
  return {{"precision", score.alarms.precision},
          {"recall", score.alarms.recall},
          {"false_alarms_per_hour", score.false_alarms_per_hour()}};
}

Figures localisation(const Json& c) {
  using Positions = std::vector<Position>;
  const auto score = score_positions(c["truth"].get<Positions>(), c["found"].get<Positions>(),
                                     c["learning"].get<Positions>(), c["radius"]);
  const auto& [mean, median, p90, within] = score.errors;
  const auto& [base_mean, base_median, base_p90, base_within] = score.baseline_errors;
  return {{"mean_error", mean},
          {"median_error", median},
          {"p90_error", p90},
          {"within_radius", within},
          {"baseline_mean_error", base_mean},
          {"baseline_median_error", base_median},
          {"baseline_p90_error", base_p90},
          {"baseline_within_radius", base_within}};
}

Figures regression(const Json& c) {
  const auto truth = c["truth"].get<Numbers>();
  const auto score = score_values(truth, c["found"].get<Numbers>(), c["learning"].get<Numbers>());
  const auto last = score_persistence(truth, c["last_seen"].get<Numbers>(), 1);
  return {{"mae", score.mae},
          {"rmse", score.rmse},
          {"r2", score.r2},
          {"baseline_mae", score.baseline_mae},
          {"baseline_rmse", score.baseline_rmse},
          {"last_mae", last.mae},
          {"last_rmse", last.rmse}};
}

Figures exact(const Json& c) {
  using Texts = std::vector<std::string>;
  const auto score = c["truth"][0].is_string()
                         ? score_exact(c["truth"].get<Texts>(), c["found"].get<Texts>(), c["learning"].get<Texts>())
                         : score_exact(c["truth"].get<Numbers>(), c["found"].get<Numbers>(),
                                       c["learning"].get<Numbers>(), c["tolerance"].get<double>());
  return {{"exact", score.exact}, {"baseline_exact", score.baseline_exact}};
}

// The expected figures are worked out by tests/runtime/scores_test.py, from the words of the definitions.
TEST(Scores, AreThoseOfAnIndependentImplementation) {
  const std::map<std::string, Figures (*)(const Json&)> measures = {{"change_points", change_points},
                                                                    {"anomaly", anomaly},
                                                                    {"localisation", localisation},
                                                                    {"regression", regression},
                                                                    {"exact", exact}};
  const auto file = repository() / "tests/cases/scores/cases.jsonl";
  int cases = 0;
  for (const auto& line : base::split_lines(base::read_file(file, "test"))) {
    if (line.empty()) continue;
    ++cases;
    const auto c = base::parse_json(line, "test", "cases.jsonl");
    const auto figures = measures.at(c["kind"].get<std::string>())(c);
    ASSERT_EQ(figures.size(), c["expected"].size()) << line;
    for (const auto& [name, value] : figures) {
      EXPECT_NEAR(value, c["expected"][name].get<double>(), 1e-9) << name << " of " << line;
    }
  }
  EXPECT_GE(cases, 40);
}

TEST(Scores, ManyDetectionsInOneIntervalCountOnce) {
  const std::vector<Interval> truth = {{100, 199}, {400, 499}};
  const Samples eager = {100, 120, 140, 160, 180, 700};
  const auto score = score_anomalies(truth, eager, 0, 3600, 1);
  EXPECT_EQ(score.detections, 6);
  EXPECT_EQ(score.alarms.matched, 1);
  EXPECT_DOUBLE_EQ(score.alarms.precision, 0.5) << "one interval found, one false alarm";
  EXPECT_DOUBLE_EQ(score.alarms.recall, 0.5);
  EXPECT_DOUBLE_EQ(score.false_alarms_per_hour(), 1);
}

TEST(Scores, OverlappingIntervalsAreOne) {
  EXPECT_EQ(joined({{30, 40}, {10, 20}, {15, 25}, {12, 14}}), (std::vector<Interval>{{10, 25}, {30, 40}}));
  EXPECT_TRUE(joined({}).empty());
}

TEST(Scores, CoveringIsOneForTheSameSegmentsOnly) {
  const Samples changes = {100, 250};
  EXPECT_DOUBLE_EQ(score_segments(changes, changes, 400, 10).covering, 1);
  EXPECT_LT(score_segments(changes, {}, 400, 10).covering, 0.4);
  EXPECT_DOUBLE_EQ(score_segments(changes, {}, 400, 10).hausdorff_ms, 40'000) << "the whole record";
  EXPECT_DOUBLE_EQ(score_segments({}, {}, 0, 10).covering, 1) << "an empty record";
}

TEST(Scores, WrongAnswersAreShownAsTheyAre) {
  const std::vector<std::string> truth = {"a", "b"};
  const std::vector<std::string> told = {"a", "b\x1b[2J"};
  const auto score = score_exact(truth, told, {});
  ASSERT_EQ(score.wrong.size(), 1U);
  EXPECT_THAT(score.wrong[0], testing::HasSubstr("expected \"b\""));
  EXPECT_THAT(score.wrong[0], testing::Not(testing::HasSubstr("\x1b")));
}

}  // namespace
}  // namespace gpiot::eval
