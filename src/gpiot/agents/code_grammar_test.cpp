#include "gpiot/agents/code_grammar.h"

#include <gtest/gtest.h>

#include <vector>

namespace gpiot::agents {
namespace {

TEST(CodeGrammar, APrefixTreeBranchesWhereTextsDiffer) {
  const std::vector<std::string> one = {"mean"};
  EXPECT_EQ(gbnf_prefix_tree(one), R"("mean")");
  const std::vector<std::string> texts = {"abs", "absolute", "fft.rfft", "fft.rfftfreq", "mean"};
  EXPECT_EQ(gbnf_prefix_tree(texts), R"(("abs" ("olute")? | "fft.rfft" ("freq")? | "mean"))");
}

TEST(CodeGrammar, NumpyIsFollowedByWhatItHas) {
  const auto rules = code_rules(
      "## user\nnumpy: fft mean linalg\nnumpy.fft: rfft\nnumpy.linalg: norm\nscipy: signal\nscipy.signal: butter\n");
  EXPECT_NE(rules.find("numpy ::= (\"fft.rfft\" | \"linalg.norm\" | \"mean\")\n"), std::string::npos)
      << "a module alone would let any name of it through\n"
      << rules;
}

TEST(CodeGrammar, WithoutItsNamesAnyMayFollow) {
  EXPECT_NE(code_rules("").find("numpy ::= [A-Za-z_] letters\n"), std::string::npos);
}

}  // namespace
}  // namespace gpiot::agents
