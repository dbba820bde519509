#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include "gpiot/tune/plain_model.h"
#include "gpiot/tune/step.h"
#include "gpiot/tune/test_model.h"

namespace gpiot::tune {
namespace {

using testing::pointers;
using testing::tiny_adapters;
using testing::tiny_examples;
using testing::tiny_model;

struct Case {
  RopePairs pairs;
  Sharing sharing;
  Projection projection;
  BaseStorage storage = BaseStorage::same;
};

class EquationsTest : public ::testing::TestWithParam<Case> {};

AdapterOptions options_of(const Case& c) {
  AdapterOptions options;
  options.rank = 3;
  options.alpha = 5;
  options.sharing = c.sharing;
  options.projection = c.projection;
  options.lambda = 0.3;
  options.gamma = 0.4;
  options.projection_width = 6;
  return options;
}

TEST_P(EquationsTest, packed_logits_equal_the_plain_ones) {
  at::set_num_threads(1);  // so small that threads only wait for each other
  const Case& c = GetParam();
  const BaseModel model = tiny_model(c.pairs, at::kDouble, c.storage);
  const Adapters adapters = tiny_adapters(model.shape, options_of(c));
  const std::vector<Example> examples = tiny_examples(600);
  const Batch batch = pack(pointers(examples), c.projection == Projection::paired, at::kCPU);
  std::vector<at::Tensor> wanted;
  for (const Task task : kTasks) {
    for (const Example& example : examples) {
      if (example.task != task) continue;
      const auto start = static_cast<std::int64_t>(example.answer_start) - 1;
      const auto count = static_cast<std::int64_t>(example.tokens.size()) - 1 - start;
      wanted.push_back(plain::logits(model, adapters, task, example.tokens).narrow(0, start, count));
    }
  }
  const at::Tensor expected = at::cat(wanted);
  const at::Tensor got = batch_logits(model, &adapters, batch);
  ASSERT_EQ(got.sizes(), expected.sizes());
  EXPECT_LT((got - expected).abs().max().item<double>() / expected.abs().max().item<double>(), 1e-10);
}

INSTANTIATE_TEST_SUITE_P(All, EquationsTest,
                         ::testing::Values(Case{RopePairs::halves, Sharing::pect, Projection::off},
                                           Case{RopePairs::neighbours, Sharing::pect, Projection::off},
                                           Case{RopePairs::halves, Sharing::independent, Projection::off},
                                           Case{RopePairs::halves, Sharing::shared, Projection::off},
                                           Case{RopePairs::halves, Sharing::single, Projection::off},
                                           Case{RopePairs::halves, Sharing::pect, Projection::own},
                                           Case{RopePairs::neighbours, Sharing::pect, Projection::paired},
                                           Case{RopePairs::halves, Sharing::pect, Projection::off, BaseStorage::int8}));

TEST(PackingTest, neighbours_change_nothing) {
  const BaseModel model = tiny_model(RopePairs::halves);
  const Adapters adapters = tiny_adapters(model.shape, options_of({RopePairs::halves, Sharing::pect, Projection::own}));
  const std::vector<Example> examples = tiny_examples();
  const LossSums together = measure_batch(model, &adapters, pack(pointers(examples), false, at::kCPU));
  LossSums alone;
  for (const Example& example : examples) alone.add(measure_batch(model, &adapters, pack({&example}, false, at::kCPU)));
  EXPECT_EQ(together.tokens, alone.tokens);
  EXPECT_NEAR(together.sum[0], alone.sum[0], 1e-9 * alone.sum[0]);
  EXPECT_NEAR(together.sum[1], alone.sum[1], 1e-9 * alone.sum[1]);
}

TEST(PackingTest, only_answers_are_counted) {
  const std::vector<Example> examples = tiny_examples();
  const Batch batch = pack(pointers(examples), false, at::kCPU);
  std::int64_t wanted = 0;
  for (const Example& example : examples)
    wanted += static_cast<std::int64_t>(example.tokens.size() - example.answer_start);
  EXPECT_EQ(batch.counted(), wanted);
  EXPECT_EQ(batch.labels[0].item<std::int64_t>(), examples[0].tokens[examples[0].answer_start]);
  EXPECT_EQ(batch.positions[batch.documents.offsets[1]].item<std::int64_t>(), 0);
}

}  // namespace
}  // namespace gpiot::tune
