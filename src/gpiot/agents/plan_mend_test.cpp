#include "gpiot/agents/plan_mend.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gpiot::agents {
namespace {

TEST(PlanMend, FittingAndPredictingAreOneSubTask) {
  std::vector<core::SubTask> plan = {{"Smooth", "smooth", {"Filter it"}},
                                     {"Extract features", "extract_features", {"Compute the mean"}},
                                     {"Classify", "classify", {"Fit a tree"}},
                                     {"Predict", "predict", {"Fit a tree", "Predict the labels"}}};
  EXPECT_THAT(merge_learners(plan),
              testing::ElementsAre("'Predict' became part of 'Classify': a learned program has one learner"));
  ASSERT_EQ(plan.size(), 3U);
  EXPECT_EQ(plan.back().identifier, "classify");
  EXPECT_THAT(plan.back().steps, testing::ElementsAre("Fit a tree", "Predict the labels"));
  EXPECT_TRUE(merge_learners(plan).empty());
  EXPECT_EQ(plan.size(), 3U) << "features are no learner";
}

TEST(PlanMend, TheLearnerFitsOneModelAndPredicts) {
  const auto settled = [](std::vector<std::string> steps) {
    std::vector<core::SubTask> plan = {{"Extract", "extract", {"Compute the mean"}},
                                       {"Classify", "classify", std::move(steps)}};
    (void)settle_learner(plan);
    return plan.back().steps;
  };
  EXPECT_THAT(settled({"Standardise the features", "Fit a forest", "Select the best 50 features", "Fit a second forest",
                       "Predict the label of each other item", "Remove the fourth label"}),
              testing::ElementsAre("Standardise the features", "Fit a forest", "Predict the label of each other item"));
  EXPECT_THAT(settled({"Fit a forest", "Extract features of the others"}),
              testing::ElementsAre("Fit a forest", "Predict the answer of each other item from its features."));
  EXPECT_THAT(settled({"Fit a forest", "Compare the predictions with the labels"}),
              testing::ElementsAre("Fit a forest", "Predict the answer of each other item from its features."));
  EXPECT_THAT(settled({"Fit a ridge and predict the others"}),
              testing::ElementsAre("Fit a ridge and predict the others"));
  EXPECT_THAT(settled({"Smooth the strain"}), testing::ElementsAre("Smooth the strain")) << "to strain is not to train";
  EXPECT_THAT(settled({"Compute the mean"}), testing::ElementsAre("Compute the mean")) << "no learner";
}

TEST(PlanMend, AStepThatNamesTheAnswersIsLeftOut) {
  std::vector<core::SubTask> plan = {
      {"Extract",
       "extract",
       {"Compute the mean.", "Count each mode (walk, bicycle, bus or car).", "Count the walk and the bus."}},
      {"Sort", "sort", {"Compare walk, bicycle and car."}},
      {"Classify", "classify", {"Fit a forest to walk, bicycle, bus and car.", "Predict the others."}}};
  EXPECT_THAT(drop_named_answers(plan, "Walk, bicycle, bus or car"), testing::SizeIs(1));
  EXPECT_THAT(plan[0].steps, testing::ElementsAre("Compute the mean.", "Count the walk and the bus."));
  EXPECT_THAT(plan[1].steps, testing::SizeIs(1)) << "nothing else would be left";
  EXPECT_THAT(plan[2].steps, testing::SizeIs(2)) << "the learner knows them";
  EXPECT_TRUE(drop_named_answers(plan, "heart rate").empty());
}

TEST(PlanMend, SeveralChannelsBecomeOneValue) {
  const auto joined = [](std::vector<std::string> steps) {
    std::vector<core::SubTask> plan = {{"Smooth", "smooth", std::move(steps)}, {"Find", "find", {"Find the maxima."}}};
    (void)join_channels(plan);
    return plan.front().steps;
  };
  EXPECT_THAT(joined({"Smooth them.", "Return the smooth signal."}),
              testing::ElementsAre("Smooth them.", testing::StartsWith("Compute the norm over the channels")));
  EXPECT_THAT(joined({"Smooth them."}), testing::SizeIs(2));
  for (const auto* const step :
       {"Compute the magnitude of the three axes.", "Combine the channels by their mean.",
        "Average over all subcarriers.", "Compute the average of the absolute csi over the subcarriers.",
        "Take the median across the axes."}) {
    EXPECT_THAT(joined({step}), testing::ElementsAre(step));
  }
  EXPECT_THAT(joined({"Average it over the last 5 samples."}), testing::SizeIs(2)) << "that is time";
}

TEST(PlanMend, StretchesEndInOnePositionEach) {
  const auto ended = [](std::vector<std::string> steps) {
    std::vector<core::SubTask> plan = {{"Mark", "mark", {"Mark what is high, one truth value for every sample."}},
                                       {"Clean", "clean", std::move(steps)}};
    (void)take_starts(plan);
    return plan.back().steps;
  };
  EXPECT_THAT(ended({"Merge stretches 4 s apart.", "Return these indices."}),
              testing::ElementsAre("Merge stretches 4 s apart.", "Take the first sample of each stretch.",
                                   "Return these indices."));
  EXPECT_THAT(ended({"Merge stretches 4 s apart."}), testing::SizeIs(2));
  EXPECT_THAT(ended({"Take the first packet of each."}), testing::SizeIs(1));
  EXPECT_THAT(ended({"Return the middle of each stretch."}), testing::SizeIs(1));
  std::vector<core::SubTask> peaks = {{"Find", "find", {"Return what is high."}}};
  EXPECT_THAT(take_starts(peaks), testing::IsEmpty()) << "nothing is marked";
}

TEST(PlanMend, WhatIsMissingIsFilledFirst) {
  const auto filled = [](const std::string& statement, const std::string& step) {
    std::vector<core::SubTask> plan = {{"Smooth", "smooth", {step}}, {"Find", "find", {"Find the maxima."}}};
    (void)fill_gaps(plan, statement);
    return plan.front().steps;
  };
  EXPECT_THAT(filled("Some readings come as NaN.", "Smooth it."),
              testing::ElementsAre(testing::StartsWith("Replace each NaN"), "Smooth it."));
  EXPECT_THAT(filled("Some readings come as NaN.", "Interpolate gaps."), testing::SizeIs(1));
  EXPECT_THAT(filled("Nancy's readings.", "Smooth it."), testing::SizeIs(1));
}

TEST(PlanMend, ReasonsOfTheWorkedExampleGo) {
  std::vector<core::SubTask> plan = {
      {"Filter", "filter", {"Keep 1 to 5 Hz; hooves shake the planks.", "Keep it; people walk.", "Return it."}}};
  EXPECT_THAT(drop_borrowed_reasons(plan, "Keep 2 Hz; hooves shake the planks.\n- Return it."), testing::SizeIs(1));
  EXPECT_THAT(plan.front().steps, testing::ElementsAre("Keep 1 to 5 Hz.", "Keep it; people walk.", "Return it."));
}

TEST(PlanMend, QuantitiesOfTheWorkedExampleAreBorrowed) {
  const std::vector<core::SubTask> plan = {
      {"Mark",
       "mark",
       {"Mark what is 8 kN above it.", "Merge what is 60 s apart.", "Remove what lasts 2.5 s or 8kn."}}};
  const std::string example = "Mark what is 8 kN above. Merge 60 s. Average 2 s. Remove 2.5 s.";
  EXPECT_THAT(borrowed_quantities(plan, example, "It lasts 2.5 s."), testing::ElementsAre("8 kn", "60 s"));
  EXPECT_THAT(borrowed_quantities(plan, "Merge 61 s.", ""), testing::IsEmpty());
}

}  // namespace
}  // namespace gpiot::agents
