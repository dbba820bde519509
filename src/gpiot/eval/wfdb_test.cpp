#include <map>
#include <numeric>
#include <random>

#include "gpiot/eval/labels.h"
#include "gpiot/eval/test_project.h"
#include "gpiot/eval/wfdb_annotations.h"
#include "gpiot/eval/wfdb_header.h"

namespace gpiot::eval {
namespace {

using base::ErrorCode;

class Wfdb : public TestProject {};

std::string words(std::initializer_list<unsigned> values) {
  std::string bytes;
  for (const unsigned value : values) {
    bytes += static_cast<char>(value & 0xFF);
    bytes += static_cast<char>(value >> 8);
  }
  return bytes;
}
unsigned word(unsigned code, unsigned value) { return code << 10 | value; }

// Counts as PhysioNet publishes them; sums of the sample indices as wfdb-python 4.3.1 reads them.
TEST_F(Wfdb, ReadsTheBeatsOfMitBih) {
  const std::map<std::string, std::pair<std::int64_t, std::int64_t>> published = {
      {"100", {2273, 738342125}}, {"101", {1865, 595575615}},  {"103", {2084, 671940534}}, {"105", {2572, 848131578}},
      {"106", {2027, 660135685}}, {"109", {2532, 816846030}},  {"114", {1879, 642644526}}, {"118", {2278, 742393163}},
      {"119", {1987, 646002127}}, {"121", {1863, 619766042}},  {"200", {2601, 834739398}}, {"205", {2656, 841799697}},
      {"208", {2955, 945188515}}, {"213", {3251, 1047617973}}, {"217", {2208, 716371309}}};
  const auto project = repository() / "examples/heartbeat-detection";
  const auto labels = load_labels(heartbeat(), project, list_records(heartbeat(), project));
  ASSERT_EQ(labels.size(), published.size());
  for (const auto& [id, beats] : labels) {
    EXPECT_EQ(std::ssize(beats), published.at(id).first) << id;
    EXPECT_EQ(std::accumulate(beats.begin(), beats.end(), std::int64_t{0}), published.at(id).second) << id;
  }
}

TEST_F(Wfdb, ReadsAllCodes) {
  const auto bytes = words({word(28, 18), word(63, 3), 'N' << 8 | '(', 'x', word(59, 0), 0x0001, 0x0002, word(1, 5),
                            word(61, 0x3FF), word(62, 1), word(60, 7), word(5, 1023), word(45, 0), 0, 99});
  const auto found = parse_wfdb_annotations(bytes, "t.atr");
  ASSERT_EQ(found.size(), 4U);
  EXPECT_EQ(found[0].symbol, "+");
  EXPECT_EQ(found[0].sample, 18);
  EXPECT_EQ(found[0].aux, "(Nx");
  EXPECT_EQ(found[1].sample, 18 + 65536 + 2 + 5);
  EXPECT_EQ(found[1].symbol, "N");
  EXPECT_EQ(found[1].subtype, -1);
  EXPECT_EQ(found[2].symbol, "V");
  EXPECT_EQ(found[2].channel, 1) << "CHN holds until the next";
  EXPECT_EQ(found[2].number, 7) << "NUM holds until the next";
  EXPECT_EQ(found[2].subtype, 0) << "SUB does not";
  EXPECT_EQ(found[3].symbol, "");
}

TEST_F(Wfdb, RefusesBrokenAnnotations) {
  const auto parse = [](const std::string& bytes) { return [bytes] { (void)parse_wfdb_annotations(bytes, "t.atr"); }; };
  expect_error(ErrorCode::Data, "t.atr at byte 0 is cut short", parse(""));
  expect_error(ErrorCode::Data, "cut short", parse("x"));
  expect_error(ErrorCode::Data, "cut short", parse(words({word(1, 5)})));
  expect_error(ErrorCode::Data, "cut short", parse(words({word(1, 5), word(63, 900), 0})));
  expect_error(ErrorCode::Data, "cut short", parse(words({word(59, 0), 1})));
  expect_error(ErrorCode::Data, "time out of range: got sample -1", parse(words({word(59, 0), 0xFFFF, 0xFFFF, 0})));
}

TEST_F(Wfdb, SurvivesAnyBytes) {
  std::mt19937 random(3);
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes(random() % 64, '\0');
    for (auto& byte : bytes) byte = static_cast<char>(random());
    try {
      (void)parse_wfdb_annotations(bytes, "t");
    } catch (const base::Error& error) {
      ASSERT_EQ(error.code(), ErrorCode::Data);
    }
    try {
      (void)parse_wfdb_header(bytes, "t");
    } catch (const base::Error& error) {
      ASSERT_NE(error.code(), ErrorCode::Internal);
    }
  }
}

TEST_F(Wfdb, ReadsHeaders) {
  const auto header = parse_wfdb_header(
      "# c\r\n114 2 360/360(0) 650000 12:00:00 1/1/1980\r\n114.dat 212+10 200(0)/mV 11 1024 995 -22131 0 V5\r\n"
      "114.dat 212 200 11 1024 1027 -13230 0 lead with blanks\r\n",
      "t.hea");
  EXPECT_EQ(header.record, "114");
  EXPECT_EQ(header.rate_hz, 360);
  EXPECT_EQ(header.samples, 650'000);
  ASSERT_EQ(header.signals.size(), 2U);
  EXPECT_EQ(header.signals[0].storage, 212);
  EXPECT_EQ(header.signals[1].name, "lead with blanks");
  EXPECT_EQ(wfdb_bytes(212, 1'300'000), 1'950'000U);
}

TEST_F(Wfdb, RefusesBrokenHeaders) {
  const auto parse = [](const std::string& text) { return [text] { (void)parse_wfdb_header(text, "t.hea"); }; };
  expect_error(ErrorCode::Data, "broken record line", parse("# only\n"));
  expect_error(ErrorCode::Data, "number of signals", parse("a x 360 4\n"));
  expect_error(ErrorCode::Data, "number of signals", parse("a 100000 360 4\n"));
  expect_error(ErrorCode::Data, "sampling rate", parse("a 1 -360 4\n"));
  expect_error(ErrorCode::Data, "sampling rate", parse("a 1 nan 4\n"));
  expect_error(ErrorCode::Data, "number of samples", parse("a 1 360\n"));
  expect_error(ErrorCode::Data, "number of samples", parse("a 1 360 99999999999999999999\n"));
  expect_error(ErrorCode::Data, "signal list", parse("a 1 360 4\n"));
  expect_error(ErrorCode::Data, "signal line", parse("a 1 360 4\na.dat\n"));
  expect_error(ErrorCode::Unsupported, "several segments", parse("a/2 1 360 4\n"));
  expect_error(ErrorCode::Unsupported, "got 99, expected one of 8, 16", parse("a 1 360 4\na.dat 99\n"));
  expect_error(ErrorCode::Unsupported, "several samples per frame", parse("a 1 360 4\na.dat 16x4\n"));
}

TEST_F(Wfdb, NamesWhatIsWrongWithLabels) {
  auto wanted = heartbeat();
  const std::vector<RecordFacts> records = {{"a", 100, 360, {}}};
  const auto load = [&] { (void)load_labels(wanted, folder_, records); };
  expect_error(ErrorCode::NotFound, "no label file of record a", load);
  put("data/a.atr", words({word(1, 100), 0}));
  expect_error(ErrorCode::Data, "got samples 100 to 100, expected 0 to 99", load);
  put("data/a.atr", words({word(28, 10), 0}));
  expect_error(ErrorCode::Data, "no event in the labels", load);
  put("data/a.atr", words({word(1, 10), word(1, 0), word(1, 5), 0}));
  EXPECT_EQ(load_labels(wanted, folder_, records).at("a"), (std::vector<std::int64_t>{10, 15}));
  wanted.labels = {"csv", "*.peaks", {}, "at"};
  put("data/a.peaks", "at,note\n50,\"x,y\"\n7,\n");
  EXPECT_EQ(load_labels(wanted, folder_, records).at("a"), (std::vector<std::int64_t>{7, 50}));
  put("data/a.peaks", "at\n1.5\n");
  expect_error(ErrorCode::Data, "got \"1.5\", expected a sample index", load);
  wanted.labels = {};
  EXPECT_TRUE(load_labels(wanted, folder_, records).empty());
}

TEST_F(Wfdb, IntervalsHaveAFirstAndALastSample) {
  auto wanted = heartbeat();
  wanted.labels = {.format = "csv", .files = "*.faults", .column = "from", .end_column = "to"};
  const std::vector<RecordFacts> records = {{"a", 100, 360, {}}, {"b", 100, 360, {}}};
  const auto load = [&] { (void)load_intervals(wanted, folder_, records); };
  put("data/a.faults", "from,to\n50,60\n10,10\n55,70\n");
  put("data/b.faults", "from,to\n");
  const auto truth = load_truth(wanted, folder_, records);
  EXPECT_TRUE(truth.events.empty());
  EXPECT_EQ(truth.intervals.at("a"), (std::vector<Interval>{{10, 10}, {50, 70}}));
  EXPECT_TRUE(truth.intervals.at("b").empty()) << "a record without a fault";
  put("data/a.faults", "from,to\n60,50\n");
  expect_error(ErrorCode::Data, "interval 1 ends before it starts: got 60 to 50", load);
  put("data/a.faults", "from,to\n60,100\n");
  expect_error(ErrorCode::Data, "got samples 60 to 100, expected 0 to 99", load);
  put("data/a.faults", "from,to\n60,soon\n");
  expect_error(ErrorCode::Data, "column \"to\": got \"soon\"", load);
  put("data/a.faults", "from,to\n");
  expect_error(ErrorCode::Data, "no event in the labels of 2 records", load);
}

TEST_F(Wfdb, MarksStandInTheRecordsThemselves) {
  auto wanted = heartbeat();
  wanted.labels = {.format = "marks", .column = "fault"};
  std::vector<RecordFacts> records = {{"a", 7, 360, {folder_ / "data/a.csv"}}, {"b", 2, 360, {"far/b.csv"}}};
  put("data/a.csv", "flow;fault\n1;nan\n2;1.0\n3;1\n4;\n5;true\n6;False\n7;2\n");
  put("data/far/b.csv", "flow,fault\n1,0\n2,0\n");
  EXPECT_EQ(load_truth(wanted, folder_, records).events.at("a"), (std::vector<std::int64_t>{1, 4, 6}));
  EXPECT_TRUE(load_truth(wanted, folder_, records).events.at("b").empty());
  wanted.evaluator.kind = "anomaly";
  const auto truth = load_truth(wanted, folder_, records);
  EXPECT_TRUE(truth.events.empty());
  EXPECT_EQ(truth.intervals.at("a"), (std::vector<Interval>{{1, 2}, {4, 4}, {6, 6}}));
  const auto load = [&] { (void)load_truth(wanted, folder_, records); };
  put("data/a.csv", "flow,fault\n1,0\n2,1\n");
  expect_error(ErrorCode::Data, "has 2 rows and 7 samples", load);
  records[0].samples = 2;
  put("data/a.csv", "flow,fault\n1,0\n2,yes\n");
  expect_error(ErrorCode::Data, "column \"fault\": got \"yes\", expected 0", load);
  put("data/a.csv", "flow,fault\n1,0\n2,0\n");
  expect_error(ErrorCode::Data, "expected rows with a mark in column fault", load);
  put("outside.csv", "flow,fault\n1,1\n");
  records[1].files = {"../outside.csv"};
  expect_error(ErrorCode::Data, "leads out of the data folder", load);
}

}  // namespace
}  // namespace gpiot::eval
