#include "gpiot/agents/plain_plan.h"

#include <gtest/gtest.h>

#include "gpiot/agents/decompose.h"

namespace gpiot::agents {
namespace {

core::Requirement learned(const std::string& kind) {
  core::Requirement wanted;
  wanted.result.kind = kind;
  wanted.result.learned = true;
  wanted.data.inputs = {{"window", "numpy.ndarray", "float64", "(128, 3)", "g", "acceleration"}};
  wanted.data.sources = {{.key = "X", .columns = {}}};
  return wanted;
}

TEST(PlainPlan, EndsInOneLearnerAndHasNoFaults) {
  for (const auto* const kind : {"class", "value"}) {
    const auto plan = plain_plan(learned(kind));
    ASSERT_EQ(plan.size(), 2U) << kind;
    EXPECT_TRUE(plan_faults(plan, 50, true).empty()) << kind;
    EXPECT_EQ(plan[0].identifier, "extract_plain_features") << kind;
  }
  EXPECT_NE(plain_plan(learned("value"))[1].steps[0].find("regression"), std::string::npos);
  EXPECT_EQ(plain_plan(learned("class"))[1].steps[0].find("regression"), std::string::npos);
}

TEST(PlainPlan, ReadingsAreTheirOwnFeatures) {
  auto wanted = learned("value");
  wanted.data.items = "row";
  wanted.data.inputs = {{"air", "numpy.ndarray", "float64", "(2,)", "", ""}};
  wanted.data.sources = {{.key = {}, .columns = {"t", "h"}}};
  EXPECT_EQ(plain_plan(wanted)[0].identifier, "combine_readings");
}

TEST(PlainPlan, NothingIsLearnedWhereNothingIsAskedFor) {
  auto wanted = learned("class");
  wanted.result.learned = false;
  EXPECT_TRUE(plain_plan(wanted).empty());
}

}  // namespace
}  // namespace gpiot::agents
