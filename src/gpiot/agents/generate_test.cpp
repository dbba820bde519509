#include "gpiot/agents/generate.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "gpiot/agents/outlines.h"
#include "gpiot/agents/repair.h"
#include "gpiot/agents/scripted_generator.h"

namespace gpiot::agents {
namespace {

PromptSet shipped() { return PromptSet::load(std::filesystem::path(std::getenv("GPIOT_ROOT")) / "prompts"); }

std::vector<core::Specification> specs() {
  const core::Variable level{"level", "numpy.ndarray", "float64", "(n_samples,)", "V", "tank level"};
  const core::Variable flat{"flat", "numpy.ndarray", "float64", "(n_samples,)", "V", "without drift"};
  return {{{"Remove drift", "remove_drift", {"Subtract it."}}, "Removes drift.", {level}, {flat}},
          {{"Smooth", "smooth", {"Average."}}, "Smooths.", {flat}, {flat}}};
}

constexpr const char* kAnswer = "```python\ndef f(level):\n    return np.abs(level)\n```\n\n### Documentation\nText.\n";

TEST(Generate, AsksForAllSamplesInOneCall) {
  ScriptedGenerator generator([](const auto&) { return std::string(kAnswer); });
  const auto all = generate(generator, shipped(), core::Requirement{}, specs(), 3, 10, 0.8, {}, base::CancelToken{});
  EXPECT_EQ(generator.calls(), 1);
  ASSERT_EQ(all.size(), 2U);
  ASSERT_EQ(all[1].size(), 3U);
  EXPECT_EQ(all[1][2].seed, 12U);
  EXPECT_LT(all[0][0].temperature, all[0][1].temperature);
  EXPECT_EQ(all[0][0].program.documentation, "Text.");
  EXPECT_EQ(all[0][0].program.code.rfind("import numpy as np\n", 0), 0U);
  EXPECT_EQ(all[0][0].mended.size(), 1U);
  const auto& prompt = generator.requests()[0].messages.back().content;
  EXPECT_NE(prompt.find("def remove_drift(level, ...)"), std::string::npos);
  EXPECT_EQ(prompt.find("Smooths."), std::string::npos) << "what another step does is not for this one";
}

TEST(Generate, NamesCallsThatFitTheSteps) {
  const auto reference = shipped().text("reference");
  const std::vector<std::string> both = {"numpy", "scipy"};
  const std::vector<std::string> one = {"numpy"};
  auto spec = specs()[1];
  EXPECT_NE(fitting_calls(reference, spec, both).find("uniform_filter1d(x, size=n) of scipy.ndimage"),
            std::string::npos);
  EXPECT_EQ(fitting_calls(reference, spec, one), "") << "no call of a package that is not allowed";
  spec.subtask.steps = {"Sing a song."};
  EXPECT_EQ(fitting_calls(reference, spec, both), "");
}

TEST(Generate, WritesOnlyTheSubtasksAskedFor) {
  ScriptedGenerator generator([](const auto&) { return std::string(kAnswer); });
  const std::vector<std::size_t> only = {1};
  const auto some =
      generate(generator, shipped(), core::Requirement{}, specs(), 2, 1, 0.8, {}, base::CancelToken{}, only);
  EXPECT_TRUE(some[0].empty());
  EXPECT_EQ(some[1].size(), 2U);
}

TEST(Generate, AnEmptyAnswerIsAProblemNotAnError) {
  ScriptedGenerator generator([](const auto&) { return std::string(); });
  const auto all = generate(generator, shipped(), core::Requirement{}, specs(), 1, 1, 0.8, {}, base::CancelToken{});
  EXPECT_FALSE(all[0][0].ok());
  EXPECT_TRUE(all[0][0].program.code.empty());
}

TEST(Repair, GoesOnWithTheConversationThatMadeTheCode) {
  ScriptedGenerator generator([](const auto&) { return std::string(kAnswer); });
  const std::string problem = "first line\n" + std::string(5000, 'x') + "\nValueError: the last line";
  const auto repaired = repair(generator, shipped(), core::Requirement{}, specs()[0], {"def old(): pass", ""}, problem,
                               2, 5, 0.8, {}, base::CancelToken{});
  EXPECT_EQ(repaired.size(), 2U);
  const auto messages = generator.requests()[0].messages;
  ASSERT_GE(messages.size(), 5U);
  EXPECT_EQ(messages[messages.size() - 2].role, "assistant");
  EXPECT_EQ(messages[messages.size() - 2].content, "```python\ndef old(): pass\n```");
  EXPECT_EQ(generator.requests()[0].fixed_messages, messages.size() - 3);
  const auto prompt = messages.back().content;
  EXPECT_NE(prompt.find("ValueError: the last line"), std::string::npos);
  EXPECT_EQ(prompt.find("first line"), std::string::npos);
  (void)repair(generator, shipped(), core::Requirement{}, specs()[0], {}, problem, 1, 5, 0.8, {}, base::CancelToken{});
  EXPECT_EQ(generator.requests().back().messages.size(), messages.size() - 2) << "no program: it is asked for anew";
}

}  // namespace
}  // namespace gpiot::agents
