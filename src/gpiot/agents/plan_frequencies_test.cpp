#include "gpiot/agents/plan_frequencies.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gpiot::agents {
namespace {

std::string lowered(const std::string& step, double rate_hz) {
  std::vector<core::SubTask> plan = {{"Filter", "filter", {step}}};
  lower_frequencies(plan, rate_hz);
  return plan.front().steps.front();
}

TEST(PlanFrequencies, CutoffsStayBelowHalfTheRate) {
  EXPECT_EQ(lowered("Apply a low-pass filter with a cutoff of 50 Hz.", 50),
            "Apply a low-pass filter with a cutoff of 22.5 Hz.");
  EXPECT_EQ(lowered("Keep the band from 5 to 200 Hz.", 100), "Keep the band from 5 to 45 Hz.");
  EXPECT_EQ(lowered("Keep the band 60-200 Hz, then 1 kHz.", 100), "Keep the band 13.5-45 Hz, then 45 Hz.");
  EXPECT_EQ(lowered("Keep 10 to 20 Hz.", 20), "Keep 4.5 to 9 Hz.") << "a band stays one";
  EXPECT_EQ(lowered("Cut at 20 Hz.", 50), "Cut at 20 Hz.");
  EXPECT_EQ(lowered("Cut at 500 Hz.", 0), "Cut at 500 Hz.") << "no rate, no limit";
  EXPECT_EQ(lowered("The sampling rate is 50 Hz.", 50), "The sampling rate is 50 Hz.");
}

TEST(PlanFrequencies, ABandThatBeginsAtNoughtIsALowPass) {
  EXPECT_EQ(
      lowered("Apply a zero-phase band-pass filter of order 2 from 0 to 60 Hz to it; it lies at 1 to 30 Hz.", 100),
      "Apply a zero-phase low-pass filter of order 2 with a cutoff of 45 Hz to it; it lies at 1 to 30 Hz.");
  EXPECT_EQ(lowered("Apply a bandpass filter from 0.0 Hz to 8 Hz.", 0),
            "Apply a low-pass filter with a cutoff of 8 Hz.");
  for (const auto* same : {"Apply a band-pass filter from 0.5 to 8 Hz.", "Sum the power from 0 to 8 Hz.",
                           "Apply a band-pass filter. Sum the power from 0 to 8 Hz."}) {
    EXPECT_EQ(lowered(same, 100), same);
  }
}

TEST(PlanFrequencies, SaysWhatWasLowered) {
  std::vector<core::SubTask> plan = {{"Filter", "filter", {"Keep the band from 5 to 200 Hz.", "Cut at 20 Hz."}}};
  EXPECT_THAT(lower_frequencies(plan, 100),
              testing::ElementsAre("200 Hz in 'Filter' became 45 Hz: the data has a rate of 100 Hz"));
}

TEST(PlanFrequencies, FindsTheHighestFrequency) {
  EXPECT_EQ(highest_frequency_hz("from 5 to 200 Hz, or 0.1 kHz"), 200);
  EXPECT_EQ(highest_frequency_hz("between 3 and 5 kHz"), 5000);
  EXPECT_EQ(highest_frequency_hz("for 200 ms"), 0);
}

}  // namespace
}  // namespace gpiot::agents
