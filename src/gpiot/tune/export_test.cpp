#include "gpiot/tune/export.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <functional>

#include "gpiot/base/error.h"
#include "gpiot/base/files.h"
#include "gpiot/tune/test_model.h"
#include "gpiot/weights/gguf_writer.h"

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
    const at::Tensor gate = block.gate_up.values().narrow(0, 0, ffn);
    const at::Tensor up = block.gate_up.values().narrow(0, ffn, ffn);
    const at::Tensor down = block.down.values();
    for (const Task role : kTasks) {
      const auto pairs = role_pairs(widened_shape(), adapters, role);
      const std::string prefix = "blk." + std::to_string(layer) + ".ffn_";
      const at::Tensor got = swiglu_layer(x, with_pair(at::cat({gate, rows}), pairs, prefix + "gate.weight"),
                                          with_pair(at::cat({up, rows}), pairs, prefix + "up.weight"),
                                          with_pair(at::cat({down, rows.t()}, 1), pairs, prefix + "down.weight"));
      const std::string other = "blk." + std::to_string(layer) + (role == Task::tdd ? ".cgd.l." : ".tdd.l.");
      const at::Tensor theirs = adapters.value(other + "gate_up");
      const at::Tensor added =
          swiglu_layer(x, theirs.narrow(0, 0, 5), theirs.narrow(0, 5, 5), adapters.value(other + "down"));
      const at::Tensor wanted = swiglu_layer(x, gate, up, down) + (role == Task::tdd ? 0.3 : 0.7) * added;
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

/// The header and the FFN of one block of width 4 in float; zeros begin at these rows of gate and up, columns of down.
std::int64_t padding_of(std::uint64_t gate_end, std::uint64_t up_end, std::uint64_t down_end) {
  constexpr std::uint64_t kWidth = 4;
  constexpr std::uint64_t kFfn = 32;
  weights::GgufWriter file;
  file.text("general.architecture", "llama");
  for (const auto& [key, value] : {std::pair{"block_count", 1U},
                                   {"embedding_length", 4U},
                                   {"feed_forward_length", 32U},
                                   {"attention.head_count", 2U},
                                   {"context_length", 64U}}) {
    file.count(std::string("llama.") + key, value);
  }
  file.number("llama.attention.layer_norm_rms_epsilon", 1e-5F);
  const auto add = [&](const std::string& name, std::uint64_t columns, std::uint64_t rows, auto is_used) {
    std::vector<float> values;
    for (std::uint64_t i = 0; i < rows * columns; ++i)
      values.push_back(is_used(i / columns, i % columns) ? 1.0F : -0.0F);
    const std::uint64_t dimensions[] = {columns, rows};
    file.tensor(name, dimensions, 0, {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)});
  };
  add("token_embd.weight", kWidth, 3, [](auto, auto) { return true; });
  add("blk.0.ffn_gate.weight", kWidth, kFfn, [&](auto row, auto) { return row < gate_end; });
  add("blk.0.ffn_up.weight", kWidth, kFfn, [&](auto row, auto) { return row < up_end; });
  add("blk.0.ffn_down.weight", kFfn, kWidth, [&](auto, auto column) { return column < down_end; });
  const auto path = std::filesystem::temp_directory_path() / ("gpiot_padding_" + std::to_string(::getpid()));
  base::write_file_atomic(path, file.bytes(), "test");
  const std::int64_t padding = read_shape(llm::GgufWeights(path)).ffn_padding;
  std::filesystem::remove(path);
  return padding;
}

TEST(Export, padding_is_what_is_zero_in_all_three_matrices) {
  EXPECT_EQ(padding_of(20, 20, 20), 12);
  EXPECT_EQ(padding_of(32, 20, 20), 0);
  EXPECT_EQ(padding_of(20, 31, 20), 1);
  EXPECT_EQ(padding_of(20, 20, 30), 2);
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
