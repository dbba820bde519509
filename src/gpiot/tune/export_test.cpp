#include "gpiot/tune/export.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <functional>

#include "gpiot/base/error.h"
#include "gpiot/tune/test_model.h"

/// The projection layers as LoRA of a widened FFN, written once more with whole matrices.
namespace gpiot::tune {
namespace {

using base::Error;
using base::ErrorCode;
using namespace testing;

constexpr std::int64_t kPadding = 8;

ModelShape widened_shape() {
  ModelShape shape = tiny_shape(RopePairs::neighbours);
  shape.ffn_width += kPadding;
  shape.ffn_padding = kPadding;
  return shape;
}

AdapterOptions own(Sharing sharing) {
  AdapterOptions options;
  options.rank = 3;
  options.sharing = sharing;
  options.projection = Projection::own;
  options.projection_width = 5;
  options.gamma = 0.3;
  return options;
}

/// The frozen matrix and what the pair of its name adds.
at::Tensor with_pair(const at::Tensor& frozen, const std::vector<llm::LoraPair>& pairs, const std::string& name) {
  at::Tensor sum = frozen.clone();
  for (const llm::LoraPair& pair : pairs) {
    if (pair.tensor != name) continue;
    EXPECT_EQ(pair.out, frozen.size(0)) << name;
    EXPECT_EQ(pair.in, frozen.size(1)) << name;
    const at::Tensor a = at::tensor(pair.a, at::kDouble).view({pair.rank, pair.in});
    const at::Tensor b = at::tensor(pair.b, at::kDouble).view({pair.out, pair.rank});
    sum += at::mm(b, a);
  }
  return sum;
}

at::Tensor swiglu_layer(const at::Tensor& x, const at::Tensor& gate, const at::Tensor& up, const at::Tensor& down) {
  return at::mm(at::silu(at::mm(x, gate.t())) * at::mm(x, up.t()), down.t());
}

ErrorCode failure(const std::function<void()>& action, std::string_view part) {
  try {
    action();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
    return error.code();
  }
  return ErrorCode::Internal;
}

class ExportTest : public ::testing::TestWithParam<Sharing> {};

TEST_P(ExportTest, widened_ffn_with_pairs_is_ffn_and_the_others_layer) {
  const BaseModel model = tiny_model(RopePairs::neighbours);
  const Adapters adapters = tiny_adapters(widened_shape(), own(GetParam()));
  const std::int64_t ffn = model.shape.ffn_width;
  const at::Tensor x = at::randn({7, model.shape.width}, at::kDouble);
  const at::Tensor rows = at::zeros({kPadding, model.shape.width}, at::kDouble);
  for (std::int64_t layer = 0; layer < model.shape.layers; ++layer) {
    const BlockWeights& block = model.blocks[static_cast<std::size_t>(layer)];
    const at::Tensor gate = block.gate_up.narrow(0, 0, ffn);
    const at::Tensor up = block.gate_up.narrow(0, ffn, ffn);
    for (const Task role : kTasks) {
      const auto pairs = role_pairs(widened_shape(), adapters, role);
      const std::string prefix = "blk." + std::to_string(layer) + ".ffn_";
      const at::Tensor got = swiglu_layer(x, with_pair(at::cat({gate, rows}), pairs, prefix + "gate.weight"),
                                          with_pair(at::cat({up, rows}), pairs, prefix + "up.weight"),
                                          with_pair(at::cat({block.down, rows.t()}, 1), pairs, prefix + "down.weight"));
      const std::string other = "blk." + std::to_string(layer) + (role == Task::tdd ? ".cgd.l." : ".tdd.l.");
      const at::Tensor theirs = adapters.value(other + "gate_up");
      const at::Tensor added =
          swiglu_layer(x, theirs.narrow(0, 0, 5), theirs.narrow(0, 5, 5), adapters.value(other + "down"));
      const at::Tensor wanted = swiglu_layer(x, gate, up, block.down) + (role == Task::tdd ? 0.3 : 0.7) * added;
      EXPECT_LT((got - wanted).abs().max().item<double>(), 1e-5);
      EXPECT_GT((added).abs().max().item<double>(), 1e-3) << "the layer does nothing";
    }
  }
}

INSTANTIATE_TEST_SUITE_P(sharings, ExportTest,
                         ::testing::Values(Sharing::pect, Sharing::independent, Sharing::shared, Sharing::single));

TEST(Export, projection_layers_need_room_and_one_pass) {
  AdapterOptions options = own(Sharing::pect);
  const Adapters adapters = tiny_adapters(widened_shape(), options);
  ModelShape shape = widened_shape();
  shape.ffn_padding = 4;
  EXPECT_EQ(failure([&] { (void)role_pairs(shape, adapters, Task::tdd); }, "got 4 columns of zeros"),
            ErrorCode::Unsupported);
  options.projection = Projection::paired;
  const Adapters paired = tiny_adapters(widened_shape(), options);
  EXPECT_EQ(failure([&] { (void)role_pairs(widened_shape(), paired, Task::tdd); }, "'paired'"), ErrorCode::Unsupported);
}

TEST(Export, peft_has_no_form_for_projection_layers) {
  const Adapters adapters = tiny_adapters(widened_shape(), own(Sharing::pect));
  const auto folder = std::filesystem::temp_directory_path() / ("gpiot_peft_" + std::to_string(::getpid()));
  EXPECT_EQ(failure([&] { write_peft(folder, widened_shape(), adapters, Task::tdd, "base"); }, "no form for PEFT"),
            ErrorCode::Unsupported);
  EXPECT_FALSE(std::filesystem::exists(folder));
  AdapterOptions off = own(Sharing::pect);
  off.projection = Projection::off;
  EXPECT_TRUE(has_peft_form(tiny_adapters(widened_shape(), off)));
}

}  // namespace
}  // namespace gpiot::tune
