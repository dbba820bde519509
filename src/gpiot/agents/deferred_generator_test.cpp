#include "gpiot/agents/deferred_generator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gpiot/agents/scripted_generator.h"
#include "gpiot/base/error.h"

namespace gpiot::agents {
namespace {

TEST(DeferredGenerator, IsMadeOnceAtTheFirstQuestion) {
  int made = 0;
  DeferredGenerator generator([&] {
    ++made;
    return std::make_unique<ScriptedGenerator>(std::deque<std::string>{"one", "two"});
  });
  EXPECT_FALSE(generator.is_loaded());
  EXPECT_EQ(made, 0);
  const std::vector<core::GenerationRequest> request(1);
  base::CancelToken cancel;
  EXPECT_EQ(generator.generate(request, {}, cancel).front().text, "one");
  EXPECT_EQ(generator.generate(request, {}, cancel).front().text, "two");
  EXPECT_TRUE(generator.is_loaded());
  EXPECT_EQ(made, 1);
  EXPECT_EQ(generator.identity().backend, ScriptedGenerator(std::deque<std::string>{}).identity().backend);
}

TEST(DeferredGenerator, FailsWhereItCannotBeMadeAndIsTriedAgain) {
  int tries = 0;
  DeferredGenerator generator([&]() -> std::unique_ptr<core::TextGenerator> {
    if (++tries == 1) throw base::Error(base::ErrorCode::Model, "test.make", "no model");
    return std::make_unique<ScriptedGenerator>(std::deque<std::string>{});
  });
  EXPECT_THROW((void)generator.identity(), base::Error);
  EXPECT_FALSE(generator.is_loaded());
  EXPECT_GT(generator.context_tokens(), 0);
  EXPECT_EQ(tries, 2);
}

}  // namespace
}  // namespace gpiot::agents
