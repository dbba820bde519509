#include "gpiot/tune/event_file.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstring>
#include <iterator>

namespace gpiot::tune {
namespace {

TEST(EventFileTest, checksum_is_the_known_one) {
  EXPECT_EQ(crc32c("123456789"), 0xe3069283U);            // the check value of CRC-32C
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8a9136aaU);  // RFC 3720, B.4
}

TEST(EventFileTest, records_are_framed_and_hold_the_scalars) {
  const auto folder = std::filesystem::temp_directory_path() / ("gpiot_events_" + std::to_string(::getpid()));
  {
    EventFile events(folder);
    events.add(7, {{"loss/tdd", 1.5}});
  }
  const auto path = std::filesystem::directory_iterator(folder)->path();
  std::ifstream file(path, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  std::size_t at = 0;
  std::vector<std::string> events;
  while (at + 12 <= bytes.size()) {
    std::uint64_t length = 0;
    std::memcpy(&length, bytes.data() + at, 8);
    ASSERT_LE(at + 12 + length + 4, bytes.size());
    std::uint32_t stored = 0;
    std::memcpy(&stored, bytes.data() + at + 12 + length, 4);
    const std::string event = bytes.substr(at + 12, length);
    EXPECT_EQ(stored, std::rotr(crc32c(event), 15) + 0xa282ead8U);
    events.push_back(event);
    at += 16 + length;
  }
  EXPECT_EQ(at, bytes.size());
  ASSERT_EQ(events.size(), 2U);
  EXPECT_NE(events[0].find("brain.Event:2"), std::string::npos);
  const float value = 1.5F;
  EXPECT_NE(events[1].find("\x0a\x08loss/tdd\x15" + std::string(reinterpret_cast<const char*>(&value), 4)),
            std::string::npos);
  EXPECT_EQ(events[1][10], 7) << "the step";
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace gpiot::tune
