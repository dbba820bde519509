#include "report.h"

#include <gtest/gtest.h>

namespace gpiot::bench {
namespace {

FormRow row(const std::string& id, std::size_t subtasks, bool good) {
  FormRow one;
  one.id = id;
  one.commit = "abc";
  one.subtasks.assign(subtasks, "Step");
  one.specs_parse = one.chain_mended = true;
  one.chain_unmended = good;
  if (!good) {
    one.form_raw = "line 1: wrong";
    one.plan_faults = {"stands twice", "stands twice"};
    one.unmended = {{"unknown_input", false, "x"}, {"unused_output", true, "y"}};
    one.left = {{"unused_output", true, "y"}};
  }
  one.asked = {.calls = 5, .answers = 7, .prompt_tokens = 100, .completion_tokens = 50};
  return one;
}

TEST(Report, HoldsSharesCountsAndRows) {
  ReportFacts facts;
  facts.key.model.name = "m";
  facts.key.model.model_sha256 = "s";
  facts.key.prompts = {{"decompose", "p"}};
  facts.source = {"abc", true};
  facts.wanted = 5;
  const std::vector<FormRow> rows = {row("a", 3, true), row("b", 4, false), row("c", 4, true), row("d", 4, true)};
  const std::vector<FailedRow> failed = {{"e", base::ErrorCode::Model, "is broken"}};
  const auto report = report_json(facts, rows, failed, {{{"wall_s", 15.0}}, {{"wall_s", 5.0}}});
  EXPECT_EQ(report.at("fcr_file"), 1.0);
  EXPECT_EQ(report.at("fcr_raw"), 0.75);
  EXPECT_EQ(report.at("chain_unmended"), 0.75);
  EXPECT_EQ(report.at("chain_mended"), 1.0);
  EXPECT_EQ(report.at("plan_without_faults"), 0.75);
  EXPECT_EQ(report.at("plan_faults"), 2);
  EXPECT_EQ(report.at("problems_unmended").dump(), R"({"unknown_input":1,"unused_output":1})");
  EXPECT_EQ(report.at("problems_mended").dump(), R"({"unused_output":1})");
  EXPECT_EQ(report.at("subtasks").dump(), R"({"3":1,"4":3})");
  EXPECT_EQ(report.at("completion_tokens"), 200);
  EXPECT_EQ(report.at("wall_s"), 20.0);
  EXPECT_EQ(report.at("tokens_per_s"), 10.0);
  EXPECT_EQ(report.at("complete"), false);
  EXPECT_EQ(report.at("model_sha256"), "s");
  EXPECT_EQ(report.at("prompts").at("decompose"), "p");
  EXPECT_EQ(report.at("row_commits").dump(), R"(["abc"])");
  EXPECT_EQ(report.at("failed").at(0).at("code"), "model");
  EXPECT_EQ(report.at("results").at(3).at("id"), "d");
}

TEST(Report, WithoutRowsThereAreNoShares) {
  const auto report = report_json({}, {}, {}, {});
  EXPECT_TRUE(report.at("fcr_file").is_null());
  EXPECT_TRUE(report.at("tokens_per_s").is_null());
}

TEST(Machine, IsNamed) {
  EXPECT_NE(machine_name().find("cores"), std::string::npos);
  EXPECT_EQ((SourceState{}.name()), "unknown");
  EXPECT_EQ((SourceState{"abc", true}.name()), "abc+changed");
}

}  // namespace
}  // namespace gpiot::bench
