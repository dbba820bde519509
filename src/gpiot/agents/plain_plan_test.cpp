#include "gpiot/agents/plain_plan.h"

#include <gtest/gtest.h>

#include <string>

#include "gpiot/agents/chain_check.h"
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
    const auto plans = plain_plans(learned(kind));
    ASSERT_EQ(plans.size(), 1U) << kind;
    const auto& plan = plans[0];
    ASSERT_EQ(plan.size(), 2U) << kind;
    EXPECT_TRUE(plan_faults(plan, 50, true).empty()) << kind;
    EXPECT_EQ(plan[0].identifier, "extract_plain_features") << kind;
  }
  EXPECT_NE(plain_plans(learned("value"))[0][1].steps[0].find("regression"), std::string::npos);
  EXPECT_EQ(plain_plans(learned("class"))[0][1].steps[0].find("regression"), std::string::npos);
}

TEST(PlainPlan, HasSpecificationsThatNoModelIsAskedFor) {
  for (const auto* const kind : {"class", "value"}) {
    auto wanted = learned(kind);
    wanted.result.variable = {"answer", kind == std::string("class") ? "str" : "float", "", "", "", ""};
    auto plan = plain_plans(wanted)[0];
    const auto specs = plain_learned_specs(wanted, plan);
    ASSERT_EQ(specs.size(), 2U) << kind;
    EXPECT_TRUE(check_chain(wanted, specs).empty()) << kind;
    plan[0].steps.pop_back();
    EXPECT_TRUE(plain_learned_specs(wanted, plan).empty()) << "another plan";
    wanted.result.learned = false;
    EXPECT_TRUE(plain_learned_specs(wanted, plan).empty()) << "nothing is learned";
  }
}

TEST(PlainPlan, ReadingsAreTheirOwnFeatures) {
  auto wanted = learned("value");
  wanted.data.items = "row";
  wanted.data.inputs = {{"air", "numpy.ndarray", "float64", "(2,)", "", ""}};
  wanted.data.sources = {{.key = {}, .columns = {"t", "h"}}};
  EXPECT_EQ(plain_plans(wanted)[0][0].identifier, "combine_readings");
}

TEST(PlainPlan, NothingIsLearnedWhereNothingIsAskedFor) {
  auto wanted = learned("class");
  wanted.result.learned = false;
  EXPECT_TRUE(plain_plans(wanted).empty());
}

TEST(PlainPlan, ARateIsTheTopOfTheSpectrumInTheStatedBand) {
  auto wanted = learned("value");
  wanted.result.learned = false;
  wanted.result.variable = {"paddle_rate", "float", "", "", "1/min", "strokes per minute"};
  wanted.statement = "Strokes come between 24 and 54 per minute.";
  wanted.data.rate_hz = 50;
  const auto plans = plain_plans(wanted);
  ASSERT_EQ(plans.size(), 2U);
  const auto& plan = plans[0];
  ASSERT_EQ(plan.size(), 2U);
  EXPECT_TRUE(plan_faults(plan, 50, false).empty());
  EXPECT_EQ(plan[0].steps[0], "Compute the norm of the window over the channels, one value for every sample.");
  EXPECT_NE(plan[0].steps[1].find("from 0.4 to 0.9 Hz to it"), std::string::npos) << plan[0].steps[1];
  EXPECT_EQ(plan[1].identifier, "estimate_paddle_rate");
  EXPECT_EQ(plan[1].steps.back(), "Return its frequency times 60.");

  wanted.data.inputs[0].shape = "(n_samples,)";
  EXPECT_EQ(plain_plans(wanted)[0][0].steps.size(), 2U) << "one channel has no norm";
  const auto& pulses = plans[1];
  EXPECT_TRUE(plan_faults(pulses, 50, false).empty());
  EXPECT_NE(pulses[0].steps[1].find("from 3.6 to 10.8 Hz"), std::string::npos) << pulses[0].steps[1];
  EXPECT_NE(pulses[0].steps[2].find("absolute value"), std::string::npos);
  EXPECT_NE(pulses[1].steps[1].find("between 0.4 and 0.9 Hz"), std::string::npos) << "the rate is looked for as before";
  wanted.data.rate_hz = 20;
  EXPECT_EQ(plain_plans(wanted).size(), 1U) << "too slow for pulses";
  wanted.statement = "Strokes are slow.";
  EXPECT_TRUE(plain_plans(wanted).empty()) << "no band is stated";
}

}  // namespace
}  // namespace gpiot::agents
