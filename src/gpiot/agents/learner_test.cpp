#include "gpiot/agents/learner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "gpiot/agents/chain_check.h"
#include "gpiot/agents/decompose.h"
#include "gpiot/agents/generate.h"
#include "gpiot/agents/scripted_generator.h"
#include "gpiot/agents/spec_text.h"

namespace gpiot::agents {
namespace {

core::Requirement gestures() {
  core::Requirement requirement;
  requirement.title = "Gestures";
  requirement.data.inputs = {{"window", "numpy.ndarray", "float64", "(128, 3)", "g", "acceleration"}};
  requirement.data.sources = {{"X", {}}};
  requirement.labels.format = "key";
  requirement.labels.key = "y";
  requirement.result = {"class", {"gesture", "str", "", "", "", "gesture"}, true};
  return requirement;
}

core::Specification spec_of(const std::string& name, std::vector<core::Variable> inputs,
                            std::vector<core::Variable> outputs) {
  return {{name, name, {"Compute it"}}, "Computes it.", std::move(inputs), std::move(outputs)};
}

std::vector<core::Specification> chain() {
  const auto requirement = gestures();
  const core::Variable smooth = {"smooth", "numpy.ndarray", "float64", "(128, 3)", "g", "smooth"};
  return {spec_of("smooth_window", requirement.data.inputs, {smooth}),
          spec_of("extract_features", {smooth}, {feature_variable()}),
          learner_spec(requirement, spec_of("classify", {}, {}))};
}

TEST(Learner, AChainThatEndsInItHolds) {
  EXPECT_TRUE(check_chain(gestures(), chain()).empty());
  EXPECT_TRUE(is_learner(chain().back()));
  EXPECT_FALSE(is_learner(chain().front()));
}

TEST(Learner, ItsInterfaceCannotBeChanged) {
  auto specs = chain();
  specs.back().inputs.pop_back();
  const auto problems = check_chain(gestures(), specs);
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].kind, ChainProblemKind::MissingResult);
  EXPECT_EQ(problems[0].subtask, 2U);
  EXPECT_THAT(mend_chain(gestures(), specs), testing::IsEmpty());
  EXPECT_TRUE(check_chain(gestures(), specs).empty()) << "mended by rule";
}

TEST(Learner, TheStepBeforeItMustGiveFeatures) {
  auto specs = chain();
  specs[1].outputs[0].name = "numbers";
  EXPECT_FALSE(check_chain(gestures(), specs).empty());
  EXPECT_FALSE(mend_chain(gestures(), specs).empty());
  EXPECT_TRUE(check_chain(gestures(), specs).empty());
}

TEST(Learner, ItsSpecificationSurvivesBeingWrittenAndRead) {
  const auto spec = chain().back();
  const auto read = parse_specification(to_markdown(spec));
  ASSERT_TRUE(read.ok()) << read.problem;
  EXPECT_EQ(read.value->inputs, spec.inputs);
  EXPECT_EQ(read.value->outputs, spec.outputs);
}

TEST(Learner, APlanMustFitAModelAtItsEnd) {
  const std::vector<core::SubTask> plan = {{"Extract features", "extract_features", {"Compute the mean"}},
                                           {"Classify", "classify", {"Compare the mean with 3"}}};
  EXPECT_THAT(plan_faults(plan, 0, true), testing::ElementsAre(testing::HasSubstr("fits no model")));
  const std::vector<core::SubTask> good = {plan[0], {"Classify", "classify", {"Fit a tree to the training items"}}};
  EXPECT_THAT(plan_faults(good, 0, true), testing::IsEmpty());
  EXPECT_THAT(plan_faults(good, 0, false), testing::SizeIs(1)) << "other programs never train";
}

TEST(Learner, OtherModelsTakeThePlaceOfThePlannedOne) {
  core::Specification spec{.subtask = {"Classify",
                                       "classify",
                                       {"Standardise the features.", "Fit a random forest of 50 trees.",
                                        "Predict the label of each other item."}},
                           .target = "Fits a random forest.",
                           .inputs = {},
                           .outputs = {}};
  spec = learner_spec(gestures(), std::move(spec));
  const auto variants = learner_variants(spec);
  ASSERT_EQ(variants.size(), 3U);
  EXPECT_EQ(variants[0], spec.subtask.steps);
  EXPECT_THAT(variants[1][1], testing::HasSubstr("logistic regression"));
  EXPECT_EQ(variants[1][2], spec.subtask.steps[2]) << "all else is as planned";
  spec.outputs[0].dtype = "float64";
  EXPECT_THAT(learner_variants(spec)[1][1], testing::HasSubstr("ridge regression"));
  spec.subtask.steps = {"Predict the label."};
  EXPECT_EQ(learner_variants(spec).size(), 1U);
}

TEST(Learner, ItsSamplesTakeTurnsInTheModel) {
  core::Specification spec{
      .subtask = {"Classify", "classify", {"Fit a random forest of 50 trees.", "Predict the labels."}},
      .target = "Fits a random forest.",
      .inputs = {},
      .outputs = {}};
  const std::vector<core::Specification> specs = {learner_spec(gestures(), std::move(spec))};
  ScriptedGenerator generator([](const auto&) { return std::string("```python\ndef f():\n    return 1\n```\n"); });
  const auto prompts = PromptSet::load(std::filesystem::path(std::getenv("GPIOT_ROOT")) / "prompts");
  const auto all = generate(generator, prompts, gestures(), specs, 6, 1, 0.6, {}, base::CancelToken{});
  ASSERT_EQ(all[0].size(), 6U);
  const auto names = [&](std::size_t k, const char* word) {
    return generator.requests()[k].messages.back().content.find(word) != std::string::npos;
  };
  EXPECT_TRUE(names(0, "random forest of 50") && names(3, "random forest of 50"));
  EXPECT_TRUE(names(1, "Fit a logistic regression") && names(4, "Fit a logistic regression"));
  EXPECT_FALSE(names(1, "forest")) << "the target named it, too";
  EXPECT_TRUE(names(2, "Fit a support vector machine") && names(5, "Fit a support vector machine"));
}

TEST(Learner, EveryThirdSampleOfFeaturesLooksAgainstTheStart) {
  core::Requirement wanted;
  wanted.result = {.kind = "class", .variable = {"state", "str", "", "", "", ""}, .learned = true};
  core::Specification spec;
  spec.subtask = {"Extract", "extract", {"Compute the mean."}};
  spec.inputs = {{"x", "numpy.ndarray", "float64", "(n_samples, 4)", "", ""}};
  spec.outputs = {feature_variable()};
  ScriptedGenerator generator([](const auto&) { return std::string(); });
  const auto prompts = PromptSet::load(std::filesystem::path(std::getenv("GPIOT_ROOT")) / "prompts");
  (void)generate(generator, prompts, wanted, {&spec, 1}, 6, 1, 0.6, {}, base::CancelToken{});
  std::vector<bool> relative;
  for (const auto& request : generator.requests()) {
    relative.push_back(request.messages.back().content.find("first tenth") != std::string::npos);
  }
  EXPECT_THAT(relative, testing::ElementsAre(false, false, true, false, false, true));
}

}  // namespace
}  // namespace gpiot::agents
