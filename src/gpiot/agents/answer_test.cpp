#include "gpiot/agents/answer.h"

#include <gtest/gtest.h>

namespace gpiot::agents {
namespace {

TEST(ParseAnswer, TakesCodeAndDocumentation) {
  const auto parsed =
      parse_answer("```python\nimport math\n\n\ndef f(x, k=2.0):\n    return x\n```\n\n### Documentation\nGives x.\n");
  ASSERT_TRUE(parsed.ok()) << parsed.problem;
  EXPECT_EQ(parsed.value->code, "import math\n\n\ndef f(x, k=2.0):\n    return x\n");
  EXPECT_EQ(parsed.value->documentation, "Gives x.");
}

TEST(ParseAnswer, LeavesOutExampleCalls) {
  const auto parsed = parse_answer(
      "Sure!\n```python\nLIMIT = 3\ndef f(x):\n    return x\n\nx = f(1)\nprint(x)\nif __name__ == \"__main__\":\n    "
      "f(2)\n```\n");
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed.value->code, "LIMIT = 3\ndef f(x):\n    return x\n");
  EXPECT_TRUE(parsed.value->documentation.empty());
}

TEST(ParseAnswer, ReadsCodeWithoutAFence) {
  const auto parsed = parse_answer("def f(x):\n    return x\n\n### Documentation\nText.");
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed.value->code, "def f(x):\n    return x\n");
  EXPECT_EQ(parsed.value->documentation, "Text.");
}

TEST(ParseAnswer, SkipsABlockWithoutAFunction) {
  const auto parsed = parse_answer("```\npip install numpy\n```\nthen\n```python\ndef f(x):\n    return x\n```");
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed.value->code, "def f(x):\n    return x\n");
}

TEST(ParseAnswer, RefusesEmptyAndCutAnswers) {
  for (const auto* text :
       {"", "```", "```python", "no code here", "```python\nx = 1\n```", "```python\ndef f(x):\n    retu"}) {
    EXPECT_FALSE(parse_answer(text).ok()) << text;
  }
}

}  // namespace
}  // namespace gpiot::agents
