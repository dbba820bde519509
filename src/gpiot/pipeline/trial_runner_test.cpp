#include "gpiot/pipeline/trial_runner.h"

#include <gtest/gtest.h>

#include "gpiot/pipeline/fake_runner.h"

namespace gpiot::pipeline {
namespace {

using base::Json;

std::vector<core::Specification> one_spec() {
  std::vector<core::Specification> specs(1);
  specs[0].subtask = {"Step", "step", {}};
  specs[0].inputs = {{"x", "float", "", "", "Hz", ""}};
  return specs;
}

TEST(TrialRunner, HandsTheSpecificationToTheCheck) {
  Json seen;
  FakeRunner fake([&](const std::string& script, const Json& job) {
    EXPECT_EQ(script, "/app/check_candidates.py");
    seen = job;
    return Json{
        {"0", {{"ok", true}, {"passed", {"syntax"}}, {"constants", {{{"line", 3}, {"value", 2.5}, {"label", "k"}}}}}}};
  });
  TrialRunner runner(fake, ".");
  core::Requirement requirement;
  requirement.title = "Heartbeats";
  requirement.packages = {"numpy"};
  requirement.data.rate_hz = 250;
  requirement.data.inputs = {{"ecg", "numpy.ndarray", "float64", "(n_samples,)", "mV", ""}};
  const auto reports = runner.check({{0, "code"}}, one_spec(), requirement, {});
  EXPECT_EQ(seen["candidates"][0]["inputs"][0]["unit"], "Hz");
  EXPECT_EQ(seen["packages"], Json::array({"numpy"}));
  EXPECT_EQ(seen["about"]["title"], "Heartbeats");
  EXPECT_EQ(seen["about"]["rate_hz"], 250);
  EXPECT_EQ(seen["about"]["inputs"][0]["unit"], "mV");
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_TRUE(reports[0].ok);
  EXPECT_EQ(reports[0].constants.at(0).line, 3);
}

TEST(TrialRunner, TakesAnyAnswerWithoutThrowing) {
  for (const auto& answer : {Json(nullptr), Json::array(), Json(3), Json{{"0", "text"}}, Json{{"answers", {1, "x"}}},
                             Json{{"answers", {{{"ok", "yes"}, {"results", 3}}}}}}) {
    FakeRunner fake([&](const std::string&, const Json&) { return answer; });
    TrialRunner runner(fake, ".");
    EXPECT_FALSE(runner.check({{0, "code"}}, one_spec(), {}, {}).at(0).ok);
    EXPECT_FALSE(runner.run({"code"}, {{0}}, one_spec(), "x", "", 0, {}).outcomes.at(0).ok);
  }
}

/// Answers as the check does, or not at all where one of the candidates brings the process down.
Json answer_unless_deadly(const Json& job) {
  Json answer = Json::object();
  for (const auto& candidate : job["candidates"]) {
    if (candidate["code"] == "deadly") return Json{{"failed", "memory_limit, exit 137: "}};
    answer[candidate["id"].get<std::string>()] = {{"ok", true}};
  }
  return answer;
}

TEST(TrialRunner, OneCandidateThatKillsTheProcessSpoilsNoOther) {
  FakeRunner fake([](const std::string&, const Json& job) { return answer_unless_deadly(job); });
  TrialRunner runner(fake, ".");
  std::vector<CandidateJob> jobs(9, {0, "code"});
  jobs[5].code = "deadly";
  const auto reports = runner.check(jobs, one_spec(), {}, {});
  for (std::size_t i = 0; i < jobs.size(); ++i) EXPECT_EQ(reports[i].ok, i != 5) << i;
  EXPECT_EQ(reports[5].kind, "crash");
  EXPECT_NE(reports[5].problem.find("memory_limit"), std::string::npos);
}

TEST(TrialRunner, OneTrialThatKillsTheProcessSpoilsNoOther) {
  FakeRunner fake([](const std::string&, const Json& job) {
    Json answers = Json::array();
    for (const auto& trial : job["trials"]) {
      if (trial[0] == 2) return Json{{"failed", "signalled, exit 137: "}};
      answers.push_back({{"ok", true}, {"results", {{"a", {trial[0]}}}}});
    }
    return Json{{"answers", answers}};
  });
  TrialRunner runner(fake, ".");
  const auto batch = runner.run({"0", "1", "2", "3"}, {{0}, {1}, {2}, {3}}, one_spec(), "x", "", 0, {});
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(batch.outcomes[i].ok, i != 2) << i;
  EXPECT_EQ(batch.outcomes[3].results.at("a"), Json::array({3})) << "answers stay with their trials";
}

TEST(TrialRunner, AnExcerptIsTheMiddleOfALongerRecord) {
  EXPECT_EQ(excerpt_of(101, 40).start, 30);
  EXPECT_EQ(excerpt_of(101, 40).samples, 40);
  EXPECT_EQ(excerpt_of(40, 40).start, 0);
  EXPECT_EQ(excerpt_of(30, 40).samples, 30);
  EXPECT_EQ(excerpt_of(30, 0).samples, 30) << "whole records";
}

TEST(TrialRunner, AScriptThatNeverWorksIsNotAskedForEveryItem) {
  FakeRunner fake([](const std::string&, const Json&) { return Json{{"failed", "exited, exit 1: no numpy"}}; });
  TrialRunner runner(fake, ".");
  const auto reports = runner.check(std::vector<CandidateJob>(30, {0, "code"}), one_spec(), {}, {});
  EXPECT_EQ(fake.runs, 2) << "the batch and the empty batch";
  EXPECT_EQ(reports[29].problem, "the check gave no answer: exited, exit 1: no numpy");
}

}  // namespace
}  // namespace gpiot::pipeline
