#include "gpiot/agents/stated_range.h"

#include <gtest/gtest.h>

namespace gpiot::agents {
namespace {

std::optional<BandHz> band_of(const std::string& statement, const std::string& unit, double rate_hz = 100) {
  core::Requirement wanted;
  wanted.statement = statement;
  wanted.result.kind = "value";
  wanted.result.variable = {"turns", "float", "", "", unit, "speed of the shaft"};
  wanted.data.rate_hz = rate_hz;
  return stated_band(wanted);
}

void expect_band(const std::optional<BandHz>& band, double low, double high) {
  ASSERT_TRUE(band.has_value());
  EXPECT_DOUBLE_EQ(band->low, low);
  EXPECT_DOUBLE_EQ(band->high, high);
}

TEST(StatedRange, IsReadInTheUnitOfTheResult) {
  expect_band(band_of("Rates lie between 45 and 150. It is green.", "1/min"), 0.75, 2.5);
  expect_band(band_of("We measure. Rates go from 6 to\n30.", "bpm"), 0.1, 0.5);
  expect_band(band_of("It makes between 600 and 900 turns.", "rpm"), 10, 15);
  expect_band(band_of("The frequency is between 0.5 and 3.5 Hz.", "1/min"), 0.5, 3.5);
  expect_band(band_of("The frequency is from 2 to 9.", "Hz"), 2, 9);
}

TEST(StatedRange, OtherRangesAreNotTaken) {
  EXPECT_FALSE(band_of("Buckets weigh between 2 and 9 kg.", "1/min"));
  EXPECT_FALSE(band_of("Rates lie between 45 and 150.", "m")) << "the result is no rate";
  EXPECT_FALSE(band_of("Rates lie between 600 and 9000.", "rpm", 100)) << "150 Hz is above half the rate of the data";
  EXPECT_FALSE(band_of("Rates are about 60.", "1/min"));
  EXPECT_FALSE(band_of("Rates fall from 90 to 30.", "1/min")) << "no band";
}

TEST(StatedRange, TheFirstThatFitsCounts) {
  expect_band(band_of("Loads of 2 to 5 kN. Rates lie between 60 and 120, with noise between 1 and 2 Hz.", "1/min"), 1,
              2);
  expect_band(band_of("The rate of 0.5 Hz is rare. Rates lie between 90 and 120.", "1/min"), 1.5, 2);
}

}  // namespace
}  // namespace gpiot::agents
