#include "gpiot/pipeline/choose.h"

#include <gtest/gtest.h>

#include "gpiot/base/error.h"
#include "gpiot/pipeline/fake_runner.h"

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

}  // namespace
}  // namespace gpiot::pipeline
