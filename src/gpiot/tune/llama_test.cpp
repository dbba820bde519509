#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>

#include "gpiot/llm/adapter_file.h"
#include "gpiot/llm/derive.h"
#include "gpiot/llm/logits.h"
#include "gpiot/tune/estimate.h"
#include "gpiot/tune/export.h"
#include "gpiot/tune/step.h"
#include "gpiot/weights/widen.h"

/// The step against libllama: the same file, the same tokens. On an F32 copy, because libllama rounds activations on
/// quantised files.
namespace gpiot::tune {
namespace {

const char* kText =
    "An accelerometer at the ankle records three axes at 100 Hz while a person walks. Find every heel strike, first by "
    "removing gravity with a high-pass filter of 0.5 Hz, then by the norm of the three axes, and last by peaks that "
    "are "
    "at least 0.4 s apart and higher than 1.5 times the median. def find_heel_strikes(acceleration, rate_hz):\n    "
    "import "
    "numpy as np\n    norm = np.linalg.norm(acceleration, axis=1)\n    return norm\n";

const MatrixFormat kFloats{.type = at::kFloat};

class LlamaTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (std::getenv("GPIOT_TEST_MODEL") == nullptr) return;
    folder_ = std::filesystem::temp_directory_path() / ("gpiot_tune_" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
    llm::derive_model(std::getenv("GPIOT_TEST_MODEL"), folder_ / "f32.gguf", "f32");
  }
  static void TearDownTestSuite() {
    if (!folder_.empty()) std::filesystem::remove_all(folder_);
  }
  void SetUp() override {
    if (folder_.empty()) GTEST_SKIP() << "GPIOT_TEST_MODEL names no model";
  }
  static Example example(const llm::LlamaModel& model, Task task) {
    Example example;
    example.task = task;
    example.tokens = model.tokens_of(kText, true, false);
    example.answer_start = 1;
    return example;
  }
  /// libllama's rows for the places that `example` counts.
  static at::Tensor theirs(const llm::LlamaModel& model, const std::filesystem::path& adapter, const Example& example) {
    const std::vector<float> rows = llm::logits_of(model, adapter, example.tokens, example.answer_start - 1);
    const at::Tensor all = at::tensor(rows, at::kFloat).view({-1, model.vocabulary_size()});
    return all.narrow(0, 0, all.size(0) - 1);
  }
  struct Difference {
    double mean_kl, same_top;
  };
  static Difference compare(const at::Tensor& wanted, const at::Tensor& got) {
    const at::Tensor p = at::log_softmax(wanted.to(at::kDouble), 1);
    const at::Tensor q = at::log_softmax(got.to(at::kDouble), 1);
    const double kl = (p.exp() * (p - q)).sum(1).mean().item<double>();
    // Of two tokens within a hundredth of each other's probability either is the likeliest.
    const at::Tensor of_theirs = q.gather(1, wanted.argmax(1, true)).squeeze(1);
    return {kl, of_theirs.ge(q.amax(1) - 1e-2).to(at::kDouble).mean().item<double>()};
  }
  /// The logits of both roles by libllama against those of the step, and libllama's own.
  std::array<at::Tensor, 2> check_roles(const llm::LlamaModel& model, const BaseModel& base, const Adapters& adapters) {
    std::array<at::Tensor, 2> roles;
    for (const Task role : kTasks) {
      const Example one = example(model, role);
      const std::string name = kTaskNames[static_cast<std::size_t>(role)];
      const std::filesystem::path file = folder_ / (name + ".gguf");
      llm::write_adapter(file, base.shape.architecture, role_pairs(base.shape, adapters, role));
      const at::Tensor wanted = theirs(model, file, one);
      const Difference d = compare(wanted, batch_logits(base, &adapters, pack({&one}, false, at::kCPU)));
      RecordProperty(name + "_kl_e-9", std::to_string(d.mean_kl * 1e9));
      RecordProperty(name + "_same_top", std::to_string(d.same_top));
      EXPECT_LT(d.mean_kl, 1e-5);
      EXPECT_GE(d.same_top, 0.995);
      EXPECT_GT(compare(theirs(model, {}, one), wanted).mean_kl, 1e-3) << "the adapter changes nothing";
      roles[static_cast<std::size_t>(role)] = wanted;
    }
    EXPECT_GT(compare(roles[0], roles[1]).mean_kl, 1e-3) << "both roles are the same";
    return roles;
  }
  /// Random projection layers, far more than a training would move them, so that they are not lost in the bound, and
  /// less than what makes a model talk nonsense. Returns their effect on each role, as mean KL.
  static std::array<double, 2> move_layers(const BaseModel& base, Adapters& adapters) {
    std::vector<at::Tensor> down;
    for (const Parameter& parameter : adapters.parameters()) {
      if (parameter.name.ends_with(".l.gate_up")) adapters.value(parameter.name).add_(at::randn(parameter.shape), 0.1);
      if (parameter.name.ends_with(".l.down")) down.push_back(adapters.value(parameter.name).zero_());
    }
    const llm::LlamaModel model(folder_ / "f32.gguf", {}, llm::LlamaModel::Part::vocabulary);
    const auto logits = [&](Task role) {
      const Example one = example(model, role);
      return batch_logits(base, &adapters, pack({&one}, false, at::kCPU));
    };
    const std::array<at::Tensor, 2> without = {logits(Task::tdd), logits(Task::cgd)};
    for (const at::Tensor& layer : down) layer.copy_(at::randn(layer.sizes()) * 0.3);
    for (int tries = 0; tries < 8; ++tries) {
      const std::array<double, 2> effects = {compare(without[0], logits(Task::tdd)).mean_kl,
                                             compare(without[1], logits(Task::cgd)).mean_kl};
      if (std::max(effects[0], effects[1]) < 0.2) return effects;
      for (const at::Tensor& layer : down) layer.div_(4);
    }
    return {0, 0};
  }
  static std::filesystem::path folder_;
};
std::filesystem::path LlamaTest::folder_;

TEST_F(LlamaTest, base_has_libllamas_logits) {
  const llm::LlamaModel model(folder_ / "f32.gguf");
  const BaseModel base = load_base(llm::GgufWeights(folder_ / "f32.gguf"), kFloats);
  const Example one = example(model, Task::tdd);
  const Difference d = compare(theirs(model, {}, one), batch_logits(base, nullptr, pack({&one}, false, at::kCPU)));
  RecordProperty("mean_kl", std::to_string(d.mean_kl * 1e9) + "e-9");
  EXPECT_LT(d.mean_kl, 1e-5);
  EXPECT_GE(d.mean_kl, -1e-9);
  EXPECT_GE(d.same_top, 0.995);
}

TEST_F(LlamaTest, quantised_file_is_read_as_ggml_reads_it) {
  const BaseModel copy = load_base(llm::GgufWeights(folder_ / "f32.gguf"), kFloats);
  const BaseModel original = load_base(llm::GgufWeights(std::getenv("GPIOT_TEST_MODEL")), kFloats);
  EXPECT_TRUE(copy.embedding.values().equal(original.embedding.values()));
  EXPECT_TRUE(copy.blocks[3].qkv.values().equal(original.blocks[3].qkv.values()));
  EXPECT_TRUE(copy.blocks.back().down.values().equal(original.blocks.back().down.values()));
}

TEST_F(LlamaTest, base_in_int8_is_near_and_as_large_as_estimated) {
  const llm::LlamaModel model(folder_ / "f32.gguf");
  const llm::GgufWeights file(folder_ / "f32.gguf");
  const Example one = example(model, Task::tdd);
  const Batch batch = pack({&one}, false, at::kCPU);
  const at::Tensor wanted = batch_logits(load_base(file, kFloats), nullptr, batch);
  const BaseModel base = load_base(file, matrix_format(at::kFloat, at::kCPU, BaseStorage::int8));
  const Difference d = compare(wanted, batch_logits(base, nullptr, batch));
  RecordProperty("mean_kl", std::to_string(d.mean_kl * 1e6) + "e-6");
  EXPECT_LT(d.mean_kl, 3e-3);
  EXPECT_GT(d.mean_kl, 1e-5) << "the base is not in int8";
  std::int64_t bytes = base.embedding.bytes() + (base.shape.own_head ? base.head.bytes() : 0);
  for (const BlockWeights& block : base.blocks) {
    bytes += block.qkv.bytes() + block.attention_out.bytes() + block.gate_up.bytes() + block.down.bytes();
  }
  TuneConfig config;
  config.base_storage = BaseStorage::int8;
  EXPECT_EQ(estimate(base.shape, config, at::kFloat, 1, 1, 1).base_bytes,
            static_cast<double>(bytes) + buffer_bytes(at::kFloat, BaseStorage::int8));
}

TEST_F(LlamaTest, exported_roles_have_the_steps_logits) {
  const llm::LlamaModel model(folder_ / "f32.gguf");
  const BaseModel base = load_base(llm::GgufWeights(folder_ / "f32.gguf"), kFloats);
  AdapterOptions options;
  options.rank = 8;
  options.lambda = 0.3;
  Adapters adapters(base.shape, options, 1, at::kFloat, at::kCPU);
  at::manual_seed(1);
  adapters.values().add_(at::randn({adapters.values().numel()}), 0.02);
  (void)check_roles(model, base, adapters);
}

TEST_F(LlamaTest, exported_projection_layers_have_the_steps_logits) {
  weights::widen_ffn(std::getenv("GPIOT_TEST_MODEL"), folder_ / "wide.gguf", 64);
  llm::derive_model(folder_ / "wide.gguf", folder_ / "wide-f32.gguf", "f32");
  const llm::LlamaModel model(folder_ / "wide-f32.gguf");
  const BaseModel base = load_base(llm::GgufWeights(folder_ / "wide-f32.gguf"), kFloats);
  EXPECT_GE(base.shape.ffn_padding, 64);  // whole blocks of the file's type
  EXPECT_EQ(read_shape(llm::GgufWeights(folder_ / "wide.gguf")).ffn_padding, base.shape.ffn_padding);
  EXPECT_EQ(read_shape(llm::GgufWeights(std::getenv("GPIOT_TEST_MODEL"))).ffn_padding, 0);
  AdapterOptions options;
  options.rank = 8;
  options.lambda = 0.3;
  options.projection = Projection::own;
  options.gamma = 0.3;
  Adapters adapters(base.shape, options, 1, at::kFloat, at::kCPU);
  at::manual_seed(1);
  adapters.values().add_(at::randn({adapters.values().numel()}), 0.02);
  const std::array<double, 2> effects = move_layers(base, adapters);
  (void)check_roles(model, base, adapters);
  for (const Task role : kTasks) {
    const double effect = effects[static_cast<std::size_t>(role)];
    RecordProperty(std::string(kTaskNames[static_cast<std::size_t>(role)]) + "_effect", std::to_string(effect));
    EXPECT_GT(effect, 1e-3) << "the layers change nothing";
  }
}

}  // namespace
}  // namespace gpiot::tune
