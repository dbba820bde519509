#include "gpiot/agents/place_plan.h"

#include <gtest/gtest.h>

#include "gpiot/agents/chain_check.h"
#include "gpiot/agents/plain_plan.h"

namespace gpiot::agents {
namespace {

core::Requirement level() {
  core::Requirement wanted;
  wanted.result.kind = "value";
  wanted.result.variable = {"distance", "float", "", "", "m", "to the liquid"};
  wanted.data.inputs = {{"beat_signal", "numpy.ndarray", "float64", "(256,)", "", ""}};
  wanted.labels.format = "key";
  return wanted;
}

TEST(PlacePlan, IsOfTheOnlySequence) {
  auto wanted = level();
  const auto plan = place_plan(wanted);
  ASSERT_EQ(plan.size(), 2U);
  EXPECT_EQ(plan[0].identifier, "find_place_of_distance");
  EXPECT_EQ(plan[0].steps[0], "Subtract from the beat signal the straight line that fits it best.");
  ASSERT_EQ(plain_plans(wanted).size(), 1U);
  EXPECT_EQ(plain_plans(wanted)[0][0].identifier, plan[0].identifier);
  wanted.data.inputs.push_back({"rate_hz", "float", "", "", "Hz", ""});
  EXPECT_EQ(place_plan(wanted).size(), 2U) << "the rate may stand beside it";
  wanted.data.inputs.push_back({"temperature", "float", "", "", "K", ""});
  EXPECT_TRUE(place_plan(wanted).empty()) << "something else may not";
}

TEST(PlacePlan, HasInterfacesThatFit) {
  auto wanted = level();
  auto plan = place_plan(wanted);
  const auto specs = place_specs(wanted, plan);
  ASSERT_EQ(specs.size(), 2U);
  EXPECT_TRUE(check_chain(wanted, specs).empty());
  EXPECT_EQ(specs[0].outputs[0].name, "place");
  wanted.result.variable.name = "place";
  EXPECT_EQ(place_specs(wanted, place_plan(wanted))[0].outputs[0].name, "place_of_top");
  plan[0].steps.pop_back();
  EXPECT_TRUE(place_specs(wanted, plan).empty()) << "another plan";
}

TEST(PlacePlan, IsNoneWhereNothingCanBeMeasured) {
  auto wanted = level();
  wanted.labels.format.clear();
  EXPECT_TRUE(place_plan(wanted).empty()) << "no labels";
  wanted = level();
  wanted.result.learned = true;
  EXPECT_TRUE(place_plan(wanted).empty()) << "learned";
  wanted = level();
  wanted.result.variable.type = "str";
  EXPECT_TRUE(place_plan(wanted).empty()) << "no number";
  wanted = level();
  wanted.data.inputs[0].shape = "(256, 3)";
  EXPECT_TRUE(place_plan(wanted).empty()) << "channels";
}

}  // namespace
}  // namespace gpiot::agents
