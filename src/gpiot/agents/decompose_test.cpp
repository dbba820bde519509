#include "gpiot/agents/decompose.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "gpiot/agents/scripted_generator.h"
#include "gpiot/base/error.h"

namespace gpiot::agents {
namespace {

PromptSet shipped() { return PromptSet::load(std::filesystem::path(std::getenv("GPIOT_ROOT")) / "prompts"); }

core::Requirement requirement() {
  core::Requirement r;
  r.statement = "Find sudden rises.";
  r.data.inputs = {{"level", "numpy.ndarray", "float64", "(n_samples,)", "V", "tank level"}};
  r.result.variable = {"rises", "numpy.ndarray", "int64", "(n_events,)", "samples", "indices"};
  return r;
}

constexpr const char* kPlan =
    "- Sub-Task 1 [Remove drift]\n- Implementation step 1: Subtract it.\n\n- Sub-Task 2 [Compute slope]\n"
    "- Implementation step 1: Differentiate.\n\n- Sub-Task 3 [Select rises]\n- Implementation step 1: Threshold.\n";
constexpr const char* kRepetitive =
    "- Sub-Task 1 [Remove drift]\n- Implementation step 1: Subtract it.\n\n- Sub-Task 2 [Remove drift]\n"
    "- Implementation step 1: Subtract it.\n\n- Sub-Task 3 [Select rises]\n- Implementation step 1: Plot it.\n";

TEST(Decompose, AsksOnceWhereThePlanIsGood) {
  ScriptedGenerator generator({kPlan});
  const auto result = decompose(generator, shipped(), requirement(), 7, {}, base::CancelToken{});
  ASSERT_EQ(result.subtasks.size(), 3U);
  EXPECT_EQ(result.record.seed, 7U);
  EXPECT_EQ(result.record.raw, kPlan);
  EXPECT_EQ(generator.calls(), 1);
  EXPECT_NE(generator.requests()[0].messages[1].content.find("`level` (numpy.ndarray"), std::string::npos);
  EXPECT_FALSE(generator.requests()[0].sampling.grammar.empty());
}

TEST(Decompose, KeepsThePlanWithTheFewestFaults) {
  ScriptedGenerator generator({kRepetitive, "no plan", kPlan, kRepetitive});
  const auto result = decompose(generator, shipped(), requirement(), 7, {}, base::CancelToken{});
  EXPECT_EQ(result.record.seed, 9U);
  EXPECT_EQ(generator.calls(), 2);
}

TEST(Decompose, AnAnswerThatIsNeverAPlanIsAnError) {
  ScriptedGenerator generator([](const auto&) { return std::string("Sorry."); });
  try {
    (void)decompose(generator, shipped(), requirement(), 1, {}, base::CancelToken{});
    FAIL();
  } catch (const base::Error& error) {
    EXPECT_EQ(error.code(), base::ErrorCode::Format);
  }
}

TEST(PlanFaults, AreRepetitionForeignWorkAndVagueness) {
  const std::vector<core::SubTask> plan = {
      {"Remove drift", "a", {"Apply a filter like the moving mean.", "Subtract it."}},
      {"Compute slope", "b", {"Subtract it.", "Take differences and plot them."}}};
  EXPECT_EQ(plan_faults(plan).size(), 4U);
  EXPECT_TRUE(plan_faults(parse_subtasks(kPlan).value.value()).empty());
}

TEST(Decompose, StopsOnRequest) {
  ScriptedGenerator generator([](const auto&) { return std::string(kPlan); });
  base::CancelToken cancel;
  cancel.cancel();
  try {
    (void)decompose(generator, shipped(), requirement(), 1, {}, cancel);
    FAIL();
  } catch (const base::Error& error) {
    EXPECT_EQ(error.code(), base::ErrorCode::Cancelled);
  }
}

}  // namespace
}  // namespace gpiot::agents
