#include "collect.h"

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>

#include "gpiot/agents/scripted_generator.h"
#include "gpiot/base/files.h"
#include "gpiot/base/strings.h"
#include "scripted_roles.h"

namespace gpiot::bench {
namespace {

namespace fs = std::filesystem;
using agents::ScriptedGenerator;

/// A scripted generator whose calls are counted, and that breaks or is stopped at one of them.
class WatchedGenerator : public ScriptedGenerator {
 public:
  WatchedGenerator(std::atomic<int>& calls, std::function<void(int)> on_call)
      : ScriptedGenerator(role_answer), calls_(calls), on_call_(std::move(on_call)) {}
  std::vector<core::Generation> generate(std::span<const core::GenerationRequest> requests,
                                         const core::GenerationListener& listener,
                                         const base::CancelToken& cancel) override {
    ++calls_;
    if (on_call_) on_call_(calls_);
    return ScriptedGenerator::generate(requests, listener, cancel);
  }

 private:
  std::atomic<int>& calls_;
  std::function<void(int)> on_call_;
};

class CollectTest : public testing::Test {
 protected:
  void SetUp() override {
    root_ = fs::path(testing::TempDir()) / testing::UnitTest::GetInstance()->current_test_info()->name();
    fs::remove_all(root_);
    key_.model.name = "script";
    settings_.form.workers = 4;
    settings_.commit = "abc";
  }
  Collected run(int count, bool with_work = true) {
    const WorkFolder work(root_, key_);
    const auto make = [&] { return std::make_unique<WatchedGenerator>(calls_, on_call_); };
    return collect(
        listed_requirements(count), with_work ? &work : nullptr, settings_, shipped_prompts(), make,
        [](const std::string&) {}, cancel_);
  }
  fs::path row_folder(int k) const { return root_ / key_.folder_name() / ("tank-" + std::to_string(k)); }

  fs::path root_;
  RunKey key_;
  CollectSettings settings_;
  std::atomic<int> calls_ = 0;
  std::function<void(int)> on_call_;
  base::CancelToken cancel_;
};

TEST_F(CollectTest, MakesAllRowsInOrderInLockstep) {
  const auto collected = run(9, false);
  ASSERT_EQ(collected.rows.size(), 9U);
  EXPECT_FALSE(collected.cancelled);
  for (int k = 0; k < 9; ++k) {
    const auto& row = collected.rows[static_cast<std::size_t>(k)];
    EXPECT_EQ(row.id, "tank-" + std::to_string(k));
    EXPECT_EQ(row.problem, "");
    EXPECT_TRUE(row.chain_mended);
    EXPECT_EQ(row.commit, "abc");
  }
  EXPECT_EQ(calls_, 3 * collected.rows[0].asked.calls) << "4, 4 and 1 at a time; one by one it would be 9 times";
  EXPECT_FALSE(fs::exists(root_));
}

TEST_F(CollectTest, RowsDoNotDependOnTheNumberOfWorkers) {
  auto together = run(7, false).rows;
  settings_.form.workers = 1;
  auto alone = run(7, false).rows;
  ASSERT_EQ(together.size(), alone.size());
  for (std::size_t k = 0; k < alone.size(); ++k) {
    together[k].wall_s = alone[k].wall_s = 0;
    EXPECT_EQ(to_json(together[k]), to_json(alone[k]));
  }
}

TEST_F(CollectTest, WhatIsDoneIsNotRunAgain) {
  const auto first = run(3);
  const int calls = calls_;
  const auto second = run(3);
  EXPECT_EQ(calls_, calls);
  ASSERT_EQ(second.rows.size(), 3U);
  EXPECT_EQ(to_json(second.rows[1]), to_json(first.rows[1]));
  EXPECT_EQ(second.sessions.size(), 1U);
  const auto third = run(4);
  EXPECT_EQ(calls_, 2 * calls) << "one row more, made alone";
  EXPECT_EQ(third.rows.size(), 4U);
  EXPECT_EQ(third.sessions.size(), 2U);
}

TEST_F(CollectTest, AnotherSeedPromptOrModelIsAnotherRun) {
  (void)run(1);
  const int calls = calls_;
  for (const auto& change : std::vector<std::function<void()>>{
           [&] { key_.seed = 2; }, [&] { key_.prompts["decompose"] = "x"; }, [&] { key_.model.model_sha256 = "y"; }}) {
    change();
    const int before = calls_;
    (void)run(1);
    EXPECT_EQ(calls_, before + calls);
  }
}

TEST_F(CollectTest, ABrokenOrOldRowIsMadeAgain) {
  (void)run(2);
  base::write_file_atomic(row_folder(0) / "row.json", "{", "test");
  base::write_file_atomic(row_folder(1) / "row.json",
                          base::replace_all(base::read_file(row_folder(1) / "row.json", "test"), "hash-1", "other"),
                          "test");
  const auto again = run(2);
  EXPECT_EQ(again.rows.size(), 2U);
  EXPECT_EQ(again.sessions.back().at("rows_made"), 2);
}

TEST_F(CollectTest, CancelKeepsWhatIsDoneAndTheNextRunGoesOn) {
  const int calls_of_one = run(1, false).rows[0].asked.calls;
  calls_ = 0;
  on_call_ = [&](int call) {
    if (call == calls_of_one + 2) cancel_.cancel();
  };
  const auto stopped = run(9);
  EXPECT_TRUE(stopped.cancelled);
  EXPECT_EQ(stopped.rows.size(), 4U) << "the first four were done in as many calls as one";
  EXPECT_TRUE(stopped.failed.empty());
  EXPECT_EQ(stopped.sessions.back().at("stopped"), true);

  on_call_ = {};
  const WorkFolder work(root_, key_);
  const base::CancelToken fresh;
  const auto make = [&] { return std::make_unique<WatchedGenerator>(calls_, on_call_); };
  const auto whole =
      collect(listed_requirements(9), &work, settings_, shipped_prompts(), make, [](const std::string&) {}, fresh);
  EXPECT_EQ(whole.rows.size(), 9U);
  EXPECT_FALSE(whole.cancelled);
}

TEST_F(CollectTest, AFailedCallFailsItsRowsAndNoOthers) {
  on_call_ = [](int call) {
    if (call == 2) throw base::Error(base::ErrorCode::Model, "test.inner", "is broken");
  };
  const auto collected = run(6);
  EXPECT_EQ(collected.failed.size(), 4U);
  EXPECT_EQ(collected.failed[0].code, base::ErrorCode::Model);
  EXPECT_EQ(collected.rows.size(), 2U);
  EXPECT_FALSE(collected.cancelled);
  on_call_ = {};
  EXPECT_EQ(run(6).rows.size(), 6U) << "a failed row is not kept";
}

TEST_F(CollectTest, TextsAreFilesOnRequest) {
  (void)run(1);
  EXPECT_FALSE(fs::exists(row_folder(0) / "subtasks.md"));
  settings_.texts = true;
  (void)run(1);
  EXPECT_EQ(base::read_file(row_folder(0) / "subtasks.md", "test"), kPlan) << "also of a row that was kept";
  EXPECT_TRUE(fs::exists(row_folder(0) / "specs" / "01-remove_drift.md"));
  EXPECT_TRUE(fs::exists(row_folder(0) / "first-answer.txt"));
}

}  // namespace
}  // namespace gpiot::bench
