#include "gpiot/agents/plan_rank.h"

#include <gtest/gtest.h>

#include <vector>

namespace gpiot::agents {
namespace {

TEST(PlanRank, LikenessIsTheSharedOrderOfVerbs) {
  const std::vector<core::SubTask> example = {{"Filter", "filter", {"Apply a filter.", "Return it."}},
                                              {"Find", "find", {"Mark what is high.", "Take the first."}}};
  EXPECT_DOUBLE_EQ(likeness(example, example), 1);
  const std::vector<core::SubTask> shorter = {{"Filter", "filter", {"Apply another.", "Take the first."}}};
  EXPECT_DOUBLE_EQ(likeness(shorter, example), 2.0 * 2 / 6);
  const std::vector<core::SubTask> turned = {{"Find", "find", {"Take the first.", "Apply a filter."}}};
  EXPECT_DOUBLE_EQ(likeness(turned, example), 2.0 * 1 / 6) << "order counts";
  EXPECT_DOUBLE_EQ(likeness({}, example), 0);
}

TEST(PlanRank, FormComesBeforeBorrowedNumbers) {
  const double copied = plan_cost({.faults = 0, .borrowed = 5, .likeness = 1});
  const double strange = plan_cost({.faults = 0, .borrowed = 0, .likeness = 0.7});
  const double faulty = plan_cost({.faults = 3, .borrowed = 0, .likeness = 1});
  EXPECT_LT(copied, strange);
  EXPECT_LT(copied, faulty);
  EXPECT_LT(plan_cost({.likeness = 0.7, .learned = true}), strange);
  EXPECT_LT(plan_cost({.borrowed = 3, .likeness = 0.95}), plan_cost({.likeness = 1, .second = true}));
  EXPECT_LT(plan_cost({.likeness = 1, .second = true}), strange);
  EXPECT_EQ(plan_cost({}), 0);
}

}  // namespace
}  // namespace gpiot::agents
