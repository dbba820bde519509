#include "gpiot/agents/event_plan.h"

#include <gtest/gtest.h>

#include "gpiot/agents/chain_check.h"
#include "gpiot/agents/plain_plan.h"

namespace gpiot::agents {
namespace {

core::Requirement beats() {
  core::Requirement wanted;
  wanted.title = "Beats";
  wanted.data.inputs = {{"ecg", "numpy.ndarray", "float64", "(n_samples,)", "mV", "one lead"},
                        {"strength", "numpy.ndarray", "float64", "(n_samples, 2)", "", "of what"},
                        {"fs", "float", "", "", "Hz", "sampling rate"}};
  wanted.data.rate_hz = 250;
  wanted.labels.format = "csv";
  wanted.result.kind = "events";
  wanted.result.variable = {"r_peaks", "numpy.ndarray", "int64", "(n_events,)", "samples", "R peaks"};
  return wanted;
}

TEST(EventPlan, HasSpecificationsThatFitEachOther) {
  const auto plan = event_plan(beats());
  ASSERT_EQ(plan.size(), 2U);
  EXPECT_EQ(plan[1].identifier, "locate_r_peaks");
  EXPECT_EQ(plain_plans(beats()).size(), 1U);
  const auto specs = event_specs(beats(), plan);
  ASSERT_EQ(specs.size(), 2U);
  EXPECT_TRUE(check_chain(beats(), specs).empty());
  EXPECT_EQ(specs[0].inputs.size(), 3U);
  EXPECT_EQ(specs[0].inputs.back().name, "fs");
  EXPECT_EQ(specs[0].outputs[0].name, "strength_of_event") << "an input has the plain name";
}

TEST(EventPlan, OtherSubTasksAreNotItsOwn) {
  auto plan = event_plan(beats());
  plan[0].steps[0] += " Or not.";
  EXPECT_TRUE(event_specs(beats(), plan).empty());
}

TEST(EventPlan, NoneWhereThereIsNothingToMeasureItBy) {
  auto wanted = beats();
  wanted.labels.format.clear();
  EXPECT_TRUE(event_plan(wanted).empty()) << "no labels";
  wanted = beats();
  wanted.data.inputs.pop_back();
  EXPECT_TRUE(event_plan(wanted).empty()) << "no sampling rate";
  wanted = beats();
  wanted.data.inputs[1].shape = "(n_other,)";
  EXPECT_TRUE(event_plan(wanted).empty()) << "sequences of two lengths";
  wanted = beats();
  wanted.data.inputs[0].type = "str";
  EXPECT_TRUE(event_plan(wanted).empty()) << "text";
  wanted = beats();
  wanted.result.kind = "value";
  EXPECT_TRUE(event_plan(wanted).empty()) << "a number";
}

}  // namespace
}  // namespace gpiot::agents
