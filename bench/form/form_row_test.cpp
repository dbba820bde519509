#include "form_row.h"

#include <gtest/gtest.h>

#include "gpiot/agents/scripted_generator.h"
#include "scripted_roles.h"

namespace gpiot::bench {
namespace {

core::Specification spec(const std::string& name, const std::string& identifier, core::Variable input,
                         core::Variable output) {
  return {{name, identifier, {"Do it."}}, "Does it.", {std::move(input)}, {std::move(output)}};
}

class JudgeTest : public testing::Test {
 protected:
  /// A generator that was asked once, and gave `first`.
  FormRow judged(const RoleAnswers& answers, const std::string& first = kPlan) {
    agents::ScriptedGenerator inner({first});
    CountingGenerator counting(inner, {});
    const core::GenerationRequest request;
    (void)counting.generate({&request, 1}, {}, base::CancelToken{});
    return judge(listed_, answers, counting);
  }
  RoleAnswers good() const {
    const auto& level = listed_.requirement.data.inputs[0];
    const core::Variable flat{"flat", "numpy.ndarray", "float64", "(n_samples,)", "V", "flat level"};
    const core::Variable slope{"slope", "numpy.ndarray", "float64", "(n_samples,)", "", "slope"};
    RoleAnswers answers;
    answers.plan_raw = kPlan;
    answers.specs = {spec("Remove drift", "remove_drift", level, flat),
                     spec("Compute slope", "compute_slope", flat, slope),
                     spec("Select rises", "select_rises", slope, listed_.requirement.result.variable)};
    for (const auto& one : answers.specs) answers.subtasks.push_back(one.subtask);
    for (auto& subtask : answers.subtasks) subtask.steps = {"Compute " + subtask.name + "."};
    return answers;
  }
  ListedRequirement listed_ = listed_requirements(1)[0];
};

TEST_F(JudgeTest, AGoodAnswerIsGoodEverywhere) {
  const auto row = judged(good());
  EXPECT_EQ(row.id, "tank-0");
  EXPECT_EQ(row.form_file + row.form_raw + row.form_first + row.problem, "");
  EXPECT_TRUE(row.specs_parse && row.chain_unmended && row.chain_mended);
  EXPECT_TRUE(row.unmended.empty() && row.left.empty() && row.mended.empty() && row.plan_faults.empty());
  EXPECT_EQ(row.subtasks.size(), 3U);
  EXPECT_EQ(row.asked.answers, 1);
  EXPECT_GT(row.asked.completion_tokens, 0);
  EXPECT_EQ(row.texts.count("subtasks.md") + row.texts.count("specs/03-select_rises.md"), 2U);
}

TEST_F(JudgeTest, FileRawAndFirstAreToldApart) {
  auto answers = good();
  answers.plan_raw = "Here it is:\n" + answers.plan_raw;
  const auto row = judged(answers, "- Sub-Task 1 [A]\n\n\n- Sub-Task 2 [B]\n");
  EXPECT_EQ(row.form_file, "");
  EXPECT_EQ(row.form_raw.substr(0, 7), "line 1:");
  EXPECT_EQ(row.form_first.substr(0, 7), "line 2:");
}

TEST_F(JudgeTest, ABreakThatMendingHealsIsCountedBefore) {
  auto answers = good();
  answers.specs[1].inputs[0].name = "Flat";
  answers.specs[2].outputs[0].name = "result";
  const auto row = judged(answers);
  EXPECT_TRUE(row.specs_parse);
  EXPECT_FALSE(row.chain_unmended);
  EXPECT_TRUE(row.chain_mended);
  EXPECT_FALSE(row.mended.empty());
  EXPECT_EQ(row.unmended.at(0).kind, "unknown_input");
  EXPECT_FALSE(row.unmended[0].warning);
}

TEST_F(JudgeTest, WarningsDoNotBreakAChain) {
  auto answers = good();
  answers.specs[0].outputs.push_back({"offset", "float", "", "", "V", "unused"});
  const auto row = judged(answers);
  EXPECT_TRUE(row.chain_unmended);
  ASSERT_EQ(row.unmended.size(), 1U);
  EXPECT_EQ(row.unmended[0].kind, "unused_output");
  EXPECT_TRUE(row.unmended[0].warning);
}

TEST_F(JudgeTest, ABreakThatStaysIsCountedAfterwards) {
  auto answers = good();
  answers.specs[1].inputs[0] = {"weight", "str", "", "", "", "nobody gives it"};
  const auto row = judged(answers);
  EXPECT_FALSE(row.chain_unmended);
  EXPECT_FALSE(row.chain_mended);
  EXPECT_EQ(row.left.at(0).kind, "unknown_input");
}

TEST_F(JudgeTest, WithoutAPlanNothingHolds) {
  RoleAnswers answers;
  answers.problem = "could not be read";
  const auto row = judged(answers, "Sorry.");
  EXPECT_EQ(row.form_file, "there is no plan");
  EXPECT_NE(row.form_raw, "");
  EXPECT_FALSE(row.specs_parse || row.chain_unmended || row.chain_mended);
  EXPECT_TRUE(row.subtasks.empty());
}

TEST_F(JudgeTest, APlanWithoutSpecificationsHasNoChain) {
  auto answers = good();
  answers.specs.clear();
  answers.problem = "could not be read";
  const auto row = judged(answers);
  EXPECT_EQ(row.form_file, "");
  EXPECT_FALSE(row.specs_parse || row.chain_unmended || row.chain_mended);
}

TEST_F(JudgeTest, PlanFaultsAreTold) {
  auto answers = good();
  answers.subtasks[0].steps = {"Plot it."};
  EXPECT_EQ(judged(answers).plan_faults.size(), 1U);
}

TEST_F(JudgeTest, JsonReadsBack) {
  auto answers = good();
  answers.specs[1].inputs[0].name = "Flat";
  answers.plan_raw = "no";
  auto row = judged(answers);
  row.commit = "abc";
  row.wall_s = 1.5;
  const auto json = to_json(row);
  EXPECT_EQ(json.at("form_raw"), false);
  EXPECT_EQ(json.at("form_file"), true);
  EXPECT_FALSE(json.contains("texts"));
  const auto again = row_from_json(json);
  EXPECT_EQ(to_json(again), json);
  EXPECT_THROW((void)row_from_json({{"id", "x"}}), base::Error);
}

}  // namespace
}  // namespace gpiot::bench
