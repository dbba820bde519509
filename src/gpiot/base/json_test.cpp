#include "gpiot/base/json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gpiot/base/error.h"

namespace gpiot::base {
namespace {

std::string problem_of(const std::string& text) {
  try {
    (void)parse_json(text, "test", "a.json");
    return "";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::Format);
    return error.what();
  }
}

std::string object_of(int keys) {
  std::string text = "{";
  for (int k = 0; k < keys; ++k) text += (k > 0 ? ",\"" : "\"") + std::to_string(k) + "\":0";
  return text + "}";
}

TEST(Json, KeepsTheOrderOfKeys) {
  EXPECT_EQ(dump_json(parse_json(R"({"b": {"z": 1, "a": [2]}, "a": null})", "test", "a.json")),
            R"({"b":{"z":1,"a":[2]},"a":null})");
}

TEST(Json, RefusesWhatWouldKeepTheParserBusy) {
  EXPECT_THAT(problem_of(std::string(70, '[') + std::string(70, ']')), testing::HasSubstr("nested too deeply"));
  EXPECT_THAT(problem_of(object_of(25'000)), testing::HasSubstr("too many keys in one object"));
  EXPECT_THAT(problem_of("[1, {\"a\": " + object_of(25'000) + "}]"), testing::HasSubstr("too many keys"));
  EXPECT_EQ(problem_of("[" + object_of(15'000) + ", " + object_of(15'000) + "]"), "") << "each object for itself";
}

TEST(Json, NamesWhatIsNoJson) {
  EXPECT_THAT(problem_of("{\"a\": }"), testing::HasSubstr("a.json is not JSON"));
  EXPECT_THAT(problem_of("[NaN]"), testing::HasSubstr("is not JSON"));
}

TEST(Json, WritesBytesThatAreNoText) { EXPECT_EQ(dump_json(Json("\xff")), "\"\xEF\xBF\xBD\""); }

}  // namespace
}  // namespace gpiot::base
