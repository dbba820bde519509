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
    return Json{{"0", {{"ok", true}, {"passed", {"syntax"}}, {"constants", {{{"line", 3}, {"value", 2.5}, {"label", "k"}}}}}}};
  });
  TrialRunner runner(fake, ".");
  const auto reports = runner.check({{0, "code"}}, one_spec(), {"numpy"}, 250, {});
  EXPECT_EQ(seen["candidates"][0]["inputs"][0]["unit"], "Hz");
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_TRUE(reports[0].ok);
  EXPECT_EQ(reports[0].constants.at(0).line, 3);
}

TEST(TrialRunner, TakesAnyAnswerWithoutThrowing) {
  for (const auto& answer : {Json(nullptr), Json::array(), Json(3), Json{{"0", "text"}}, Json{{"answers", {1, "x"}}},
                             Json{{"answers", {{{"ok", "yes"}, {"results", 3}}}}}}) {
    FakeRunner fake([&](const std::string&, const Json&) { return answer; });
    TrialRunner runner(fake, ".");
    EXPECT_FALSE(runner.check({{0, "code"}}, one_spec(), {}, 0, {}).at(0).ok);
    EXPECT_FALSE(runner.run({"code"}, {{0}}, one_spec(), "x", "", 0, {}).outcomes.at(0).ok);
  }
}

}  // namespace
}  // namespace gpiot::pipeline
