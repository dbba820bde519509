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

TEST(Evaluation, AMarginBringsEveryThresholdNearerToPerfection) {
  core::EvaluatorFacts facts;
  facts.precision = 0.9;
  facts.mae = 2;
  const auto safe = core::with_margin(facts, core::kSafe);
  EXPECT_DOUBLE_EQ(*safe.precision, 0.93);
  EXPECT_DOUBLE_EQ(*safe.mae, 1.7);
  const auto ample = core::with_margin(facts, core::kAmple);
  EXPECT_DOUBLE_EQ(*ample.precision, 0.975);
  EXPECT_DOUBLE_EQ(*ample.mae, 1);
  EXPECT_FALSE(safe.recall.has_value()) << "what is not asked for stays so";
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

TEST(Evaluation, ChangePointsAreMatchedAndTheirSegmentsCompared) {
  auto requirement = heartbeat();
  requirement.evaluator = {.kind = "change_points", .tolerance_ms = 50, .precision = 0.5, .covering = 0.9};
  const auto measured = evaluate(requirement, kRecords, kTruth,
                                 "{\"record\":\"100\",\"r_peaks\":[110]}\n{\"record\":\"101\",\"r_peaks\":[300]}\n");
  EXPECT_EQ(measured.pooled->matched, 2);
  // Record 100: [0, 100) by [0, 110), [100, 500) and [500, 1000) by [110, 1000): 100 / 110, 390 / 900, 500 / 890.
  EXPECT_NEAR(measured.segments->covering, (1 + (100 * 100 / 110.0 + 400 * 390 / 900.0 + 500 * 500 / 890.0) / 1000) / 2,
              1e-9);
  EXPECT_NEAR(measured.segments->hausdorff_ms, 390 / 0.36 / 2, 1e-9);
  EXPECT_DOUBLE_EQ(measured.segments->annotation_error, 0.5);
  EXPECT_FALSE(measured.passed()) << "the covering is too small";
  EXPECT_THAT(measured.summary(), testing::HasSubstr("covering 0."));
  EXPECT_THAT(to_json(measured)["segments"]["annotation_error"], 0.5);
  EXPECT_EQ(findings(measured)[0].substr(0, 13), "covering: got");
}

TEST(Evaluation, AnomaliesAreIntervalsWithoutPointAdjustment) {
  auto requirement = heartbeat();
  requirement.evaluator = {.kind = "anomaly", .tolerance_ms = 10, .recall = 0.6, .false_alarms_per_hour = 1};
  const Truth truth = {.intervals = {{"100", {{100, 200}, {500, 600}}}, {"101", {}}}};
  const auto measured =
      evaluate(requirement, kRecords, truth,
               "{\"record\":\"100\",\"r_peaks\":[97,150,160]}\n{\"record\":\"101\",\"r_peaks\":[7]}\n");
  EXPECT_DOUBLE_EQ(measured.pooled->precision, 0.5);
  EXPECT_DOUBLE_EQ(measured.pooled->recall, 0.5);
  EXPECT_EQ(measured.anomalies->detections, 4);
  EXPECT_NEAR(measured.anomalies->false_alarms_per_hour(), 3600 / (2000 / 360.0), 1e-6);
  EXPECT_EQ(measured.thresholds.size(), 2U);
  EXPECT_FALSE(measured.thresholds[1].met()) << "an upper bound";
  EXPECT_EQ(to_json(measured)["anomalies"]["false_alarms"], 1);
  EXPECT_THAT(measured.summary(), testing::HasSubstr("1 of 2 intervals found, without point adjustment"));
}

core::Requirement answers(const std::string& kind, const std::string& evaluator) {
  core::Requirement requirement;
  requirement.result.kind = kind;
  requirement.result.variable.name = "answer";
  requirement.result.variable.shape = kind == "position" ? "(2,)" : "";
  requirement.evaluator.kind = evaluator;
  return requirement;
}

TEST(Evaluation, WhereNothingIsMatchedANumberOfEventsNearTheTrueOneRanksHigher) {
  core::Requirement requirement;
  requirement.result.kind = "events";
  requirement.result.variable.name = "beats";
  requirement.evaluator.kind = "events";
  requirement.evaluator.tolerance_ms = 1;
  const std::vector<RecordFacts> record = {{"100", 100000, 1000, {}}};
  const Truth truth = {.events = {{"100", {10, 20, 30}}}};
  const auto objective = [&](const std::string& found) {
    return evaluate(requirement, record, truth, "{\"record\":\"100\",\"beats\":" + found + "}\n").objective();
  };
  EXPECT_LT(objective("[]"), objective("[500]"));
  EXPECT_LT(objective("[500]"), objective("[500,600,700]"));
  EXPECT_LT(objective("[500,600,700,800,900,1000]"), objective("[500,600,700]"));
  EXPECT_LT(objective("[500,600,700]"), objective("[10,600,700]")) << "one match counts more than any number";
  EXPECT_GT(objective("[]"), 0);
}

TEST(Evaluation, PositionsAreDistancesBesideTheMeanPosition) {
  auto requirement = answers("position", "localisation");
  requirement.evaluator.radius = 2;
  requirement.evaluator.mean_error = 3;
  requirement.evaluator.within_radius = 0.9;
  const Truth truth = {.positions = {{"100", {0, 0}}, {"101", {6, 8}}}, .learning_positions = {{0, 0}, {6, 8}}};
  const auto measured = evaluate(requirement, kRecords, truth,
                                 "{\"record\":\"100\",\"answer\":[3,4]}\n{\"record\":\"101\",\"answer\":[6.0,7]}\n");
  EXPECT_DOUBLE_EQ(measured.positions->errors.mean, 3);
  EXPECT_DOUBLE_EQ(measured.positions->baseline_errors.mean, 5);
  EXPECT_DOUBLE_EQ(measured.positions->errors.within_radius, 0.5);
  EXPECT_EQ(measured.thresholds_met(), false);
  EXPECT_DOUBLE_EQ(measured.objective(), 0.4);
  EXPECT_EQ(to_json(measured)["positions"]["baseline"]["always"], (base::Json{3.0, 4.0}));
  EXPECT_THAT(measured.summary(), testing::HasSubstr("50.0 % within 2 m"));
}

TEST(Evaluation, ExactAnswersAreEqualOrNot) {
  auto requirement = answers("value", "exact");
  requirement.evaluator.exact = 1;
  const std::string told = "{\"record\":\"100\",\"answer\":21.5}\n{\"record\":\"101\",\"answer\":-4}\n";
  const Truth truth = {.values = {{"100", 21.4}, {"101", -4}}};
  const auto strict = evaluate(requirement, kRecords, truth, told);
  EXPECT_DOUBLE_EQ(strict.exact->exact, 0.5);
  EXPECT_FALSE(strict.passed());
  EXPECT_THAT(findings(strict), testing::Contains("got 21.5, expected 21.4"));
  requirement.evaluator.tolerance = 0.2;
  EXPECT_TRUE(evaluate(requirement, kRecords, truth, told).passed());
  const Truth texts = {.classes = {{"100", "ok"}, {"101", "bad"}}};
  const auto words = evaluate(answers("class", "exact"), kRecords, texts,
                              "{\"record\":\"100\",\"answer\":\"ok\"}\n{\"record\":\"101\",\"answer\":\"Bad\"}\n");
  EXPECT_DOUBLE_EQ(words.exact->exact, 0.5) << "case counts";
  EXPECT_FALSE(words.classes) << "one measure at a time";
}

TEST(Evaluation, AForecastStandsBesideTheLastValue) {
  const std::string told = "{\"record\":\"100\",\"answer\":21}\n{\"record\":\"101\",\"answer\":24}\n";
  Truth truth = {.values = {{"100", 20}, {"101", 24}}, .last_seen = {{"100", 18}}};
  const auto measured = evaluate(answers("value", "regression"), kRecords, truth, told);
  ASSERT_TRUE(measured.values->persistence);
  EXPECT_EQ(measured.values->persistence->items, 1) << "the first item of a file has nothing before it";
  EXPECT_DOUBLE_EQ(measured.values->persistence->mae, 2);
  EXPECT_THAT(measured.summary(), testing::HasSubstr("last seen: MAE 2, RMSE 2"));
  EXPECT_EQ(to_json(measured)["values"]["persistence"]["mae"], 2.0);
  truth.last_seen.clear();
  EXPECT_FALSE(evaluate(answers("value", "regression"), kRecords, truth, told).values->persistence);
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
