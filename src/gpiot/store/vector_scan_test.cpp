#include "gpiot/store/vector_scan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <thread>

#include "gpiot/store/test_vectors.h"
#include "gpiot/store/vector_file.h"

namespace gpiot::store {
namespace {

using ::testing::Each;

TEST(VectorScan, ProductsAreThoseOfAPlainLoop) {
  for (const std::size_t n : {1U, 7U, 64U, 383U, 384U, 1024U}) {
    std::vector<std::int8_t> a(n);
    std::vector<std::int16_t> b(n);
    std::mt19937 engine(static_cast<std::uint32_t>(n));
    std::uniform_int_distribution<int> any(-127, 127);
    std::int32_t expected = 0;
    for (std::size_t i = 0; i < n; ++i) {
      a[i] = static_cast<std::int8_t>(i % 3 == 0 ? -127 : any(engine));
      b[i] = static_cast<std::int16_t>(i % 3 == 0 ? -127 : any(engine));
      expected += a[i] * b[i];
    }
    EXPECT_EQ(dot_int8(a.data(), b.data(), n), expected) << n;
  }
}

TEST(VectorScan, EightBitsAndTheirRestAreSixteen) {
  const auto values = random_vectors(1, 100, 7);
  std::vector<std::int8_t> components(100), rests(100);
  const float scale = quantise(values, components);
  quantise_rest(values, components, scale, rests);
  for (std::size_t i = 0; i < 100; ++i) {
    const float back = (static_cast<float>(components[i]) + static_cast<float>(rests[i]) / kRests) * scale;
    EXPECT_NEAR(back, values[i], scale / 2 / kRests * 1.01F);
  }
  const std::vector<float> nothing(100);
  EXPECT_EQ(quantise(nothing, components), 0);
  quantise_rest(nothing, components, 0, rests);
  EXPECT_THAT(rests, Each(0));
}

TEST(VectorScan, ThreadsTogetherFindWhatOneFinds) {
  constexpr std::size_t kRows = 20'000, kDimension = 8;
  std::mt19937 engine(1);
  std::uniform_int_distribution<int> few(-2, 2);  // so that many scores are equal
  VectorFile::Columns columns;
  for (std::size_t i = 0; i < kRows; ++i) {
    columns.vectors.push_back(static_cast<std::int64_t>(i));
    columns.passages.push_back(static_cast<std::int64_t>(i));
    columns.log_priors.push_back(static_cast<float>(few(engine)));
    columns.scales.push_back(1);
    for (std::size_t k = 0; k < kDimension; ++k) columns.components.push_back(static_cast<std::int8_t>(few(engine)));
  }
  const auto file = VectorFile::hold(kDimension, 1, std::move(columns));
  const std::vector<float> query = {1, -1, 0.5, 0, 1, 1, -1, 0.25};
  const auto one = scan(file.rows(), query, 300, 0.5F);
  ASSERT_EQ(one.size(), 300U);
  Scan shared(file.rows(), query, 300, 0.5F, {});
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 3; ++i) threads.emplace_back([&] { shared.work(); });
  }
  const auto together = shared.take();
  ASSERT_EQ(together.size(), 300U);
  for (std::size_t i = 0; i < 300; ++i) EXPECT_EQ(together[i].row, one[i].row) << i;
}

}  // namespace
}  // namespace gpiot::store
