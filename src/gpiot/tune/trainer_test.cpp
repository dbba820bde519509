#include "gpiot/tune/trainer.h"

#include <ATen/Parallel.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <utility>

#include "gpiot/base/error.h"
#include "gpiot/base/files.h"
#include "gpiot/tune/checkpoint.h"
#include "gpiot/tune/test_model.h"

namespace gpiot::tune {
namespace {

using testing::tiny_examples;
using testing::tiny_model;

class TrainerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    at::set_num_threads(1);  // so small that threads only wait for each other
    folder_ = std::filesystem::temp_directory_path() / ("gpiot_trainer_" + std::to_string(::getpid()));
    std::filesystem::remove_all(folder_);
    config_.data = {"records.jsonl"};
    config_.adapters.rank = 4;
    config_.adapters.dropout = 0.1;
    config_.optimizer.learning_rate = 0.02;
    config_.optimizer.clip_norm = 1.0;
    config_.epochs = 6;
    config_.batch_tokens = 30;
    config_.step_tokens = 40;
    config_.validate_every = 3;
    config_.checkpoint_minutes = 0;  // after every step
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  Adapters fresh() const { return {model_.shape, config_.adapters, config_.seed, at::kFloat, at::kCPU}; }
  RunResult run(Adapters& adapters, bool resume, std::int64_t cancel_at = 0) {
    base::CancelToken cancel;
    RunListener listener;
    listener.on_step = [&](const StepReport& report) {
      losses_[report.step] = report.loss.mean();
      if (report.step == cancel_at) cancel.cancel();
    };
    listener.on_note = [&](const std::string& text) { notes_ += text + "\n"; };
    const RunInput input{model_, config_, examples_, examples_, folder_, "base", "data", *alone_};
    return train(input, adapters, resume, listener, cancel);
  }
  std::string problem(Adapters& adapters, bool resume, std::int64_t cancel_at = 0) {
    try {
      (void)run(adapters, resume, cancel_at);
    } catch (const base::Error& error) {
      return error.what();
    }
    return {};
  }

  BaseModel model_ = tiny_model(RopePairs::halves, at::kFloat);
  std::vector<Example> examples_ = tiny_examples();
  TuneConfig config_;
  std::unique_ptr<Collective> alone_ = make_collective();
  std::filesystem::path folder_;
  std::map<std::int64_t, double> losses_;
  std::string notes_;
};

TEST_F(TrainerTest, loss_falls_and_the_best_is_kept) {
  config_.epochs = 40;
  Adapters adapters = fresh();
  const RunResult result = run(adapters, false);
  EXPECT_EQ(result.step, result.steps);
  EXPECT_LT(losses_[result.steps], 0.5 * losses_[1]);
  EXPECT_GT(result.best_step, 0);
  EXPECT_NEAR((result.validation.mean(Task::tdd) + result.validation.mean(Task::cgd)) / 2, result.best_loss, 1e-5);
}

TEST_F(TrainerTest, a_base_in_int8_is_trained_like_the_same_in_float) {
  config_.adapters.dropout = 0;
  Adapters wanted = fresh();
  (void)run(wanted, false);
  const std::map<std::int64_t, double> losses = std::exchange(losses_, {});
  std::filesystem::remove_all(folder_);
  model_ = tiny_model(RopePairs::halves, at::kFloat, BaseStorage::int8);
  Adapters got = fresh();
  const RunResult result = run(got, false);
  ASSERT_EQ(losses_.size(), losses.size());
  double worst = 0;
  for (const auto& [step, loss] : losses_) worst = std::max(worst, std::abs(loss / losses.at(step) - 1));
  RecordProperty("worst", std::to_string(worst));
  EXPECT_LT(worst, 0.02);
  EXPECT_GT(worst, 0.0) << "the base is not in int8";
  EXPECT_LT(losses_[result.steps], 0.9 * losses_[1]);
}

TEST_F(TrainerTest, a_resumed_run_is_the_uninterrupted_one) {
  Adapters whole = fresh();
  const RunResult wanted = run(whole, false);
  const std::map<std::int64_t, double> losses = losses_;
  std::filesystem::remove_all(folder_);
  for (std::int64_t stop = 2; stop < wanted.steps; stop += 3) {
    Adapters part = fresh();
    EXPECT_NE(problem(part, stop > 2, stop).find("stopped on request"), std::string::npos);
  }
  losses_.clear();
  Adapters rest = fresh();
  const RunResult got = run(rest, true);
  EXPECT_EQ(got.step, wanted.step);
  ASSERT_FALSE(losses_.empty());
  for (const auto& [step, loss] : losses_) EXPECT_NEAR(loss, losses.at(step), 1e-6) << step;
  EXPECT_LT((whole.values() - rest.values()).abs().max().item<float>(), 1e-6);
  EXPECT_NEAR(got.best_loss, wanted.best_loss, 1e-6);
}

TEST_F(TrainerTest, a_broken_checkpoint_is_skipped_and_named) {
  Adapters adapters = fresh();
  EXPECT_NE(problem(adapters, false, 4), "");
  std::ofstream(folder_ / "step-00000004.safetensors", std::ios::binary | std::ios::in).seekp(-20, std::ios::end)
      << "broken";
  Adapters again = fresh();
  (void)run(again, true);
  EXPECT_NE(notes_.find("step-00000004.safetensors is broken"), std::string::npos) << notes_;
  EXPECT_NE(notes_.find("goes on at step 3"), std::string::npos) << notes_;
}

TEST_F(TrainerTest, another_configuration_is_refused_with_the_difference) {
  Adapters adapters = fresh();
  EXPECT_NE(problem(adapters, false, 2), "");
  config_.optimizer.learning_rate = 0.03;
  Adapters other = fresh();
  const std::string message = problem(other, true);
  EXPECT_NE(message.find("learning_rate: was 0.02, is 0.03"), std::string::npos) << message;
  config_.optimizer.learning_rate = 0.02;
  config_.base_storage = BaseStorage::int8;
  EXPECT_NE(problem(other, true).find("base_storage: was \"same\", is \"int8\""), std::string::npos);
}

TEST_F(TrainerTest, a_loss_that_is_no_number_stops_and_keeps_the_state) {
  model_.final_norm.fill_(std::numeric_limits<float>::quiet_NaN());
  Adapters adapters = fresh();
  const at::Tensor before = adapters.values().clone();
  EXPECT_NE(problem(adapters, false).find("no number at step 1"), std::string::npos);
  EXPECT_TRUE(adapters.values().equal(before));
}

TEST_F(TrainerTest, patience_stops_early) {
  config_.optimizer.learning_rate = 5;  // too much: it gets worse
  config_.epochs = 40;
  config_.validate_every = 1;
  config_.patience = 2;
  Adapters adapters = fresh();
  const RunResult result = run(adapters, false);
  EXPECT_TRUE(result.stopped_early);
  EXPECT_LT(result.step, result.steps);
}

TEST(CheckpointTest, only_the_two_newest_are_kept) {
  const auto folder = std::filesystem::temp_directory_path() / ("gpiot_checkpoint_" + std::to_string(::getpid()));
  Checkpoint checkpoint;
  checkpoint.values = checkpoint.mean = checkpoint.square = at::ones({5});
  for (checkpoint.step = 1; checkpoint.step < 5; ++checkpoint.step) save_checkpoint(folder, checkpoint);
  EXPECT_FALSE(std::filesystem::exists(folder / "step-00000002.safetensors"));
  EXPECT_TRUE(std::filesystem::exists(folder / "step-00000003.safetensors"));
  std::vector<std::string> skipped;
  const auto found = load_checkpoint(folder, skipped);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->step, 4);
  EXPECT_TRUE(found->values.equal(checkpoint.values));
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace gpiot::tune
