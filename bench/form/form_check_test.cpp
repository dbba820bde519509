#include "form_check.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "gpiot/agents/subtask_text.h"

namespace gpiot::bench {
namespace {

std::string block(int k, const std::string& name = "Remove drift") {
  return "- Sub-Task " + std::to_string(k) + " [" + name + "]\n- Implementation step 1: Subtract it.\n";
}

std::string plan(int blocks) {
  std::string text;
  for (int k = 1; k <= blocks; ++k) text += (k > 1 ? "\n" : "") + block(k);
  return text;
}

TEST(CheckForm, ThePapersFormIsRight) {
  const auto check = check_form(block(1) + "- Implementation step 2: Again.\n\n" + block(2) + "\n" + block(3));
  EXPECT_TRUE(check.ok()) << check.problem;
  EXPECT_EQ(check.subtasks, 3);
  EXPECT_TRUE(check_form(plan(3) + "\n\n").ok()) << "line ends at the end are free";
  std::string unended = plan(8);
  unended.pop_back();
  EXPECT_TRUE(check_form(unended).ok());
}

TEST(CheckForm, ThreeToEightSubTasks) {
  EXPECT_FALSE(check_form(plan(2)).ok());
  EXPECT_TRUE(check_form(plan(3)).ok());
  EXPECT_TRUE(check_form(plan(8)).ok());
  const auto check = check_form(plan(9));
  EXPECT_FALSE(check.ok());
  EXPECT_EQ(check.subtasks, 9);
}

struct Departure {
  std::string what;
  std::string text;
  int line;
};

TEST(CheckForm, NamesTheFirstDeparture) {
  const std::string step = "- Implementation step 1: Subtract it.\n";
  const std::vector<Departure> departures = {
      {"nothing", "", 0},
      {"only line ends", "\n\n", 0},
      {"text before", "Here is the plan:\n" + plan(3), 1},
      {"a blank line before", "\n" + plan(3), 1},
      {"text after", plan(3) + "\nDone.\n", 10},
      {"no blank line", block(1) + block(2) + "\n" + block(3), 3},
      {"two blank lines", block(1) + "\n\n" + block(2) + "\n" + block(3), 4},
      {"a line of spaces", block(1) + "  \n" + block(2) + "\n" + block(3), 3},
      {"a blank line inside", "- Sub-Task 1 [A]\n\n" + step, 2},
      {"no step", "- Sub-Task 1 [A]\n", 1},
      {"no step before the next", "- Sub-Task 1 [A]\n- Sub-Task 2 [B]\n", 2},
      {"a step first", step + plan(3), 1},
      {"wrong number", block(1) + "\n" + block(3) + "\n" + block(4), 4},
      {"number with a zero", "- Sub-Task 01 [A]\n" + step, 1},
      {"no number", "- Sub-Task [A]\n" + step, 1},
      {"wrong step number", "- Sub-Task 1 [A]\n- Implementation step 2: x\n", 2},
      {"step numbers go on", block(1) + "\n- Sub-Task 2 [B]\n- Implementation step 2: x\n", 5},
      {"empty step", "- Sub-Task 1 [A]\n- Implementation step 1: \n", 2},
      {"another bullet", "* Sub-Task 1 [A]\n" + step, 1},
      {"another spelling", "- Subtask 1 [A]\n" + step, 1},
      {"no brackets", "- Sub-Task 1 A\n" + step, 1},
      {"text after the brackets", "- Sub-Task 1 [A]:\n" + step, 1},
      {"empty name", "- Sub-Task 1 []\n" + step, 1},
      {"no letter in the name", "- Sub-Task 1 [42 - 7]\n" + step, 1},
      {"brackets in the name", "- Sub-Task 1 [A [b]]\n" + step, 1},
      {"indented", "  - Sub-Task 1 [A]\n" + step, 1},
      {"carriage returns", "- Sub-Task 1 [A]\r\n- Implementation step 1: x\r\n", 1},
  };
  for (const auto& departure : departures) {
    const auto check = check_form(departure.text);
    EXPECT_FALSE(check.ok()) << departure.what;
    EXPECT_EQ(check.line, departure.line) << departure.what << ": " << check.problem;
  }
}

TEST(CheckForm, AgreesWithWhatIsWritten) {
  const std::vector<core::SubTask> subtasks = {{"Remove drift", "remove_drift", {"Median.", "Subtract it."}},
                                               {"Find peaks", "find_peaks", {"Threshold."}},
                                               {"3D fit", "step_3d_fit", {"Fit."}}};
  const auto check = check_form(agents::to_markdown(subtasks));
  EXPECT_TRUE(check.ok()) << check.problem;
}

}  // namespace
}  // namespace gpiot::bench
