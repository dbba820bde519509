#include "gpiot/agents/specify.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "gpiot/agents/chain_check.h"
#include "gpiot/agents/scripted_generator.h"
#include "gpiot/base/error.h"

namespace gpiot::agents {
namespace {

PromptSet shipped() { return PromptSet::load(std::filesystem::path(std::getenv("GPIOT_ROOT")) / "prompts"); }

core::Requirement requirement() {
  core::Requirement r;
  r.statement = "Find sudden rises.";
  r.data.inputs = {{"level", "numpy.ndarray", "float64", "(n_samples,)", "V", "tank level"},
                   {"height", "float", "", "", "m", "height of the tank"},
                   {"rate_hz", "float", "", "", "Hz", "sampling rate"}};
  r.result.variable = {"rises", "numpy.ndarray", "int64", "(n_events,)", "samples", "indices"};
  return r;
}

const std::vector<core::SubTask> kPlan = {{"Remove drift", "remove_drift", {"Subtract it."}},
                                          {"Compute slope", "compute_slope", {"Differentiate."}},
                                          {"Select rises", "select_rises", {"Threshold."}}};

TEST(Specify, MakesAChainThatFits) {
  ScriptedGenerator generator(
      {"Removes drift.", "Computes the slope.", "Selects rises.",
       ("Reasoning: It needs the level.\nInputs: `level`, `rate_hz`\nOutput: `flat` (numpy.ndarray, float64, "
        "(n_samples,), V): Flat.\n"),
       ("Reasoning: Slope.\nInputs: `flat`, `rate_hz`, `invented`\nOutput: `flat` (numpy.ndarray, float64, "
        "(n_samples,), no unit): Slope.\n"),
       "Reasoning: End.\nInputs: `flat_2`, `height`, `rate_hz`\nOutput: `other` (float): Wrong.\n"});
  const auto result = specify(generator, shipped(), requirement(), kPlan, 1, {}, base::CancelToken{});
  ASSERT_EQ(result.specs.size(), 3U);
  EXPECT_EQ(result.records.size(), 6U);
  EXPECT_EQ(generator.calls(), 4) << "targets are one batch";
  EXPECT_EQ(result.specs[0].target, "Removes drift.");
  EXPECT_EQ(result.specs[1].outputs[0].name, "flat_2") << "a name is given once";
  EXPECT_EQ(result.specs[1].outputs[0].unit, "");
  EXPECT_EQ(result.specs[1].inputs.size(), 2U) << "an invented name is dropped";
  EXPECT_EQ(result.specs[2].outputs[0], requirement().result.variable);
  EXPECT_TRUE(check_chain(requirement(), result.specs).empty());
}

TEST(Specify, TheGrammarOffersWhatExistsAndForcesTheChain) {
  ScriptedGenerator generator({"a", "b", "c", "Inputs: `level`\nOutput: `flat` (float, V): x\n",
                               "Inputs: `flat`\nOutput: `slope` (float): x\n", "Inputs: `slope`\n"});
  (void)specify(generator, shipped(), requirement(), kPlan, 1, {}, base::CancelToken{});
  const auto& requests = generator.requests();
  EXPECT_NE(requests[3].sampling.grammar.find(R"(inputs ::= "`level`" (", `height`")? ", `rate_hz`")"),
            std::string::npos);
  EXPECT_NE(requests[4].sampling.grammar.find(R"(inputs ::= "`flat`" (", `level`")? (", `height`")? ", `rate_hz`")"),
            std::string::npos);
  EXPECT_NE(
      requests[5].sampling.grammar.find(R"(inputs ::= "`height`, `slope`" (", `level`")? (", `flat`")? ", `rate_hz`")"),
      std::string::npos)
      << "at the end every value left is taken";
}

TEST(Specify, TheFormThatTheStepsNameKeepsTheChannels) {
  auto wanted = requirement();
  wanted.data.inputs[0].shape = "(n_samples, 4)";
  const auto first_type = [&](const std::string& step) {
    ScriptedGenerator generator({"a", "b", "c", "Inputs: `level`\nOutput: `flat` (float, V): x\n",
                                 "Inputs: `flat`\nOutput: `slope` (float): x\n", "Inputs: `slope`\n"});
    auto plan = kPlan;
    plan[0].steps = {step};
    (void)specify(generator, shipped(), wanted, plan, 1, {}, base::CancelToken{});
    const auto& grammar = generator.requests()[3].sampling.grammar;
    const auto at = grammar.find("type ::= ");
    return grammar.substr(at, grammar.find('\n', at) - at);
  };
  EXPECT_EQ(first_type("Smooth it, one value for every sample."),
            "type ::= \"numpy.ndarray, float64, (\" dim \", \" dim \"), \" unit");
  EXPECT_EQ(first_type("Take the norm over the channels, one value for every sample."),
            "type ::= \"numpy.ndarray, float64, (\" dim \",), \" unit");
  wanted.data.items = "row";
  wanted.data.sources = {
      {.key = {}, .columns = {"a", "b"}}, {.key = {}, .columns = {"c"}}, {.key = {}, .columns = {"d"}}};
  EXPECT_EQ(first_type("Divide one by the other."),
            "type ::= \"numpy.ndarray, float64, (\" dim \",), \" unit | \"float, \" unit")
      << "one set of readings";
}

TEST(Specify, EveryFunctionOfAParserIsGivenTheText) {
  ScriptedGenerator generator({"a", "b", "c", "Inputs: `frame`\nOutput: `kind` (int): x\n",
                               "Inputs: `kind`, `frame`\nOutput: `payload` (str): x\n",
                               "Inputs: `payload`, `frame`\n"});
  auto wanted = requirement();
  wanted.data.inputs = {{"frame", "str", "", "", "", "hexadecimal text"}};
  wanted.result.kind = "value";
  wanted.result.variable = {"heat", "float", "", "", "kWh", "energy"};
  const auto result = specify(generator, shipped(), wanted, kPlan, 1, {}, base::CancelToken{});
  const auto& requests = generator.requests();
  EXPECT_NE(requests[4].sampling.grammar.find("inputs ::= \"`frame`, `kind`\""), std::string::npos);
  EXPECT_NE(requests[4].sampling.grammar.find("type ::= \"str\" | \"int\""), std::string::npos);
  EXPECT_EQ(result.specs[1].outputs[0].type, "str");
  EXPECT_TRUE(check_chain(wanted, result.specs).empty());
}

TEST(Specify, TheInterfacesAreOneConversation) {
  ScriptedGenerator generator({"a", "b", "c", "Reasoning: One.\nInputs: `level`\nOutput: `rises` (float, V): x\n",
                               "Reasoning: Two.\nInputs: `level`\nOutput: `slope` (float): x\n",
                               "Reasoning: Three.\nInputs: `slope`\n"});
  const auto result = specify(generator, shipped(), requirement(), kPlan, 1, {}, base::CancelToken{});
  EXPECT_EQ(result.specs[0].outputs[0].name, "candidate_rises") << "the result's name is left for the last function";
  const auto& first = generator.requests()[3].messages;
  const auto& last = generator.requests()[5].messages;
  ASSERT_EQ(last.size(), first.size() + 4);
  EXPECT_EQ(last[0].role, "system");
  EXPECT_NE(first.back().content.find("Find sudden rises."), std::string::npos);
  EXPECT_EQ(last[first.size()].content, "Reasoning: One.\nInputs: `level`\nOutput: `candidate_rises` (float, V): x");
  EXPECT_EQ(last.back().content, "Function 3 [Select rises]:\n- Threshold.");
}

TEST(Specify, AnUnreadableAnswerIsAnError) {
  ScriptedGenerator generator({"a", "b", "c", "Inputs: nothing\n"});
  EXPECT_THROW((void)specify(generator, shipped(), requirement(), kPlan, 1, {}, base::CancelToken{}), base::Error);
}

}  // namespace
}  // namespace gpiot::agents
