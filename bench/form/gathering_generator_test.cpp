#include "gathering_generator.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "gpiot/agents/scripted_generator.h"
#include "gpiot/base/error.h"

namespace gpiot::bench {
namespace {

using agents::ScriptedGenerator;
using core::GenerationRequest;

std::string echo(const GenerationRequest& request) { return "to " + request.messages.at(0).content; }

std::vector<GenerationRequest> questions(const std::string& who, int count) {
  std::vector<GenerationRequest> requests(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    requests[static_cast<std::size_t>(i)].messages = {{"user", who + std::to_string(i)}};
  }
  return requests;
}

class GatheringTest : public testing::Test {
 protected:
  using Work = std::function<void(GatheringGenerator&, std::size_t)>;

  /// One thread per worker; all places are taken before the first one asks.
  static void run(Gathering& gathering, std::size_t workers, const Work& work) {
    std::vector<std::unique_ptr<GatheringGenerator>> places;
    for (std::size_t k = 0; k < workers; ++k) places.push_back(std::make_unique<GatheringGenerator>(gathering, k));
    std::vector<std::jthread> threads;
    for (std::size_t k = 0; k < workers; ++k) {
      threads.emplace_back([&work, k, place = std::move(places[k])] { work(*place, k); });
    }
  }
  /// Asks and looks at every answer.
  static void ask(GatheringGenerator& place, const std::string& who, int count) {
    const auto answers = place.generate(questions(who, count), {}, kNever);
    ASSERT_EQ(answers.size(), static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) {
      EXPECT_EQ(answers[static_cast<std::size_t>(i)].text, "to " + who + std::to_string(i));
    }
  }
  static std::vector<std::string> asked(const ScriptedGenerator& inner) {
    std::vector<std::string> contents;
    for (const auto& request : inner.requests()) contents.push_back(request.messages[0].content);
    return contents;
  }
  static inline const base::CancelToken kNever;
};

TEST_F(GatheringTest, JoinsWhatAllAskIntoOneCallInTheOrderOfThePlaces) {
  ScriptedGenerator inner(echo);
  Gathering gathering(inner, {}, kNever);
  run(gathering, 4, [](GatheringGenerator& place, std::size_t k) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5 * (3 - k)));
    ask(place, std::string(1, static_cast<char>('a' + k)), static_cast<int>(k % 2 + 1));
  });
  EXPECT_EQ(inner.calls(), 1);
  EXPECT_EQ(gathering.calls(), 1);
  EXPECT_EQ(asked(inner), (std::vector<std::string>{"a0", "b0", "b1", "c0", "d0", "d1"}));
}

TEST_F(GatheringTest, WhoHasFinishedIsNoLongerWaitedFor) {
  ScriptedGenerator inner(echo);
  Gathering gathering(inner, {}, kNever);
  run(gathering, 4, [](GatheringGenerator& place, std::size_t k) {
    for (std::size_t round = 0; round <= k; ++round)
      ask(place, "w" + std::to_string(k) + "r" + std::to_string(round), 1);
  });
  EXPECT_EQ(inner.calls(), 4) << "rounds of 4, 3, 2 and 1 workers";
}

TEST_F(GatheringTest, AWorkerThatLeavesWhileAllOthersWaitLetsThemGoOn) {
  ScriptedGenerator inner(echo);
  Gathering gathering(inner, {}, kNever);
  run(gathering, 3, [](GatheringGenerator& place, std::size_t k) {
    if (k == 0) {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
      return;
    }
    ask(place, "w" + std::to_string(k), 1);
  });
  EXPECT_EQ(inner.calls(), 1);
}

TEST_F(GatheringTest, AnErrorReachesEveryWaitingWorkerAndTheNextCallGoesOn) {
  std::atomic<bool> broken = true;
  ScriptedGenerator inner([&](const GenerationRequest& request) {
    if (broken) throw base::Error(base::ErrorCode::Model, "test.inner", "is broken");
    return echo(request);
  });
  Gathering gathering(inner, {}, kNever);
  std::atomic<int> errors = 0;
  std::atomic<int> fine = 0;
  run(gathering, 5, [&](GatheringGenerator& place, std::size_t k) {
    try {
      (void)place.generate(questions("w", 2), {}, kNever);
    } catch (const base::Error& error) {
      EXPECT_EQ(error.code(), base::ErrorCode::Model);
      ++errors;
    }
    if (k < 2) return;
    broken = false;
    ask(place, "again" + std::to_string(k), 1);
    ++fine;
  });
  EXPECT_EQ(errors, 5);
  EXPECT_EQ(fine, 3);
  EXPECT_EQ(inner.calls(), 2);
}

/// Hands back one answer too few.
class ShortGenerator : public ScriptedGenerator {
 public:
  ShortGenerator() : ScriptedGenerator(echo) {}
  std::vector<core::Generation> generate(std::span<const GenerationRequest> requests,
                                         const core::GenerationListener& listener,
                                         const base::CancelToken& cancel) override {
    return ScriptedGenerator::generate(requests.subspan(1), listener, cancel);
  }
};

TEST_F(GatheringTest, AnswersThatAreMissingAreAnError) {
  ShortGenerator inner;
  Gathering gathering(inner, {}, kNever);
  std::atomic<int> errors = 0;
  run(gathering, 2, [&](GatheringGenerator& place, std::size_t) {
    try {
      (void)place.generate(questions("w", 1), {}, kNever);
    } catch (const base::Error& error) {
      errors += error.code() == base::ErrorCode::Internal ? 1 : 0;
    }
  });
  EXPECT_EQ(errors, 2);
}

TEST_F(GatheringTest, CancelEndsAWaitForAWorkerThatNeverAsks) {
  ScriptedGenerator inner(echo);
  base::CancelToken cancel;
  Gathering gathering(inner, {}, cancel);
  const GatheringGenerator idle(gathering, 9);
  std::atomic<int> cancelled = 0;
  std::jthread stopper([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
    cancel.cancel();
  });
  run(gathering, 2, [&](GatheringGenerator& place, std::size_t) {
    const auto answers = place.generate(questions("w", 3), {}, cancel);
    ASSERT_EQ(answers.size(), 3U);
    for (const auto& answer : answers) cancelled += answer.finish == core::FinishReason::Cancelled ? 1 : 0;
  });
  EXPECT_EQ(cancelled, 6);
  EXPECT_EQ(inner.calls(), 0);
}

TEST_F(GatheringTest, AJoinedCallIsStoppedByTheGatheringsToken) {
  ScriptedGenerator inner(echo);
  base::CancelToken cancel;
  cancel.cancel();
  Gathering gathering(inner, {}, cancel);
  run(gathering, 2, [&](GatheringGenerator& place, std::size_t) {
    EXPECT_EQ(place.generate(questions("w", 1), {}, cancel).at(0).finish, core::FinishReason::Cancelled);
  });
}

TEST_F(GatheringTest, TheListenerHearsTheJoinedCall) {
  ScriptedGenerator inner(echo);
  int total = 0;
  Gathering gathering(
      inner, [&](const core::GenerationProgress& progress) { total = progress.requests_total; }, kNever);
  run(gathering, 3, [](GatheringGenerator& place, std::size_t) { ask(place, "w", 2); });
  EXPECT_EQ(total, 6);
}

TEST_F(GatheringTest, ManyRoundsOfManyWorkers) {
  ScriptedGenerator inner(echo);
  Gathering gathering(inner, {}, kNever);
  run(gathering, 16, [](GatheringGenerator& place, std::size_t k) {
    for (int round = 0; round < 50; ++round) ask(place, "w" + std::to_string(k), 1 + (round + static_cast<int>(k)) % 3);
  });
  EXPECT_EQ(inner.calls(), 50);
}

}  // namespace
}  // namespace gpiot::bench
