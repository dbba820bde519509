#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "gpiot/tune/step.h"
#include "gpiot/tune/test_model.h"

namespace gpiot::tune {
namespace {

using testing::pointers;
using testing::tiny_adapters;
using testing::tiny_examples;
using testing::tiny_model;

AdapterOptions options_of(Sharing sharing, Projection projection, double dropout) {
  AdapterOptions options;
  options.rank = 3;
  options.alpha = 5;
  options.dropout = dropout;
  options.sharing = sharing;
  options.lambda = 0.3;
  options.projection = projection;
  options.gamma = 0.4;
  options.projection_width = 6;
  return options;
}

/// The largest difference between a gradient and the quotient of differences, over a few places of every matrix,
/// relative to the largest gradient of that matrix.
double worst_difference(const BaseModel& model, Adapters& adapters, const Batch& batch, Recompute recompute) {
  const StepOptions step{.seed = 9, .gradient_scale = 1.0, .recompute = recompute};
  adapters.gradients().zero_();
  (void)train_batch(model, adapters, batch, step);
  const at::Tensor found = adapters.gradients().clone();
  const auto loss_at = [&](std::int64_t place, double change) {
    adapters.values()[place].add_(change);
    const LossSums loss = train_batch(model, adapters, batch, step);
    adapters.values()[place].sub_(change);
    return loss.sum[0] + loss.sum[1];
  };
  std::mt19937 random(1);
  double worst = 0;
  for (const Parameter& parameter : adapters.parameters()) {
    const std::int64_t count = parameter.shape[0] * parameter.shape[1];
    const double largest = found.narrow(0, parameter.offset, count).abs().max().item<double>();
    EXPECT_GT(largest, 0.0) << parameter.name << " has no gradient";
    for (int i = 0; i < 3; ++i) {
      const std::int64_t place = parameter.offset + static_cast<std::int64_t>(random() % count);
      constexpr double kStep = 1e-5;
      const double wanted = (loss_at(place, kStep) - loss_at(place, -kStep)) / (2 * kStep);
      const double difference = std::abs(found[place].item<double>() - wanted) / std::max(largest, 1e-3);
      EXPECT_LT(difference, 1e-5) << parameter.name;
      worst = std::max(worst, difference);
    }
  }
  return worst;
}

struct Case {
  RopePairs pairs;
  Sharing sharing;
  Projection projection;
  double dropout;
  Recompute recompute;
  int longest = 21;  ///< tokens of a document: attention goes through 256 queries at a time
  BaseStorage storage = BaseStorage::same;
};

class GradientsTest : public ::testing::TestWithParam<Case> {};

TEST_P(GradientsTest, equal_the_quotient_of_differences) {
  at::set_num_threads(1);  // so small that threads only wait for each other
  const Case& c = GetParam();
  const BaseModel model = tiny_model(c.pairs, at::kDouble, c.storage);
  Adapters adapters = tiny_adapters(model.shape, options_of(c.sharing, c.projection, c.dropout));
  const std::vector<Example> examples = tiny_examples(c.longest);
  const Batch batch = pack(pointers(examples), c.projection == Projection::paired, at::kCPU);
  const double worst = worst_difference(model, adapters, batch, c.recompute);
  RecordProperty("worst", std::to_string(worst));
}

INSTANTIATE_TEST_SUITE_P(
    All, GradientsTest,
    ::testing::Values(
        Case{RopePairs::halves, Sharing::pect, Projection::off, 0.0, Recompute::none},
        Case{RopePairs::neighbours, Sharing::pect, Projection::off, 0.0, Recompute::none, 260},
        Case{RopePairs::halves, Sharing::pect, Projection::off, 0.2, Recompute::ffn},
        Case{RopePairs::halves, Sharing::independent, Projection::off, 0.0, Recompute::none},
        Case{RopePairs::halves, Sharing::shared, Projection::off, 0.0, Recompute::none},
        Case{RopePairs::halves, Sharing::single, Projection::off, 0.1, Recompute::none},
        Case{RopePairs::halves, Sharing::pect, Projection::own, 0.0, Recompute::none},
        Case{RopePairs::neighbours, Sharing::pect, Projection::own, 0.1, Recompute::ffn},
        Case{RopePairs::halves, Sharing::pect, Projection::paired, 0.0, Recompute::none},
        Case{RopePairs::halves, Sharing::pect, Projection::off, 0.2, Recompute::block, 260},
        Case{RopePairs::neighbours, Sharing::pect, Projection::paired, 0.1, Recompute::block},
        Case{RopePairs::halves, Sharing::pect, Projection::off, 0.1, Recompute::none, 21, BaseStorage::int8},
        Case{RopePairs::neighbours, Sharing::pect, Projection::own, 0.0, Recompute::ffn, 21, BaseStorage::int8}));

}  // namespace
}  // namespace gpiot::tune
