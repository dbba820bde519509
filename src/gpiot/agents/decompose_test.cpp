#include "gpiot/agents/decompose.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <set>

#include "gpiot/agents/scripted_generator.h"
#include "gpiot/agents/worked_example.h"
#include "gpiot/base/error.h"
#include "gpiot/base/strings.h"

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

TEST(Decompose, AsksForSeveralPlansInOneBatch) {
  ScriptedGenerator generator([](const auto&) { return std::string(kPlan); });
  const auto plans = decompose(generator, shipped(), requirement(), {.seed = 7, .plans = 3}, {}, base::CancelToken{});
  ASSERT_EQ(plans.size(), 1U) << "equal plans count once";
  ASSERT_EQ(plans[0].subtasks.size(), 3U);
  EXPECT_EQ(plans[0].record.seed, 7U);
  EXPECT_EQ(plans[0].record.raw, kPlan);
  EXPECT_EQ(generator.calls(), 1);
  ASSERT_EQ(generator.requests().size(), 3U);
  EXPECT_EQ(generator.requests()[2].sampling.seed, 9U);
  EXPECT_NE(generator.requests()[0].messages.back().content.find("`level` (numpy.ndarray"), std::string::npos);
  EXPECT_FALSE(generator.requests()[0].sampling.grammar.empty());
}

TEST(Decompose, ThePlanWithTheFewestFaultsComesFirst) {
  ScriptedGenerator generator({kRepetitive, "no plan", kPlan, kRepetitive});
  const auto plans = decompose(generator, shipped(), requirement(), {.seed = 7, .plans = 4}, {}, base::CancelToken{});
  ASSERT_EQ(plans.size(), 2U);
  EXPECT_EQ(plans[0].record.seed, 9U);
  EXPECT_LT(plans[0].faults, plans[1].faults);
}

TEST(Decompose, TheExampleGoesByTheKindOfTheResult) {
  ScriptedGenerator generator([](const auto&) { return std::string(kPlan); });
  auto wanted = requirement();
  std::set<std::string> plans;
  for (const auto* kind : {"events", "series", "value"}) {
    wanted.result.kind = kind;
    (void)decompose(generator, shipped(), wanted, {.plans = 1}, {}, base::CancelToken{});
    const auto& messages = generator.requests().back().messages;
    ASSERT_EQ(messages.size(), 4U);
    EXPECT_EQ(messages[2].role, "assistant");
    const auto example = parse_subtasks(messages[2].content);
    ASSERT_TRUE(example.ok()) << kind << ": " << example.problem;
    EXPECT_TRUE(plan_faults(*example.value).empty()) << kind;
    EXPECT_EQ(to_markdown(*example.value), messages[2].content + "\n") << "the example has the paper's form";
    plans.insert(messages[2].content);
  }
  EXPECT_EQ(plans.size(), 3U);
}

TEST(Decompose, PlansOfEventsFollowTwoExamplesInTurnTheOneThatFitsFirst) {
  ScriptedGenerator generator([](const auto&) { return std::string(kPlan); });
  const auto prompts = shipped();
  auto wanted = requirement();
  wanted.result.kind = "events";
  for (const auto* const description : {"index of each pulse", "index of the start of each pulse"}) {
    wanted.result.variable.description = description;
    const auto kinds = example_kinds(wanted);
    EXPECT_EQ(kinds.front(), std::string(description).find("start") == std::string::npos ? "events" : "onsets");
    (void)decompose(generator, prompts, wanted, {.plans = 4}, {}, base::CancelToken{});
    const auto& requests = generator.requests();
    for (std::size_t k = 0; k < 4; ++k) {
      EXPECT_EQ(requests[requests.size() - 4 + k].messages[2].content, prompts.example(kinds[k % 2]).at(1).content);
    }
  }
}

TEST(Decompose, StartsOfWhatIsSampledFastArePulses) {
  auto wanted = requirement();
  wanted.result.kind = "events";
  wanted.result.variable.description = "index of the start of each blow";
  for (const auto& [rate_hz, kind] : {std::pair{10.0, "onsets"}, {0.0, "onsets"}, {8000.0, "events"}}) {
    wanted.data.rate_hz = rate_hz;
    EXPECT_EQ(example_kinds(wanted).front(), kind) << rate_hz;
  }
  wanted.data.rate_hz = 0;
  wanted.data.format = "wav";
  EXPECT_EQ(example_kinds(wanted).front(), "events") << "sound states its rate in the file";
}

TEST(Decompose, PlansOfSeveralChannelsFollowAnExampleWithChannels) {
  auto wanted = requirement();
  wanted.result.kind = "events";
  wanted.data.inputs = {{"strength", "numpy.ndarray", "float64", "(n_packets, 30)", "", "of 30 carriers"}};
  EXPECT_THAT(example_kinds(wanted), testing::ElementsAre("events", "channels"));
  wanted.result.variable.description = "where each movement begins";
  EXPECT_THAT(example_kinds(wanted), testing::ElementsAre("channels", "events"));
  ScriptedGenerator generator([](const auto&) { return std::string(kPlan); });
  const auto plans = decompose(generator, shipped(), wanted, {.plans = 1}, {}, base::CancelToken{});
  EXPECT_THAT(plans.at(0).mended, testing::ElementsAre(testing::HasSubstr("norm over the channels")));
}

TEST(Decompose, APlanThatBorrowsTheNumbersOfItsExampleComesLast) {
  ScriptedGenerator generator([](const auto& request) {
    const auto own = base::replace_all(kPlan, "Threshold.", "Cut blocks of 1800 s.");
    return request.sampling.seed == 1 ? base::replace_all(own, "1800 s", "3600 s") : own;
  });
  auto wanted = requirement();
  wanted.result.kind = "series";
  EXPECT_EQ(decompose(generator, shipped(), wanted, {.seed = 1, .plans = 2}, {}, base::CancelToken{})[0].record.seed,
            2U);
  wanted.statement = "Blocks have 3600 s.";
  EXPECT_EQ(decompose(generator, shipped(), wanted, {.seed = 1, .plans = 2}, {}, base::CancelToken{})[0].record.seed,
            1U)
      << "what the requirement says is not borrowed";
}

TEST(Decompose, PlansOfNumbersFollowTwoExamplesTheUnitSaysWhichFirst) {
  auto wanted = requirement();
  wanted.result.kind = "value";
  wanted.result.variable = {"rate", "float", "", "", "1/min", "mean rate"};
  EXPECT_EQ(example_kinds(wanted).front(), "counts");
  wanted.result.variable = {"distance", "float", "", "", "m", "distance to the liquid"};
  EXPECT_EQ(example_kinds(wanted).front(), "value");
  EXPECT_EQ(example_kinds(wanted).size(), 2U);
}

TEST(Decompose, RowsOfATableAreReadingsWithoutTime) {
  auto wanted = requirement();
  wanted.result = {.kind = "class", .variable = {}, .learned = true};
  wanted.data.items = "row";
  wanted.data.inputs = {{"air", "numpy.ndarray", "float64", "(2,)", "", "temperature (C), CO2 (ppm)"}};
  wanted.data.sources = {{.key = {}, .columns = {"Temperature", "CO2"}}};
  EXPECT_THAT(example_kinds(wanted), testing::ElementsAre("reading"));
  ScriptedGenerator generator([](const auto& request) {
    std::string plan = kPlan;
    if (request.sampling.seed == 1)
      plan = base::replace_all(plan, "Implementation step 1: ", "Implementation step 1: Smooth. ");
    return plan;
  });
  const auto plans = decompose(generator, shipped(), wanted, {.seed = 1, .plans = 2}, {}, base::CancelToken{});
  ASSERT_EQ(plans.size(), 2U);
  EXPECT_EQ(plans[0].record.seed, 2U) << "a plan that smooths one reading comes last";
  wanted.data.sources[0] = {.key = "x", .columns = {}};
  EXPECT_FALSE(is_reading(wanted)) << "an entry of an array may be a window";
  for (const auto& [shape, beside] : std::initializer_list<std::pair<const char*, bool>>{{"(24,)", true},
                                                                                         {"(12, 3)", true},
                                                                                         {"(n_samples,)", false},
                                                                                         {"(60, 2)", false},
                                                                                         {"(24, n)", false},
                                                                                         {"()", true}}) {
    wanted.data.inputs[0].shape = shape;
    EXPECT_EQ(stands_beside_features(wanted), beside) << shape;
  }
  EXPECT_THAT(example_kinds(wanted), testing::ElementsAre("class"));
}

TEST(Decompose, EveryExampleHasTheFormAndNoFaults) {
  for (const auto* const kind :
       {"channels", "class", "counts", "estimate", "events", "onsets", "reading", "sequence", "series", "value"}) {
    const auto text = shipped().example(kind).at(1).content;
    const auto example = parse_subtasks(text);
    ASSERT_TRUE(example.ok()) << kind << ": " << example.problem;
    const bool learned = std::set<std::string>{"class", "estimate", "reading", "sequence"}.contains(kind);
    EXPECT_TRUE(plan_faults(*example.value, 0, learned).empty()) << kind;
    EXPECT_EQ(to_markdown(*example.value), text + "\n") << kind;
    core::Requirement wanted = requirement();
    wanted.result.kind = "events";
    if (std::string(kind) == "events" || std::string(kind) == "onsets") {
      EXPECT_EQ(example_of_plan(wanted, *example.value), kind) << "a plan like it is specified like it";
    }
    if (std::string(kind) == "channels") {
      wanted.data.inputs[0].shape = "(n_samples, 3)";
      EXPECT_EQ(example_of_plan(wanted, *example.value), kind);
    }
    wanted.result.kind = "value";
    if (std::string(kind) == "counts" || std::string(kind) == "value") {
      EXPECT_EQ(example_of_plan(wanted, *example.value), kind) << "the same for numbers";
    }
  }
}

TEST(Decompose, AnAnswerThatIsNeverAPlanIsAnError) {
  ScriptedGenerator generator([](const auto&) { return std::string("Sorry."); });
  try {
    (void)decompose(generator, shipped(), requirement(), {}, {}, base::CancelToken{});
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
  const std::vector<core::SubTask> band = {{"Filter band", "a", {"Apply a band-pass filter from 50 to 200 Hz."}}};
  EXPECT_EQ(plan_faults(band, 360).size(), 1U);
  EXPECT_TRUE(plan_faults(band, 1000).empty());
  EXPECT_TRUE(plan_faults(band).empty()) << "no rate, no limit";
  const std::vector<core::SubTask> two = {{"Filter band", "a", {"Apply a low-pass band-pass filter from 5 to 20 Hz."}}};
  EXPECT_EQ(plan_faults(two).size(), 1U);
}

TEST(Decompose, StopsOnRequest) {
  ScriptedGenerator generator([](const auto&) { return std::string(kPlan); });
  base::CancelToken cancel;
  cancel.cancel();
  try {
    (void)decompose(generator, shipped(), requirement(), {}, {}, cancel);
    FAIL();
  } catch (const base::Error& error) {
    EXPECT_EQ(error.code(), base::ErrorCode::Cancelled);
  }
}

}  // namespace
}  // namespace gpiot::agents
