#include "gpiot/pipeline/calibrate.h"

#include <gtest/gtest.h>

#include <cmath>

#include "gpiot/pipeline/explore.h"
#include "gpiot/pipeline/fake_runner.h"
#include "gpiot/pipeline/workbench.h"

namespace gpiot::pipeline {
namespace {

using base::Json;

std::vector<core::Specification> two_steps() {
  std::vector<core::Specification> specs(2);
  specs[0].subtask = {"First", "first", {}};
  specs[1].subtask = {"Second", "second", {}};
  return specs;
}

/// A trial's value is the product of the numbers its codes begin with.
FakeRunner multiplying_runner() {
  return FakeRunner([](const std::string&, const Json& job) {
    Json answers = Json::array();
    for (const auto& trial : job.at("trials")) {
      double product = 1;
      for (const auto& index : trial) {
        product *= std::stod(job.at("codes").at(index.get<std::size_t>()).get<std::string>());
      }
      answers.push_back({{"ok", true}, {"results", {{"r", product}}}});
    }
    return Json{{"answers", answers}};
  });
}

CheckedCandidate with_constant(const std::string& code) {
  CheckedCandidate c;
  c.code = code;
  c.report.ok = true;
  c.report.constants = {{1, 0, static_cast<int>(code.find(' ')), std::stod(code), false, "k"}};
  return c;
}

TEST(Explore, FindsTheChainThatIsRightWithOtherConstants) {
  auto fake = multiplying_runner();
  TrialRunner runner(fake, ".");
  // Only products between 300 and 3000 find anything: 1.0 * -1.0 never, 1.0 * 2.0 with other numbers.
  const TrialScorer scorer = [](const TrialBatch&, const TrialOutcome& o) {
    const double r = o.results.at("r").get<double>();
    return TrialScore{true, r > 300 && r < 3000 ? 0.5 : 0.0, ""};
  };
  const std::vector<std::vector<CheckedCandidate>> candidates = {{with_constant("9.0 #a")},
                                                                 {with_constant("-1.0 #b"), with_constant("2.0 #c")}};
  const Chain best{{0, 0}, {"9.0 #a", "-1.0 #b"}, {true, 0, ""}, {}};
  const auto found = explore(runner, candidates, two_steps(), scorer, {}, best, {});
  EXPECT_EQ(found.chain.score.objective, 0.5);
  EXPECT_EQ(found.chain.picks, (std::vector<std::size_t>{0, 1}));
  EXPECT_EQ(found.chain.codes[1], "2.0 #c") << "the code as the model wrote it";
  ASSERT_EQ(found.values.size(), 2U);
  EXPECT_GT(found.values[0][0] * found.values[1][0], 300);

  CalibrationOptions options;
  options.start = found.values;
  options.rounds = 1;
  const auto result = calibrate(runner, found.chain, {{{1, 0, 3, 9.0, false, "k"}}, {{1, 0, 3, 2.0, false, "k"}}},
                                two_steps(), scorer, {}, options, {});
  EXPECT_EQ(result.chain.score.objective, 0.5) << "the search begins there";
  ASSERT_FALSE(result.changes.empty());
  EXPECT_TRUE(result.changes[0].before == 9.0 || result.changes[0].before == 2.0) << "and tells the model's number";
}

TEST(Calibrate, WritesConstantsByPositionAndKeepsTheirKind) {
  const std::string code = "def f(x, low_hz=5.0, order=3):\n    return x * 0.25 + low_hz";
  const std::vector<Constant> constants = {
      {1, 16, 19, 5.0, false, "low_hz"}, {1, 27, 28, 3, true, "order"}, {2, 15, 19, 0.25, false, "line 2"}};
  EXPECT_EQ(with_constants(code, constants, {7.5, 4, 0.5}),
            "def f(x, low_hz=7.5, order=4):\n    return x * 0.5 + low_hz");
  EXPECT_EQ(with_constants(code, constants, {5.0, 3, 0.25}), code);
}

TEST(Calibrate, IgnoresPositionsOutsideTheText) {
  EXPECT_EQ(with_constants("x = 1", {{9, 0, 1, 1, true, ""}, {1, 4, 99, 1, true, ""}}, {2, 2}), "x = 1");
}

/// Programs whose code is a number, which is their result.
Json code_as_result(const std::string&, const Json& job) {
  Json answers = Json::array();
  for (const auto& trial : job.at("trials")) {
    const auto code = job.at("codes").at(trial[0].get<std::size_t>()).get<std::string>();
    answers.push_back({{"ok", true}, {"results", {{"r", std::stod(code)}}}});
  }
  return Json{{"answers", answers}};
}

TEST(Calibrate, ClimbsToABetterConstant) {
  // The objective is highest where the constant of the only step is near 10.
  FakeRunner fake(code_as_result);
  TrialRunner runner(fake, ".");
  const TrialScorer scorer = [](const TrialBatch&, const TrialOutcome& o) {
    return TrialScore{true, 1 - std::abs(o.results.at("r").get<double>() - 10) / 100, ""};
  };
  Chain chain{{0}, {"4.0"}, {true, 0.94, ""}, {}};
  chain.outcome.ok = true;
  const auto result = calibrate(runner, chain, {{{1, 0, 3, 4.0, false, "k"}}}, {two_steps()[0]}, scorer, {}, {}, {});
  EXPECT_GT(result.chain.score.objective, 0.97);
  ASSERT_EQ(result.changes.size(), 1U);
  EXPECT_EQ(result.changes[0].label, "k");
}

TEST(Calibrate, MovesBothEndsOfABandTogether) {
  // Only the pair (5, 15) is good; each end alone makes it worse.
  FakeRunner fake([](const std::string&, const Json& job) {
    Json answers = Json::array();
    for (const auto& trial : job.at("trials")) {
      const auto code = job.at("codes").at(trial[0].get<std::size_t>()).get<std::string>();
      const double low = std::stod(code);
      const double high = std::stod(code.substr(code.find(',') + 1));
      const double ratio = high / low;
      answers.push_back(
          {{"ok", true}, {"results", {{"r", std::abs(ratio - 3) > 0.5 ? -1 : 1 - std::abs(low - 5) / 10}}}});
    }
    return Json{{"answers", answers}};
  });
  TrialRunner runner(fake, ".");
  const TrialScorer scorer = [](const TrialBatch&, const TrialOutcome& o) {
    return TrialScore{true, o.results.at("r").get<double>(), ""};
  };
  const Chain chain{{0}, {"1.0,3.0"}, {true, 0.6, ""}, {}};
  const std::vector<Constant> band = {{1, 0, 3, 1.0, false, "low_hz"}, {1, 4, 7, 3.0, false, "high_hz"}};
  CalibrationOptions options;
  options.random_moves = 0;
  const auto result = calibrate(runner, chain, {band}, {two_steps()[0]}, scorer, {}, options, {});
  EXPECT_GT(result.chain.score.objective, 0.9);
  EXPECT_EQ(result.changes.size(), 2U);
}

TEST(Calibrate, GoesOnPastFlatGroundWhileTheThresholdsAreNotReached) {
  // Nothing is right but near 900, far from the model's 6: moves of a few times that gain nothing.
  FakeRunner fake(code_as_result);
  TrialRunner runner(fake, ".");
  for (const bool reached : {false, true}) {
    const TrialScorer scorer = [&](const TrialBatch&, const TrialOutcome& o) {
      const double off = std::abs(std::log(o.results.at("r").get<double>() / 900));
      return TrialScore{true, off < 2.3 ? 0.9 - off / 10 : 0.2, "", reached || off < 0.5, reached || off < 0.5};
    };
    const Chain chain{{0}, {"6.0"}, {true, 0.2, "", reached, reached}, {}};
    const auto result =
        calibrate(runner, chain, {{{1, 0, 3, 6.0, false, "low_hz"}}}, {two_steps()[0]}, scorer, {}, {}, {});
    EXPECT_GT(result.chain.score.objective, 0.85) << reached;
  }
}

TEST(Calibrate, AGoodEnoughChainIsNotSearchedForLong) {
  FakeRunner fake([](const std::string&, const Json& job) {
    Json answers = Json::array();
    for (std::size_t i = 0; i < job.at("trials").size(); ++i)
      answers.push_back({{"ok", true}, {"results", {{"r", 1}}}});
    return Json{{"answers", answers}};
  });
  TrialRunner runner(fake, ".");
  const auto runs = [&](bool reached) {
    fake.runs = 0;
    const TrialScorer scorer = [&](const TrialBatch&, const TrialOutcome&) {
      return TrialScore{true, 0.5, "", reached, reached};
    };
    const Chain chain{{0}, {"6.0"}, {true, 0.5, "", reached, reached}, {}};
    (void)calibrate(runner, chain, {{{1, 0, 3, 6.0, false, "k"}}}, {two_steps()[0]}, scorer, {}, {}, {});
    return fake.runs;
  };
  EXPECT_EQ(runs(true), 2);
  EXPECT_EQ(runs(false), 6);
}

TEST(Calibrate, WhatIsFarBetterThanAskedForKeepsItsConstants) {
  auto fake = multiplying_runner();
  TrialRunner runner(fake, ".");
  const TrialScorer scorer = [](const TrialBatch&, const TrialOutcome& o) {
    return TrialScore{true, o.results.at("r").get<double>(), ""};
  };
  const std::vector<std::vector<CheckedCandidate>> candidates = {{with_constant("0.5 #a")}, {with_constant("1.0 #b")}};
  Chain chain{{0, 0}, {"0.5 #a", "1.0 #b"}, {true, 0.5, "", true, true, true}, {}};
  const auto kept = fit_constants(runner, candidates, two_steps(), scorer, {}, {}, chain, {});
  EXPECT_TRUE(kept.changes.empty());
  EXPECT_EQ(fake.runs, 0);
  chain.score.ample = false;
  EXPECT_FALSE(fit_constants(runner, candidates, two_steps(), scorer, {}, {}, chain, {}).changes.empty());
}

TEST(Excerpt, IsLongEnoughForWhatIsSlow) {
  EXPECT_EQ(excerpt_samples({}, 360), 43200);
  EXPECT_EQ(excerpt_samples({}, 0.1), 20000) << "120 s would be 12 readings";
  EXPECT_EQ(excerpt_samples({}, 0), 0) << "no rate: the whole record";
}

}  // namespace
}  // namespace gpiot::pipeline
