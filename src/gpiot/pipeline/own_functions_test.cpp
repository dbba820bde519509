#include "gpiot/pipeline/own_functions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "gpiot/agents/chain_check.h"
#include "gpiot/agents/event_plan.h"
#include "gpiot/agents/learner.h"
#include "gpiot/agents/rate_plan.h"

namespace gpiot::pipeline {
namespace {

using testing::HasSubstr;

std::filesystem::path runtime() { return std::filesystem::path(std::getenv("GPIOT_ROOT")) / "runtime"; }

core::Requirement requirement() {
  core::Requirement r;
  r.packages = {"numpy", "scipy", "sklearn"};
  r.result.kind = "class";
  r.result.learned = true;
  r.result.variable = {"activity", "str", "", "", "", "what is done"};
  r.data.inputs = {{"window", "numpy.ndarray", "float64", "(128, 9)", "g", ""}, {"rate_hz", "float", "", "", "Hz", ""}};
  return r;
}

std::vector<core::Specification> chain(const core::Requirement& r) {
  core::Specification features;
  features.subtask = {"Describe windows", "describe_windows", {"Compute the mean."}};
  features.inputs = r.data.inputs;
  features.outputs = {agents::feature_variable()};
  core::Specification learner;
  learner.subtask = {"Classify activity", "classify_activity", {"Fit a random forest."}};
  return {features, agents::learner_spec(r, learner)};
}

TEST(OwnFunctions, HaveTheNamesOfTheSpecification) {
  const auto r = requirement();
  const auto specs = chain(r);
  const auto features = own_functions(runtime(), r, specs[0]);
  ASSERT_EQ(features.size(), 1U);
  EXPECT_THAT(features[0].code, HasSubstr("def describe_windows(window, rate_hz, "));
  EXPECT_THAT(features[0].code, HasSubstr("for values in (window, rate_hz,):"));
  EXPECT_TRUE(features[0].code.starts_with("import numpy"));
  EXPECT_THAT(features[0].documentation, HasSubstr("shipped with gpiot"));
  const auto learner = own_functions(runtime(), r, specs[1]);
  ASSERT_EQ(learner.size(), 1U);
  EXPECT_THAT(learner[0].code, HasSubstr("RandomForestClassifier"));
  EXPECT_THAT(learner[0].code, HasSubstr("def classify_activity(train_features, train_labels, features, "));
  EXPECT_EQ(own_among(std::vector{features[0], learner[0]}, specs),
            (std::vector<std::string>{"describe_windows", "classify_activity"}));
}

TEST(OwnFunctions, SoundsHaveFeaturesOfTheirOwn) {
  auto r = requirement();
  r.data.inputs = {{"sound", "numpy.ndarray", "float64", "(n_samples,)", "", ""}, {"fs", "float", "", "", "Hz", ""}};
  r.data.rate_hz = 8000;
  const auto features = own_functions(runtime(), r, chain(r)[0]);
  ASSERT_EQ(features.size(), 2U);
  EXPECT_EQ(features[1].origin, "gpiot's own function, of sounds");
  EXPECT_THAT(features[1].code, HasSubstr("def describe_windows(sound, fs, n_stretches=10"));
  EXPECT_THAT(features[1].code, HasSubstr("for values in (sound,)]"));
  EXPECT_THAT(features[1].code, HasSubstr("int(frame_s * fs)"));
  r.data.rate_hz = 100;
  EXPECT_EQ(own_functions(runtime(), r, chain(r)[0]).size(), 1U) << "too slow for a sound";
}

TEST(OwnFunctions, AreNoneWhereTheyDoNotFit) {
  auto r = requirement();
  auto specs = chain(r);
  specs[0].outputs[0].name = "filtered";
  EXPECT_TRUE(own_functions(runtime(), r, specs[0]).empty()) << "what comes before features";
  specs = chain(r);
  specs[0].inputs[0].type = "str";
  EXPECT_TRUE(own_functions(runtime(), r, specs[0]).empty()) << "text has no levels";
  r.packages = {"numpy", "scipy"};
  EXPECT_TRUE(own_functions(runtime(), r, chain(r)[1]).empty()) << "a package that is not allowed";
  r.result.learned = false;
  EXPECT_TRUE(own_functions(runtime(), r, chain(r)[0]).empty());
}

TEST(OwnFunctions, OfARateHaveTheBandsOfTheirPlan) {
  core::Requirement r;
  r.packages = {"numpy", "scipy"};
  r.data.rate_hz = 500;
  r.data.inputs = {{"ecg", "numpy.ndarray", "float64", "(n_samples,)", "mV", ""},
                   {"fs", "float", "", "", "Hz", "sampling rate"}};
  r.result.kind = "value";
  r.result.variable = {"heart_rate", "float", "", "", "1/min", "beats per minute"};
  r.statement = "Rates between 45 and 150 per minute occur.";
  const auto plans = agents::rate_plans(r);
  ASSERT_EQ(plans.size(), 2U);
  for (const auto& plan : plans) {
    const auto specs = agents::rate_specs(r, plan.subtasks);
    ASSERT_EQ(specs.size(), 2U);
    EXPECT_TRUE(agents::check_chain(r, specs).empty());
    const auto own = own_rate_functions(runtime(), r, specs);
    ASSERT_EQ(own.size(), 2U);
    EXPECT_THAT(own[0][0].code, HasSubstr(plan.pulses ? "(ecg, fs, low_hz=10, high_hz=30, order=2, size=True)"
                                                      : "(ecg, fs, low_hz=0.75, high_hz=2.5, order=2, size=False)"));
    EXPECT_THAT(own[1][0].code, HasSubstr(plan.pulses ? "def estimate_heart_rate(size_of_ecg, fs, low_hz=0.75, "
                                                      : "def estimate_heart_rate(filtered_ecg, fs, low_hz=0.75, "));
    EXPECT_THAT(own[1][0].code, HasSubstr("high_hz=2.5, units_per_hz=60, padding=8"));
  }
  r.packages = {"numpy"};
  EXPECT_TRUE(own_rate_functions(runtime(), r, agents::rate_specs(r, plans[0].subtasks)).empty());
  r.data.inputs.pop_back();
  EXPECT_TRUE(agents::rate_specs(r, plans[0].subtasks).empty()) << "no sampling rate is given";
}

TEST(OwnFunctions, OfEventsBeginAtSharesOfTheUsualGap) {
  core::Requirement r;
  r.data.inputs = {{"ecg", "numpy.ndarray", "float64", "(n_samples,)", "mV", ""},
                   {"fs", "float", "", "", "Hz", "sampling rate"}};
  r.labels.format = "csv";
  r.result.kind = "events";
  r.result.variable = {"beats", "numpy.ndarray", "int64", "(n_events,)", "samples", ""};
  const auto specs = agents::event_specs(r, agents::event_plan(r));
  ASSERT_EQ(specs.size(), 2U);
  const auto own = own_event_functions(runtime(), specs, {0.8, 0.5}, 250);
  EXPECT_THAT(own[1][0].code, HasSubstr("nearest_s = 0.4\n")) << "the next ones may be nearer";
  ASSERT_EQ(own.size(), 2U);
  EXPECT_EQ(own[0].size(), 16U);
  EXPECT_EQ(own[1].size(), 4U);
  EXPECT_THAT(own[0][0].code,
              HasSubstr("def measure_strength_of_beats(ecg, fs, kind=\"size\", low_hz=0.25, high_hz=5, "));
  EXPECT_THAT(own[0][0].code, HasSubstr("for values in (ecg,)]"));
  EXPECT_THAT(own[1][2].code, HasSubstr("def locate_beats(strength, fs, kind=\"start\", level=0.5"));
  EXPECT_THAT(own[1][2].code, HasSubstr("min(distance_s, nearest_s) * fs"));
  EXPECT_EQ(own[1][2].origin, "gpiot's own function, kind=\"start\"");
  EXPECT_EQ(own_event_functions(runtime(), specs, {0.8, 0}, 20)[0].size(), 14U) << "no fast band where nothing is fast";
}

TEST(OwnFunctions, GapsAreTheMedianAndTheShortest) {
  const std::vector<eval::RecordFacts> records = {{"a", 1000, 100, {}}, {"b", 3000, 100, {}}};
  const auto gaps = gaps_of({{"a", {0, 100, 150, 300, 900}}, {"b", {50}}}, records);
  EXPECT_DOUBLE_EQ(gaps.usual_s, 1.5);
  EXPECT_DOUBLE_EQ(gaps.least_s, 0.5);
  EXPECT_DOUBLE_EQ(gaps_of({{"a", {10}}, {"b", {50}}}, records).usual_s, 20);
  EXPECT_DOUBLE_EQ(gaps_of({{"a", {10}}, {"b", {50}}}, records).least_s, 0);
  EXPECT_DOUBLE_EQ(gaps_of({}, records).usual_s, 1);
}

}  // namespace
}  // namespace gpiot::pipeline
