#include <gtest/gtest.h>

#include "gpiot/agents/spec_text.h"
#include "gpiot/agents/subtask_text.h"

namespace gpiot::agents {
namespace {

TEST(SubtaskText, WhatIsWrittenIsReadBack) {
  const std::vector<core::SubTask> subtasks = {{"Remove drift", "remove_drift", {"Subtract the median.", "Scale it."}},
                                               {"Select rows", "select_rows", {"Keep the large ones."}}};
  const std::string text = to_markdown(subtasks);
  EXPECT_EQ(text,
            "- Sub-Task 1 [Remove drift]\n- Implementation step 1: Subtract the median.\n"
            "- Implementation step 2: Scale it.\n\n- Sub-Task 2 [Select rows]\n"
            "- Implementation step 1: Keep the large ones.\n");
  const auto parsed = parse_subtasks(text);
  ASSERT_TRUE(parsed.ok()) << parsed.problem;
  ASSERT_EQ(parsed.value->size(), 2U);
  EXPECT_EQ(parsed.value->at(0).steps, subtasks[0].steps);
  EXPECT_EQ(parsed.value->at(1).identifier, "select_rows");
}

TEST(SubtaskText, ReadsWhatUsersAndFreeModelsWrite) {
  const auto parsed = parse_subtasks(
      "# Plan\n\n**Sub-Task 1: Remove drift**\n* Implementation step: Subtract 2.5 mV.\n\n"
      "Sub-task 2 [Remove drift]\n1. Divide by the spread.\n- 3 samples are joined.\r\n");
  ASSERT_TRUE(parsed.ok()) << parsed.problem << parsed.line;
  EXPECT_EQ(parsed.value->at(0).name, "Remove drift");
  EXPECT_EQ(parsed.value->at(0).steps.at(0), "Subtract 2.5 mV.");
  EXPECT_EQ(parsed.value->at(1).identifier, "remove_drift_2");
  EXPECT_EQ(parsed.value->at(1).steps.at(1), "3 samples are joined.");
}

struct BadSubtasks {
  const char* text;
  int line;
};
class SubtaskProblems : public testing::TestWithParam<BadSubtasks> {};
TEST_P(SubtaskProblems, NameTheirLine) {
  const auto parsed = parse_subtasks(GetParam().text);
  EXPECT_FALSE(parsed.ok());
  EXPECT_FALSE(parsed.problem.empty());
  EXPECT_EQ(parsed.line, GetParam().line);
}
INSTANTIATE_TEST_SUITE_P(Texts, SubtaskProblems,
                         testing::Values(BadSubtasks{"", 0}, BadSubtasks{"Sure! Here is the plan:\n", 1},
                                         BadSubtasks{"- Sub-Task 1 [A thing]\n\n- Sub-Task 2 [B]\n- Step\n", 1},
                                         BadSubtasks{"- Sub-Task 1 []\n", 1},
                                         BadSubtasks{"- Sub-Task 1 [A]\n- Step one\nfree text\n", 3}));

TEST(SpecText, WhatIsWrittenIsReadBack) {
  core::Specification spec;
  spec.subtask = {"Remove drift", "remove_drift", {"Subtract the median."}};
  spec.target = "Removes slow changes.";
  spec.inputs = {{"level", "numpy.ndarray", "float64", "(n_samples, 3)", "m/s^2", "what: raw (all axes)"},
                 {"motion", "numpy.ndarray", "float64", "(150, 6)", "g, deg/s", "two units"},
                 {"rate_hz", "float", "", "", "Hz", "sampling rate"}};
  spec.outputs = {{"flat", "numpy.ndarray", "bool", "(n_samples,)", "", "true where flat"}};
  const auto parsed = parse_specification(to_markdown(spec));
  ASSERT_TRUE(parsed.ok()) << parsed.problem;
  EXPECT_EQ(parsed.value->subtask.identifier, "remove_drift");
  EXPECT_EQ(parsed.value->subtask.steps, spec.subtask.steps);
  EXPECT_EQ(parsed.value->target, spec.target);
  EXPECT_EQ(parsed.value->inputs, spec.inputs);
  EXPECT_EQ(parsed.value->outputs, spec.outputs);
}

TEST(SpecText, ProblemsNameTheirLine) {
  const auto unknown_type = parse_specification("# A\n**Target**\nDo.\n**Output Specifications**\n- `x` (tensor): y\n");
  EXPECT_FALSE(unknown_type.ok());
  EXPECT_EQ(unknown_type.line, 5);
  EXPECT_FALSE(parse_specification("").ok());
  EXPECT_FALSE(parse_specification("# A\n**Target**\nDo.\n").ok());
  EXPECT_EQ(parse_specification("hello\n").line, 1);
  EXPECT_FALSE(parse_specification("#").ok());
}

TEST(SpecText, VariablesAreReadLeniently) {
  const auto variable = parse_variable("`x` (np.ndarray, int64, (n,), samples)");
  ASSERT_TRUE(variable.ok()) << variable.problem;
  EXPECT_EQ(variable.value->type, "numpy.ndarray");
  EXPECT_EQ(variable.value->shape, "(n,)");
  EXPECT_EQ(variable.value->unit, "samples");
  for (const auto* text :
       {"", "x", "`", "`x`", "`x` (", "`` (float)", "`x` what (float)", "`x` (float, a, b, c)", "`x` ()"}) {
    EXPECT_FALSE(parse_variable(text).ok()) << text;
  }
}

}  // namespace
}  // namespace gpiot::agents
