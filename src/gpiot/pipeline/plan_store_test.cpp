#include "gpiot/pipeline/plan_store.h"

#include <gtest/gtest.h>

namespace gpiot::pipeline {
namespace {

StoredPlan plan_with(bool valid, bool reached, double objective) {
  StoredPlan plan;
  plan.outcome = PlanOutcome{valid, reached, objective, ""};
  return plan;
}

TEST(PlanStore, WhatIsGoodEnoughOnTheWholePartIsBetterThanWhatWasNearerInTheChoice) {
  const auto nearer = plan_with(true, false, 0.80), good = plan_with(true, true, 0.79);
  EXPECT_TRUE(is_better(good, nearer));
  EXPECT_FALSE(is_better(nearer, good));
  EXPECT_TRUE(is_better(nearer, plan_with(true, false, 0.79)));
  EXPECT_TRUE(is_better(plan_with(true, false, 0.1), plan_with(false, false, 0.9)));
  EXPECT_TRUE(is_better(plan_with(false, false, -1), StoredPlan()));
  EXPECT_FALSE(is_better(StoredPlan(), StoredPlan()));
}

}  // namespace
}  // namespace gpiot::pipeline
