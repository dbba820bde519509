#include "gpiot/eval/result_file.h"

#include <random>

#include "gpiot/eval/test_project.h"

namespace gpiot::eval {
namespace {

const std::vector<RecordFacts> kRecords = {{"100", 1000, 360, {}}, {"101", 1000, 360, {}}};

ContractReport read(const std::string& text) { return parse_result(heartbeat(), kRecords, text); }

/// The kinds of the breaches when record 100 has this line and 101 a good one.
std::string kinds(const std::string& line) {
  std::string all;
  for (const auto& breach : read(line + "\n{\"record\":\"101\",\"r_peaks\":[1]}\n").breaches) {
    all += (all.empty() ? "" : " ") + breach.kind;
  }
  return all;
}

TEST(ResultFile, ReadsWhatKeepsTheContract) {
  const auto report = read("{\"record\":\"101\",\"r_peaks\":[]}\r\n\n{\"record\":\"100\",\"r_peaks\":[0,5,999]}");
  EXPECT_TRUE(report.ok());
  EXPECT_EQ(report.events.at("100"), (std::vector<std::int64_t>{0, 5, 999}));
  EXPECT_TRUE(report.events.at("101").empty());
}

TEST(ResultFile, NamesEveryBreach) {
  EXPECT_EQ(kinds("{\"record\":\"100\",\"r_peaks\":[1,2]}"), "");
  EXPECT_EQ(kinds(""), "missing_record");
  EXPECT_EQ(kinds("Segmentation fault"), "not_json missing_record");
  EXPECT_EQ(kinds("{\"record\":\"100\",\"r_peaks\":[NaN]}"), "not_json missing_record");
  EXPECT_EQ(kinds("{\"record\":\"100\",\"r_peaks\":[1e999]}"), "not_json missing_record");
  EXPECT_EQ(kinds("{\"record\":\"100\",\"r_peaks\":[1,"), "not_json missing_record");
  EXPECT_EQ(kinds(std::string(100'000, '[')), "not_json missing_record");
  EXPECT_EQ(kinds("[1,2]"), "not_an_object missing_record");
  EXPECT_EQ(kinds("{\"record\":\"100\xFF\"}"), "not_utf8 missing_record");
  EXPECT_EQ(kinds("{\"r_peaks\":[1]}"), "no_record missing_record");
  EXPECT_EQ(kinds("{\"record\":100,\"r_peaks\":[1]}"), "no_record missing_record");
  EXPECT_EQ(kinds("{\"record\":\"999\",\"r_peaks\":[1]}"), "unknown_record missing_record");
  EXPECT_EQ(kinds("{\"record\":\"101\",\"r_peaks\":[1]}"), "repeated_record missing_record");
  EXPECT_EQ(kinds("{\"record\":\"100\",\"peaks\":[1]}"), "unknown_key");
  EXPECT_EQ(kinds("{\"record\":\"100\"}"), "missing_key");
  EXPECT_EQ(kinds("{\"record\":\"100\",\"r_peaks\":null}"), "not_a_list");
  EXPECT_EQ(kinds("{\"record\":\"100\",\"r_peaks\":[[1]]}"), "not_an_integer");
  EXPECT_EQ(kinds("{\"record\":\"100\",\"r_peaks\":[1.5]}"), "not_an_integer");
  EXPECT_EQ(kinds("{\"record\":\"100\",\"r_peaks\":[true]}"), "not_an_integer");
  EXPECT_EQ(kinds("{\"record\":\"100\",\"r_peaks\":[-1]}"), "out_of_range");
  EXPECT_EQ(kinds("{\"record\":\"100\",\"r_peaks\":[1000]}"), "out_of_range");
  EXPECT_EQ(kinds("{\"record\":\"100\",\"r_peaks\":[18446744073709551615]}"), "out_of_range");
  EXPECT_EQ(kinds("{\"record\":\"100\",\"r_peaks\":[99999999999999999999]}"), "not_an_integer");
  EXPECT_EQ(kinds("{\"record\":\"100\",\"r_peaks\":[5,5]}"), "not_increasing");
}

TEST(ResultFile, APositionIsAListOfFiniteNumbers) {
  auto requirement = heartbeat();
  requirement.result.kind = "position";
  requirement.result.variable.shape = "(3,)";
  const auto kind = [&](const std::string& value) {
    const std::vector<RecordFacts> one = {{"100", 1000, 360, {}}};
    const auto report = parse_result(requirement, one, "{\"record\":\"100\",\"r_peaks\":" + value + "}");
    return report.ok() ? std::to_string(report.positions.at("100").size()) : report.breaches[0].kind;
  };
  EXPECT_EQ(kind("[1,2.5,-3]"), "3");
  for (const auto* wrong :
       {"[1,2]", "[1,2,3,4]", "[]", "1", "null", "[1,2,\"3\"]", "[[1,2,3]]", "[1,2,null]", "{\"x\":1}"}) {
    EXPECT_EQ(kind(wrong), "not_a_position") << wrong;
  }
}

TEST(ResultFile, NamesAnEmptyAndAHugeFile) {
  EXPECT_EQ(read("").breaches[0].kind, "empty");
  EXPECT_EQ(read(" \n\n").breach_count, 3U);
  EXPECT_EQ(read(std::string((64U << 20) + 1, ' ')).breaches[0].kind, "too_large");
  EXPECT_EQ(read(std::string((16U << 20) + 1, 'x')).breaches[0].kind, "too_large");
}

TEST(ResultFile, DropsBothOfARepeatedRecord) {
  const auto report = read("{\"record\":\"100\",\"r_peaks\":[1]}\n{\"record\":\"100\",\"r_peaks\":[2]}\n");
  EXPECT_FALSE(report.events.contains("100"));
}

TEST(ResultFile, ShowsNoControlBytesAndStopsListing) {
  std::string text;
  for (int i = 0; i < 5000; ++i) text += "{\"record\":\"\\u001b[2J\",\"r_peaks\":[1]}\n";
  const auto report = read(text);
  EXPECT_EQ(report.breaches.size(), 20U);
  EXPECT_EQ(report.breach_count, 5002U);
  for (const auto& breach : report.breaches) {
    EXPECT_EQ((breach.record + breach.detail).find('\x1b'), std::string::npos);
  }
}

TEST(ResultFile, NeverThrowsOnContent) {
  std::mt19937 random(5);
  const std::string good = "{\"record\":\"100\",\"r_peaks\":[1,22,333]}\n{\"record\":\"101\",\"r_peaks\":[4]}\n";
  for (int round = 0; round < 20'000; ++round) {
    auto text = good;
    for (unsigned i = 0; i <= random() % 4; ++i) text[random() % text.size()] = static_cast<char>(random());
    EXPECT_NO_THROW((void)read(text));
  }
}

}  // namespace
}  // namespace gpiot::eval
