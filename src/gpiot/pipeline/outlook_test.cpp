#include "gpiot/pipeline/outlook.h"

#include <gtest/gtest.h>

namespace gpiot::pipeline {
namespace {

core::GenerationProgress at(int tokens, int done) {
  return {.prompt_tokens_done = 100,
          .prompt_tokens_total = 100,
          .completion_tokens = tokens,
          .requests_done = done,
          .requests_total = 10};
}

TEST(OutlookTest, UnknownWhilePromptsAreRead) {
  Outlook outlook(100);
  EXPECT_FALSE(outlook.seconds_left(at(0, 0), 5));
}

TEST(OutlookTest, ThePaceIsThatOfTheAnswersAlone) {
  Outlook outlook(100);
  (void)outlook.seconds_left(at(0, 0), 5);
  // 200 of 1000 tokens in 10 s after the prompts.
  EXPECT_DOUBLE_EQ(outlook.seconds_left(at(200, 0), 15).value(), 40);
}

TEST(OutlookTest, LongAnswersLeaveSomethingToDo) {
  Outlook outlook(100);
  // 1200 tokens where 1000 are usual, two answers at work: 15 tokens each at 100 tokens/s.
  EXPECT_DOUBLE_EQ(outlook.seconds_left(at(1200, 8), 12).value(), 0.3);
}

TEST(OutlookTest, NothingIsLeftAtTheEnd) {
  Outlook outlook(100);
  EXPECT_DOUBLE_EQ(outlook.seconds_left(at(1000, 10), 10).value(), 0);
}

}  // namespace
}  // namespace gpiot::pipeline
