#include "gpiot/pipeline/place_functions.h"

#include <gtest/gtest.h>

#include <random>

namespace gpiot::pipeline {
namespace {

using Points = std::vector<std::pair<double, double>>;

/// y = 3 x - 2 with noise of a hundredth; every `wrong`-th x is elsewhere.
Points points(std::size_t count, std::size_t wrong) {
  std::mt19937_64 random(7);
  std::uniform_real_distribution<double> place(10, 90);
  std::normal_distribution<double> noise(0, 0.01);
  Points all;
  for (std::size_t k = 0; k < count; ++k) {
    const double x = place(random);
    all.emplace_back(wrong > 0 && k % wrong == 0 ? 2.0 : x, 3 * x - 2 + noise(random));
  }
  return all;
}

TEST(RobustLine, GoesThroughMostOfThePoints) {
  for (const std::size_t wrong : {0U, 4U, 3U}) {
    const auto line = robust_line(points(120, wrong), 1);
    EXPECT_NEAR(line.scale, 3, 0.001) << wrong;
    EXPECT_NEAR(line.offset, -2, 0.03) << wrong;
    EXPECT_LT(line.miss, 0.02) << wrong;
  }
  EXPECT_NEAR(robust_line(points(5000, 3), 1).scale, 3, 0.001) << "many are thinned out";
}

TEST(RobustLine, IsFlatWhereNothingIsTold) {
  Points same;
  for (int k = 0; k < 20; ++k) same.emplace_back(5.0, k % 2 == 0 ? 1.0 : 2.0);
  EXPECT_EQ(robust_line(same, 1).scale, 0);
  EXPECT_EQ(robust_line({}, 1).scale, 0);
  EXPECT_EQ(robust_line(Points{{3, 4}}, 1).offset, 4);
}

}  // namespace
}  // namespace gpiot::pipeline
