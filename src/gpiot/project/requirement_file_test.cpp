#include "gpiot/project/requirement_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "gpiot/base/error.h"
#include "gpiot/base/files.h"
#include "gpiot/base/strings.h"

namespace gpiot::project {
namespace {

using base::ErrorCode;
using testing::HasSubstr;

constexpr std::string_view kWhole = R"(+++
title = "Steps"
[data]
path = "data"
format = "csv"
files = "*.csv"
channel = "acc"
[[data.inputs]]
name = "acc"
type = "numpy.ndarray"
[result]
kind = "events"
[result.variable]
name = "steps"
type = "numpy.ndarray"
[evaluator]
kind = "contract"
+++
Count the steps.
)";

std::filesystem::path root() {
  const char* set = std::getenv("GPIOT_ROOT");
  return set != nullptr ? set : ".";
}

std::string with(std::string_view from, std::string_view to) {
  return base::replace_all(std::string(kWhole), from, to);
}

void expect_refused(const std::string& text, ErrorCode code, const std::vector<std::string>& parts) {
  try {
    (void)parse_requirement(text, "r.md");
    FAIL() << "expected to be refused: " << parts.front();
  } catch (const base::Error& error) {
    EXPECT_EQ(error.code(), code) << error.what();
    for (const auto& part : parts) EXPECT_THAT(error.what(), HasSubstr(part));
  }
}

/// The requirement in a text case, without its first two lines.
std::string read_case(const std::string& name) {
  const auto text = base::read_file(root() / "tests/cases/requirement" / name, "test");
  return text.substr(text.find('\n', text.find('\n') + 1) + 1);
}

TEST(RequirementFile, ReadsTheExample) {
  const auto requirement = load_requirement(root() / "examples/heartbeat-detection/requirement.md");
  EXPECT_EQ(requirement.title, "Heartbeat detection");
  EXPECT_EQ(requirement.data.channel, "MLII");
  EXPECT_EQ(requirement.data.rate_hz, 360);
  ASSERT_EQ(requirement.data.inputs.size(), 2U);
  EXPECT_EQ(requirement.data.inputs[1].unit, "Hz");
  EXPECT_EQ(requirement.labels.symbols.size(), 19U);
  EXPECT_EQ(requirement.split.final_part.size(), 5U);
  EXPECT_EQ(requirement.result.variable.name, "r_peaks");
  EXPECT_EQ(requirement.evaluator.precision, 0.95);
  EXPECT_EQ(requirement.budget.memory_mb, 250);
  EXPECT_TRUE(requirement.statement.starts_with("I have ECG recordings"));
}

TEST(RequirementFile, WritesWhatItReads) {
  auto requirement = load_requirement(root() / "examples/heartbeat-detection/requirement.md");
  requirement.title = "quote \" back\\slash \xC3\xA9";
  requirement.data.path = "a\tb/../\"c\"";
  requirement.data.rate_hz = 0.1;
  requirement.statement += "\n\n+++\nnot a fence";
  EXPECT_THROW((void)parse_requirement(to_markdown(requirement)), base::Error) << "a tab is no part of a path";
  requirement.data.path = "a/../\"c\"";
  const auto text = to_markdown(requirement);
  const auto again = parse_requirement(text);
  EXPECT_EQ(to_markdown(again), text);
  EXPECT_EQ(again.title, requirement.title);
  EXPECT_EQ(again.data.rate_hz, requirement.data.rate_hz);
  EXPECT_EQ(again.data.inputs, requirement.data.inputs);
  EXPECT_EQ(again.labels.symbols, requirement.labels.symbols);
  EXPECT_EQ(again.split.final_part, requirement.split.final_part);
  EXPECT_EQ(again.statement, requirement.statement);
}

TEST(RequirementFile, TakesWindowsLineEndsAndAByteOrderMark) {
  const auto requirement = parse_requirement("\xEF\xBB\xBF" + with("\n", "\r\n"));
  EXPECT_EQ(requirement.statement, "Count the steps.");
  EXPECT_EQ(requirement.evaluator.kind, "contract");
}

TEST(RequirementFile, NamesLineKeyAndNearestKey) {
  expect_refused(with("channel =", "chanel ="), ErrorCode::Format,
                 {"r.md line 7, data.chanel", "did you mean \"channel\"?", "[project.requirement]"});
  expect_refused(with("[evaluator]", "[evalutor]"), ErrorCode::Format, {"line 16, evalutor", "\"evaluator\""});
  expect_refused(with("title = \"Steps\"", "title = 3"), ErrorCode::Format, {"line 2, title", "text in quotes"});
}

TEST(RequirementFile, RefusesMissingAndRepeatedKeys) {
  expect_refused(with("title = \"Steps\"\n", ""), ErrorCode::Format, {"missing key", "title"});
  expect_refused(with("files = \"*.csv\"\n", ""), ErrorCode::Format, {"missing key", "data.files"});
  expect_refused(with("[evaluator]\nkind = \"contract\"\n", ""), ErrorCode::Format, {"missing key", "evaluator"});
  expect_refused(with("title = \"Steps\"", "title = \"a\"\ntitle = \"b\""), ErrorCode::Format, {"line 3", "title"});
}

TEST(RequirementFile, ListsWhatItKnows) {
  expect_refused(with("\"contract\"", "\"file.py\""), ErrorCode::Unsupported,
                 {"file.py", "events, change_points, anomaly, file, contract"});
  expect_refused(with("\"csv\"", "\"edf\""), ErrorCode::Unsupported, {"line 5, data.format", "wfdb, csv, npy"});
  expect_refused(with("kind = \"events\"", "kind = \"classes\""), ErrorCode::Unsupported, {"result.kind", "events"});
}

TEST(RequirementFile, ChecksValues) {
  expect_refused(with("name = \"steps\"", "name = \"for\""), ErrorCode::Format,
                 {"result.variable.name", "Python name"});
  expect_refused(with("name = \"steps\"", "name = \"acc\""), ErrorCode::Format, {"which is an input too"});
  expect_refused(with("\"acc\"\n[[", "\"acc\"\nrate_hz = -1\n[["), ErrorCode::Format, {"data.rate_hz", "got -1"});
  expect_refused(with("\"acc\"\n[[", "\"acc\"\nrate_hz = nan\n[["), ErrorCode::Format, {"data.rate_hz"});
  expect_refused(with("*.csv", "../*.csv"), ErrorCode::Format, {"data.files", "without /"});
  expect_refused(with("\"contract\"", "\"events\"\nrecall = 95"), ErrorCode::Format, {"evaluator.recall", "[0, 1]"});
  expect_refused(with("\"contract\"", "\"contract\"\nrecall = 0.9"), ErrorCode::Format, {"evaluator.recall"});
  expect_refused(with("\"contract\"", "\"contract\"\n[budget]\nmemory_mb = 0"), ErrorCode::Format,
                 {"budget.memory_mb"});
  expect_refused(with("\"contract\"", "\"contract\"\n[split]\nfinal_share = 1"), ErrorCode::Format, {"final_share"});
  expect_refused(with("\"contract\"", "\"contract\"\n[split]\nseed = -1"), ErrorCode::Format, {"split.seed"});
  expect_refused(with("\"contract\"", "\"contract\"\n[split]\nfinal=[\"a\"]\ndevelopment=[\"a\"]"), ErrorCode::Format,
                 {"split.final", "development too"});
}

TEST(RequirementFile, RefusesBrokenFiles) {
  expect_refused("", ErrorCode::Format, {"line 1", "expected +++"});
  expect_refused("# Title\n", ErrorCode::Format, {"got \"# Title\""});
  expect_refused("+++\ntitle = 1\n", ErrorCode::Format, {"second line +++"});
  expect_refused(with("Count the steps.", " "), ErrorCode::Format, {"no statement"});
  expect_refused(with("Count the steps.", std::string(8001, 'x')), ErrorCode::Capacity, {"8001 bytes"});
  expect_refused(with("Count the steps.", "a\x1b[2Jb"), ErrorCode::Format, {"control byte", "0x1b"});
  expect_refused(with("Count", "Co\xFFunt"), ErrorCode::Format, {"not UTF-8"});
  expect_refused(std::string(1'000'001, 'x'), ErrorCode::Capacity, {"1000001 bytes"});
  expect_refused(with("title = \"Steps\"", "title = " + std::string(5000, '[')), ErrorCode::Format, {"line 2", "TOML"});
  expect_refused(with("[[data.inputs]]", "[data.inputs]"), ErrorCode::Format, {"[[data.inputs]]"});
  expect_refused(with("[data]", "split = 1\n[data]"), ErrorCode::Format, {"line 3, split", "got a whole number"});
  EXPECT_THROW((void)load_requirement("/nonexistent/requirement.md"), base::Error);
}

TEST(RequirementFile, WritesTheEvaluatorsItReads) {
  const auto same = [](const std::string& text) {
    const auto first = parse_requirement(text, "r.md");
    const auto written = to_markdown(first);
    EXPECT_EQ(to_markdown(parse_requirement(written, "written.md")), written);
    return parse_requirement(written, "written.md");
  };
  const auto spans =
      same(base::replace_all(
               with("\"contract\"", "\"anomaly\"\nrecall = 0.8\nfalse_alarms_per_hour = 2"), "[result]\n",
               "[labels]\nformat = \"csv\"\nfiles = \"*.faults\"\ncolumn = \"from\"\nend_column = \"to\"\n[result]\n")
               .replace(std::string(kWhole).find("channel"), 0, "rate_hz = 10\n"));
  EXPECT_EQ(spans.labels.end_column, "to");
  EXPECT_EQ(spans.evaluator.false_alarms_per_hour, 2);
  const auto place = same(read_case("position.case"));
  EXPECT_EQ(place.labels.columns, (std::vector<std::string>{"east", "north"}));
  EXPECT_EQ(place.evaluator.radius, 1.5);
  EXPECT_EQ(place.evaluator.within_radius, 0.9);
  const auto forecast = same(read_case("forecast.case"));
  EXPECT_EQ(forecast.evaluator.horizon_items, 24U);
  const auto parser = same(read_case("exact.case"));
  EXPECT_EQ(parser.evaluator.exact, 1);
  EXPECT_EQ(parser.evaluator.tolerance, 0.001);
}

// One case is one file: the first line is the error's name or "ok", a second line "contains: TEXT", then the file.
TEST(RequirementFile, KeepsTheTextCases) {
  int cases = 0;
  for (const auto& entry : std::filesystem::directory_iterator(root() / "tests/cases/requirement")) {
    if (entry.path().extension() != ".case") continue;
    ++cases;
    const auto text = base::read_file(entry.path(), "test");
    const auto first = text.find('\n');
    const auto second = text.find('\n', first + 1);
    const auto wanted = text.substr(0, first);
    const auto part = text.substr(first + 11, second - first - 11);
    std::string got = "ok";
    std::string what = "ok";
    try {
      (void)parse_requirement(std::string_view(text).substr(second + 1));
    } catch (const base::Error& error) {
      got = base::info(error.code()).name;
      what = error.what();
    }
    EXPECT_EQ(got, wanted) << entry.path() << ": " << what;
    EXPECT_THAT(what, HasSubstr(part)) << entry.path();
  }
  EXPECT_GE(cases, 30);
}

TEST(RequirementFile, SurvivesEveryCutAndEveryFlippedByte) {
  for (std::size_t i = 0; i < kWhole.size(); ++i) {
    std::string flipped(kWhole);
    flipped[i] = static_cast<char>(flipped[i] ^ 0x15);
    for (const auto& text : {std::string(kWhole.substr(0, i)), flipped}) {
      try {
        (void)parse_requirement(text);
      } catch (const base::Error&) {
      }
    }
  }
}

}  // namespace
}  // namespace gpiot::project
