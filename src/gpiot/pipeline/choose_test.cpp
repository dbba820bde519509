#include "gpiot/pipeline/choose.h"

#include <gtest/gtest.h>

#include <cmath>

#include "gpiot/base/error.h"
#include "gpiot/pipeline/calibrate.h"
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

CheckedCandidate candidate(const std::string& code, bool ok = true) {
  CheckedCandidate c;
  c.code = code;
  c.report.ok = ok;
  c.report.kind = ok ? "" : "syntax";
  return c;
}

/// A trial's value is the sum of the numbers its codes begin with; "bad" in a code raises at that step.
FakeRunner adding_runner() {
  return FakeRunner([](const std::string&, const Json& job) {
    Json answers = Json::array();
    for (const auto& trial : job.at("trials")) {
      double sum = 0;
      int failed = -1;
      for (std::size_t step = 0; step < trial.size() && failed < 0; ++step) {
        const auto code = job.at("codes").at(trial[step].get<std::size_t>()).get<std::string>();
        if (code.find("bad") != std::string::npos) {
          failed = static_cast<int>(step);
        } else {
          sum += std::stod(code);
        }
      }
      answers.push_back(
          {{"ok", failed < 0}, {"step", failed}, {"problem", failed < 0 ? "" : "raised"}, {"results", {{"r", sum}}}});
    }
    return Json{{"answers", answers}};
  });
}

TrialScore sum_score(const TrialBatch&, const TrialOutcome& outcome) {
  if (!outcome.ok) return {false, -1, outcome.problem};
  const double sum = outcome.results.at("r").get<double>();
  return {true, sum, "sum"};
}

TEST(ChooseChain, TakesTheBestOfAllCombinations) {
  auto fake = adding_runner();
  TrialRunner runner(fake, ".");
  const std::vector<std::vector<CheckedCandidate>> candidates = {{candidate("1"), candidate("3")},
                                                                 {candidate("2"), candidate("5"), candidate("4")}};
  const auto chain = choose_chain(runner, candidates, two_steps(), sum_score, {}, {});
  EXPECT_EQ(chain.picks, (std::vector<std::size_t>{1, 1}));
  EXPECT_DOUBLE_EQ(chain.score.objective, 8);
}

TEST(ChooseChain, FindsTheBestFromASampleByItsNeighbours) {
  auto fake = adding_runner();
  TrialRunner runner(fake, ".");
  std::vector<std::vector<CheckedCandidate>> candidates(2);
  for (int i = 0; i < 12; ++i) {
    candidates[0].push_back(candidate(std::to_string(i)));
    candidates[1].push_back(candidate(std::to_string(i) + ".5"));
  }
  TrialSetting setting;
  setting.max_trials = 16;
  const auto chain = choose_chain(runner, candidates, two_steps(), sum_score, setting, {});
  EXPECT_GE(chain.score.objective, 20);
}

TEST(ChooseChain, LeavesOutCandidatesThatFailedTheirChecks) {
  auto fake = adding_runner();
  TrialRunner runner(fake, ".");
  const auto chain =
      choose_chain(runner, {{candidate("9", false), candidate("1")}, {candidate("1")}}, two_steps(), sum_score, {}, {});
  EXPECT_EQ(chain.picks[0], 1U);
}

TEST(ChooseChain, NamesTheStepWhereNothingRuns) {
  auto fake = adding_runner();
  TrialRunner runner(fake, ".");
  const auto chain = choose_chain(runner, {{candidate("1")}, {candidate("bad")}}, two_steps(), sum_score, {}, {});
  EXPECT_FALSE(chain.score.valid);
  EXPECT_EQ(chain.outcome.step, 1);
}

TEST(ChooseChain, RefusesAStepWithoutCandidates) {
  auto fake = adding_runner();
  TrialRunner runner(fake, ".");
  try {
    (void)choose_chain(runner, {{candidate("1")}, {candidate("2", false)}}, two_steps(), sum_score, {}, {});
    FAIL() << "expected an error";
  } catch (const base::Error& error) {
    EXPECT_EQ(error.code(), base::ErrorCode::Check);
    EXPECT_EQ(fake.runs, 0);
  }
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

TEST(Calibrate, ClimbsToABetterConstant) {
  // The objective is highest where the constant of the only step is near 10.
  FakeRunner fake([](const std::string&, const Json& job) {
    Json answers = Json::array();
    for (const auto& trial : job.at("trials")) {
      const auto code = job.at("codes").at(trial[0].get<std::size_t>()).get<std::string>();
      answers.push_back({{"ok", true}, {"results", {{"r", std::stod(code)}}}});
    }
    return Json{{"answers", answers}};
  });
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
  FakeRunner fake([](const std::string&, const Json& job) {
    Json answers = Json::array();
    for (const auto& trial : job.at("trials")) {
      const auto code = job.at("codes").at(trial[0].get<std::size_t>()).get<std::string>();
      answers.push_back({{"ok", true}, {"results", {{"r", std::stod(code)}}}});
    }
    return Json{{"answers", answers}};
  });
  TrialRunner runner(fake, ".");
  for (const bool reached : {false, true}) {
    const TrialScorer scorer = [&](const TrialBatch&, const TrialOutcome& o) {
      const double off = std::abs(std::log(o.results.at("r").get<double>() / 900));
      return TrialScore{true, off < 2.3 ? 0.9 - off / 10 : 0.2, "", reached || off < 0.5};
    };
    const Chain chain{{0}, {"6.0"}, {true, 0.2, "", reached}, {}};
    const auto result = calibrate(runner, chain, {{{1, 0, 3, 6.0, false, "low_hz"}}}, {two_steps()[0]}, scorer, {}, {}, {});
    EXPECT_GT(result.chain.score.objective, 0.85) << reached;
  }
}

TEST(Calibrate, AGoodEnoughChainIsNotSearchedForLong) {
  FakeRunner fake([](const std::string&, const Json& job) {
    Json answers = Json::array();
    for (std::size_t i = 0; i < job.at("trials").size(); ++i) answers.push_back({{"ok", true}, {"results", {{"r", 1}}}});
    return Json{{"answers", answers}};
  });
  TrialRunner runner(fake, ".");
  const auto runs = [&](bool reached) {
    fake.runs = 0;
    const TrialScorer scorer = [&](const TrialBatch&, const TrialOutcome&) { return TrialScore{true, 0.5, "", reached}; };
    const Chain chain{{0}, {"6.0"}, {true, 0.5, "", reached}, {}};
    (void)calibrate(runner, chain, {{{1, 0, 3, 6.0, false, "k"}}}, {two_steps()[0]}, scorer, {}, {}, {});
    return fake.runs;
  };
  EXPECT_EQ(runs(true), 2);
  EXPECT_EQ(runs(false), 6);
}

TEST(Excerpt, IsLongEnoughForWhatIsSlow) {
  EXPECT_EQ(excerpt_samples({}, 360), 43200);
  EXPECT_EQ(excerpt_samples({}, 0.1), 20000) << "120 s would be 12 readings";
  EXPECT_EQ(excerpt_samples({}, 0), 0) << "no rate: the whole record";
}

}  // namespace
}  // namespace gpiot::pipeline
