#include "gpiot/eval/evaluation.h"

#include "gpiot/eval/budget.h"
#include "gpiot/eval/test_project.h"

namespace gpiot::eval {
namespace {

const std::vector<RecordFacts> kRecords = {{"100", 1000, 360, {}}, {"101", 1000, 360, {}}};
const Truth kTruth = {.events = {{"100", {100, 500}}, {"101", {300}}}};

Evaluation measure(const std::string& text, const Truth& truth = kTruth) {
  return evaluate(heartbeat(), kRecords, truth, text);
}

TEST(Evaluation, MeasuresAgainstTheLabels) {
  const auto good = measure("{\"record\":\"100\",\"r_peaks\":[110,490]}\n{\"record\":\"101\",\"r_peaks\":[300]}\n");
  EXPECT_TRUE(good.passed());
  EXPECT_EQ(good.accuracy, "measured");
  EXPECT_EQ(good.pooled->f1, 1);
  EXPECT_EQ(good.thresholds_met(), true);
  EXPECT_TRUE(findings(good).empty());
  const auto json = to_json(good);
  EXPECT_EQ(json["pooled"]["matched"], 3);
  EXPECT_EQ(json["records"]["101"]["recall"], 1.0);
  EXPECT_EQ(json["thresholds"][0]["met"], true);
}

TEST(Evaluation, MissesThresholds) {
  const auto poor = measure("{\"record\":\"100\",\"r_peaks\":[100,900]}\n{\"record\":\"101\",\"r_peaks\":[300]}\n");
  EXPECT_FALSE(poor.passed());
  EXPECT_EQ(poor.thresholds_met(), false);
  const auto lines = findings(poor);
  ASSERT_EQ(lines.size(), 4U);
  EXPECT_EQ(lines[0], "precision: got 0.6667, expected at least 0.95");
  EXPECT_EQ(lines[2], "record 100: 2 true, 2 found, 1 matched (precision 0.500, recall 0.500)");
}

TEST(Evaluation, SaysWhatWasNotMeasured) {
  const auto unlabelled = measure("{\"record\":\"100\",\"r_peaks\":[1]}\n{\"record\":\"101\",\"r_peaks\":[]}\n", {});
  EXPECT_TRUE(unlabelled.passed());
  EXPECT_EQ(unlabelled.accuracy, "not measured, no labels");
  EXPECT_FALSE(unlabelled.pooled);
  EXPECT_EQ(unlabelled.thresholds_met(), std::nullopt);
  EXPECT_TRUE(to_json(unlabelled)["pooled"].is_null());
  const auto broken = measure("{\"record\":\"100\",\"r_peaks\":[100,500]}\n");
  EXPECT_FALSE(broken.passed());
  EXPECT_EQ(broken.accuracy, "not measured, the contract is broken");
  EXPECT_EQ(broken.records.at("100").f1, 1) << "the record that is there is still scored";
  EXPECT_FALSE(broken.pooled);
  EXPECT_EQ(broken.objective(), -1);
  EXPECT_EQ(findings(broken)[0], "missing_record: record 101: got no line for this record, expected one");
}

TEST(Evaluation, ScoresTheTruthOfTheExampleAsPerfect) {
  const auto project = repository() / "examples/heartbeat-detection";
  const std::vector<std::string> ids = {"101", "106"};
  const auto records = read_facts(heartbeat(), project, ids);
  const Truth truth{.events = load_labels(heartbeat(), project, records)};
  std::string text;
  for (const auto& [id, beats] : truth.events) text += base::dump_json({{"record", id}, {"r_peaks", beats}}) + "\n";
  EXPECT_EQ(evaluate(heartbeat(), records, truth, text).pooled->matched, 1865 + 2027);
}

TEST(Budget, ComparesTotalOrGrowth) {
  core::RunOutcome outcome;
  outcome.peak_memory_bytes = 300'000'000;
  outcome.wall_ms = 2500;
  core::Budget budget;
  EXPECT_TRUE(check_budget(budget, outcome, 0).within());
  budget.memory_mb = 250;
  EXPECT_EQ(check_budget(budget, outcome, 106'000'000).breaches[0],
            "memory: got 300.0 MB, expected at most 250 MB (total)");
  budget.memory_counts = "growth";
  EXPECT_TRUE(check_budget(budget, outcome, 106'000'000).within());
  EXPECT_DOUBLE_EQ(check_budget(budget, outcome, 106'000'000).memory_growth_mb, 194);
  budget.wall_s = 2;
  EXPECT_EQ(check_budget(budget, outcome, 0).breaches.size(), 2U);
  EXPECT_EQ(to_json(check_budget(budget, outcome, 0))["within"], false);
}

TEST(Budget, CountsAStopAtTheLimitAsABreach) {
  core::RunOutcome outcome;
  outcome.ending = core::Ending::MemoryLimit;
  core::Budget budget;
  EXPECT_TRUE(check_budget(budget, outcome, 0).within()) << "no budget: the run's failure is told elsewhere";
  budget.memory_mb = 250;
  EXPECT_FALSE(check_budget(budget, outcome, 0).within());
}

TEST(Budget, RefusesWhatTheImportsAloneExceed) {
  core::Budget budget;
  budget.memory_mb = 100;
  core::RunOutcome imports;
  imports.wall_ms = 700;
  imports.peak_memory_bytes = 99'000'000;
  EXPECT_NO_THROW(check_budget_possible(budget, imports));
  imports.peak_memory_bytes = 106'000'000;
  try {
    check_budget_possible(budget, imports);
    FAIL() << "expected to be refused";
  } catch (const base::Error& error) {
    EXPECT_EQ(error.code(), base::ErrorCode::InvalidArgument);
    EXPECT_THAT(error.what(), testing::HasSubstr("got 100 MB, expected more than 106.0 MB"));
  }
  budget.memory_counts = "growth";
  EXPECT_NO_THROW(check_budget_possible(budget, imports));
  budget.wall_s = 0.5;
  EXPECT_THROW(check_budget_possible(budget, imports), base::Error);
  budget.wall_s = 0.8;
  EXPECT_NO_THROW(check_budget_possible(budget, imports));
}

}  // namespace
}  // namespace gpiot::eval
