#include "gpiot/weights/safetensors_reader.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "gpiot/base/error.h"

namespace gpiot::weights {
namespace {

using base::Error;
using base::ErrorCode;

/// `header` with its length before it and `data_bytes` bytes after it.
std::string file_of(const std::string& header, std::size_t data_bytes) {
  const std::uint64_t length = header.size();
  std::string bytes(reinterpret_cast<const char*>(&length), sizeof length);
  bytes += header;
  for (std::size_t i = 0; i < data_bytes / 4; ++i) {
    const auto value = static_cast<float>(i);
    bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  return bytes;
}

std::string entry(const std::string& name, const std::string& type, const std::string& shape,
                  const std::string& offsets) {
  return "\"" + name + "\":{\"dtype\":\"" + type + "\",\"shape\":" + shape + ",\"data_offsets\":" + offsets + "}";
}

class SafeTensorsReaderTest : public testing::Test {
 protected:
  void TearDown() override { std::filesystem::remove(path_); }
  SafeTensorsReader read(const std::string& bytes) {
    std::ofstream(path_, std::ios::binary | std::ios::trunc) << bytes;
    return SafeTensorsReader(path_);
  }
  std::string problem(const std::string& bytes) {
    try {
      read(bytes);
      return "none";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::Format) << error.what();
      return error.what();
    }
  }
  void expect_problem(const std::string& header, std::size_t data_bytes, const std::string& part) {
    const auto got = problem(file_of(header, data_bytes));
    EXPECT_NE(got.find(part), std::string::npos) << "got: " << got;
  }
  std::filesystem::path path_ =
      std::filesystem::temp_directory_path() / ("safetensors_" + std::to_string(::getpid()) + ".safetensors");
};

TEST_F(SafeTensorsReaderTest, tensors_are_found_in_the_order_of_their_data) {
  auto file = read(file_of("{\"__metadata__\":{\"format\":\"pt\"}," + entry("second", "F32", "[2]", "[16,24]") + "," +
                               entry("first", "F32", "[2,2]", "[0,16]") + "}",
                           24));
  ASSERT_EQ(file.tensors().size(), 2u);
  EXPECT_EQ(file.tensors()[0].name, "first");
  EXPECT_EQ(file.find("third"), nullptr);
  ASSERT_NE(file.find("second"), nullptr);
  EXPECT_EQ(file.floats(*file.find("second")), (std::vector<float>{4, 5}));
  EXPECT_EQ(file.floats(*file.find("first")), (std::vector<float>{0, 1, 2, 3}));
}

TEST_F(SafeTensorsReaderTest, other_types_are_not_read_as_floats) {
  auto file = read(file_of("{" + entry("a", "I64", "[1]", "[0,8]") + "}", 8));
  EXPECT_THROW((void)file.floats(file.tensors()[0]), Error);
}

TEST_F(SafeTensorsReaderTest, cut_files_are_refused) {
  const auto whole = file_of("{" + entry("a", "F32", "[4]", "[0,16]") + "}", 16);
  for (std::size_t length = 0; length < whole.size(); ++length) {
    EXPECT_NE(problem(whole.substr(0, length)), "none") << length;
  }
  EXPECT_NE(problem(whole + "x").find("bytes follow"), std::string::npos);
}

TEST_F(SafeTensorsReaderTest, headers_that_do_not_hold_together_are_refused) {
  expect_problem("[]", 0, "no JSON object");
  expect_problem("{\"a\":3}", 0, "no dtype");
  expect_problem("{" + entry("a", "F32", "[-1]", "[0,4]") + "}", 4, "no valid shape");
  expect_problem("{" + entry("a", "F32", "[1.5]", "[0,4]") + "}", 4, "no valid shape");
  expect_problem("{" + entry("a", "F32", "[1,1,1,1,1,1,1,1,1]", "[0,4]") + "}", 4, "no valid shape");
  expect_problem("{" + entry("a", "F32", "[1]", "[0]") + "}", 4, "no valid data_offsets");
  expect_problem("{" + entry("a", "F32", "[1]", "[4,0]") + "}", 4, "leaves the file");
  expect_problem("{" + entry("a", "F32", "[2]", "[0,8]") + "}", 4, "leaves the file");
  expect_problem("{" + entry("a", "F32", "[1]", "[0,18446744073709551615]") + "}", 4, "leaves the file");
  expect_problem("{" + entry("a", "F32", "[2]", "[0,4]") + "}", 4, "does not fill its place");
  expect_problem("{" + entry("a", "F32", "[4294967296,4294967296,4294967297]", "[0,4]") + "}", 4, "does not fill");
  expect_problem("{" + entry("a", "Q9", "[1]", "[0,4]") + "}", 4, "unknown type");
  expect_problem("{" + entry("a", "F32", "[2]", "[0,8]") + "," + entry("b", "F32", "[2]", "[4,12]") + "}", 12,
                 "overlaps");
  expect_problem("{" + entry("a", "F32", "[1]", "[0,4]") + "," + entry("b", "F32", "[1]", "[8,12]") + "}", 12,
                 "leaves a hole");
}

TEST_F(SafeTensorsReaderTest, a_header_length_beyond_the_limit_is_refused) {
  auto bytes = file_of("{}", 0);
  bytes[6] = '\x7f';
  EXPECT_NE(problem(bytes).find("header is too long"), std::string::npos);
}

TEST_F(SafeTensorsReaderTest, a_missing_file_is_named) {
  try {
    SafeTensorsReader("/nowhere.safetensors");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::NotFound);
  }
}

}  // namespace
}  // namespace gpiot::weights
