#include "gpiot/agents/parser_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gpiot/agents/plain_plan.h"
#include "gpiot/agents/subtask_text.h"

namespace gpiot::agents {
namespace {

using testing::ElementsAre;

core::Requirement telegrams() {
  core::Requirement r;
  r.title = "Heat meter";
  r.statement =
      "A meter sends telegrams of 12 bytes.\nByte 0 is 0x68; byte 1 is e.g. 0x0A. The last one is the sum of "
      "all\nothers "
      "modulo 256. Return NaN where it is not!";
  r.data.inputs = {{"telegram", "str", "", "", "", "hexadecimal text"}};
  r.result.kind = "value";
  r.result.variable = {"heat_kwh", "float", "", "", "kWh", "energy"};
  return r;
}

TEST(ParserPlan, HasTheSentencesOfTheRequirementAsSteps) {
  const auto plan = parser_plan(telegrams());
  ASSERT_EQ(plan.size(), 1U);
  EXPECT_EQ(plan[0].name, "Read telegram");
  EXPECT_EQ(plan[0].identifier, "read_telegram");
  EXPECT_THAT(plan[0].steps,
              ElementsAre("Turn the hexadecimal text into bytes first: data = "
                          "bytes.fromhex(telegram), each data[i] a number from 0 to 255.",
                          "A meter sends telegrams of 12 bytes.", "Byte 0 is 0x68; byte 1 is e.g. 0x0A.",
                          "The last one is the sum of all others modulo 256.", "Return NaN where it is not!"));
  EXPECT_EQ(plain_plans(telegrams()).size(), 1U);
  const auto read = parse_subtasks(to_markdown(plan));
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read.value->front().steps, plan[0].steps) << "as it stands in the file";
  const auto specs = parser_specs(telegrams(), *read.value);
  ASSERT_EQ(specs.size(), 1U);
  EXPECT_EQ(specs[0].inputs.front().name, "telegram");
  EXPECT_EQ(specs[0].outputs.front().name, "heat_kwh");
  EXPECT_TRUE(parser_specs(telegrams(), std::vector<core::SubTask>{{"Other", "other", {"Do it."}}}).empty());
}

TEST(ParserPlan, IsForWhatDevicesSent) {
  auto r = telegrams();
  EXPECT_TRUE(is_parser(r));
  r.data.inputs[0] = {"stream", "numpy.ndarray", "uint8", "(n_samples,)", "", "what was received"};
  EXPECT_TRUE(is_parser(r)) << "the words call it bytes";
  r.statement = "Find the peaks.";
  EXPECT_FALSE(is_parser(r)) << "a signal of eight bits";
  r.data.inputs[0].dtype = "float64";
  EXPECT_FALSE(is_parser(r));
  r = telegrams();
  r.data.inputs.push_back({"level", "numpy.ndarray", "float64", "(n_samples,)", "m", ""});
  EXPECT_FALSE(is_parser(r)) << "a name beside a signal";
  r = telegrams();
  r.result.learned = true;
  EXPECT_TRUE(parser_plan(r).empty()) << "nothing is stated where it is learned";
  r = telegrams();
  r.statement = "";
  EXPECT_TRUE(parser_plan(r).empty());
}

}  // namespace
}  // namespace gpiot::agents
