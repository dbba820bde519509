#include "gpiot/tune/step_memory.h"

#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <random>

namespace gpiot::tune {
namespace {

TEST(FreeRanges, what_is_given_back_is_one_range_again) {
  FreeRanges ranges(100);
  EXPECT_EQ(ranges.take(30), 0U);
  EXPECT_EQ(ranges.take(30), 30U);
  EXPECT_EQ(ranges.take(30), 60U);
  EXPECT_FALSE(ranges.take(11));
  ranges.give(0, 30);
  ranges.give(60, 30);
  EXPECT_FALSE(ranges.take(41)) << "60 to 100 is 40 long";
  ranges.give(30, 30);
  EXPECT_EQ(ranges.take(100), 0U);
  EXPECT_EQ(ranges.top(), 100U);
}

TEST(FreeRanges, no_byte_is_taken_twice) {
  FreeRanges ranges(10'000);
  std::map<std::size_t, std::size_t> taken;
  std::mt19937 random(7);
  for (int i = 0; i < 20'000; ++i) {
    if (random() % 2 == 0 && !taken.empty()) {
      const auto one = std::next(taken.begin(), random() % taken.size());
      ranges.give(one->first, one->second);
      taken.erase(one);
      continue;
    }
    const std::size_t bytes = 1 + random() % 700;
    const auto offset = ranges.take(bytes);
    if (!offset) continue;
    const auto after = taken.lower_bound(*offset);
    ASSERT_TRUE(after == taken.end() || *offset + bytes <= after->first);
    ASSERT_TRUE(after == taken.begin() || std::prev(after)->first + std::prev(after)->second <= *offset);
    ASSERT_LE(*offset + bytes, 10'000U);
    taken.emplace(*offset, bytes);
  }
  for (const auto& [offset, bytes] : taken) ranges.give(offset, bytes);
  EXPECT_EQ(ranges.take(10'000), 0U);
}

TEST(StepMemory, arrays_are_aligned_and_their_own) {
  StepMemory memory(std::size_t{1} << 26);
  std::vector<c10::DataPtr> arrays;
  for (const std::size_t bytes : {1U, 64U, 1000U, 300'000U, 5'000'000U, 300'000U}) {
    arrays.push_back(memory.allocate(bytes));
    ASSERT_EQ(reinterpret_cast<std::uintptr_t>(arrays.back().get()) % 64, 0U);
    std::memset(arrays.back().get(), static_cast<int>(arrays.size()), bytes);
  }
  for (std::size_t i = 0; i < arrays.size(); ++i) {
    EXPECT_EQ(*static_cast<const unsigned char*>(arrays[i].get()), i + 1);
  }
  EXPECT_EQ(memory.allocate(0).get(), nullptr);
}

TEST(StepMemory, steps_of_other_lengths_need_no_more_than_the_longest) {
  StepMemory memory(std::size_t{1} << 30);
  std::mt19937 random(3);
  constexpr std::size_t kLongest = 2000 * 4096;
  for (int step = 0; step < 200; ++step) {
    const std::size_t rows = step == 0 ? 2000 : 1000 + random() % 1000;
    std::vector<c10::DataPtr> kept, small;
    for (int layer = 0; layer < 20; ++layer) {
      const c10::DataPtr passing = memory.allocate(rows * 4096);
      kept.push_back(memory.allocate(rows * 4096));
      small.push_back(memory.allocate(random() % 10'000));
    }
  }
  EXPECT_LE(memory.top_bytes(), 21 * (kLongest + 8192));
}

TEST(StepMemory, beyond_its_addresses_arrays_come_from_the_heap) {
  StepMemory memory(std::size_t{1} << 20);
  const c10::DataPtr first = memory.allocate(900'000);
  const c10::DataPtr second = memory.allocate(900'000);
  std::memset(second.get(), 1, 900'000);
  EXPECT_NE(second.get(), nullptr);
  EXPECT_LE(memory.top_bytes(), std::size_t{1} << 20);
}

}  // namespace
}  // namespace gpiot::tune
