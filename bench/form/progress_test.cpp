#include "progress.h"

#include <gtest/gtest.h>

namespace gpiot::bench {
namespace {

TEST(Progress, SaysWhatIsDoneAndWhatIsLeft) {
  std::vector<std::string> lines;
  Progress progress(2, [&](const std::string& line) { lines.push_back(line); }, std::chrono::milliseconds(0));
  progress.batch({.completion_tokens = 10, .requests_done = 1, .requests_total = 4});
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_NE(lines[0].find("0 of 2 done; batch: 1 of 4 answers, 10 tokens"), std::string::npos) << lines[0];
  EXPECT_NE(lines[0].find("not known yet"), std::string::npos) << lines[0];
  progress.call_done(0, 2);
  FormRow row;
  row.id = "tank";
  row.chain_mended = true;
  progress.row_done(1, row);
  EXPECT_NE(lines.back().find("1 of 2 done; tank: 0 sub-tasks, form ok, chain ok once mended"), std::string::npos)
      << lines.back();
  EXPECT_NE(lines.back().find("left"), std::string::npos) << lines.back();
}

TEST(Progress, BatchesAreToldAtIntervals) {
  int lines = 0;
  Progress progress(1, [&](const std::string&) { ++lines; }, std::chrono::hours(1));
  progress.batch({});
  progress.batch({});
  EXPECT_EQ(lines, 0);
  progress.say("x\x1b[2J");
  EXPECT_EQ(lines, 1);
}

}  // namespace
}  // namespace gpiot::bench
