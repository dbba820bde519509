#include "gpiot/tune/device.h"

#include <ATen/Context.h>
#include <gtest/gtest.h>

#include "gpiot/base/error.h"
#include "gpiot/tune/attention.h"
#include "gpiot/tune/step.h"
#include "gpiot/tune/test_model.h"

namespace gpiot::tune {
namespace {

using testing::pointers;
using testing::tiny_examples;
using testing::tiny_model;
using testing::tiny_shape;

TuneConfig on(const std::string& device) {
  TuneConfig config;
  config.device = device;
  return config;
}

double relative(const at::Tensor& got, const at::Tensor& wanted) {
  const at::Tensor exact = wanted.to(at::kCPU, at::kDouble);
  return ((got.to(at::kCPU, at::kDouble) - exact).norm() / exact.norm()).item<double>();
}

TEST(Device, TheProcessorIsAlwaysThere) {
  const at::Device device = device_of(on("cpu"));
  EXPECT_TRUE(device.is_cpu());
  finish(device);
  EXPECT_EQ(device_peak_bytes(device), 0);
}

TEST(Device, AGpuThatIsNotThereIsSaidSo) {
  if (at::hasCUDA()) GTEST_SKIP() << "this machine has one";
  try {
    (void)device_of(on("cuda"));
    FAIL() << "a GPU was found where there is none";
  } catch (const base::Error& error) {
    EXPECT_EQ(error.code(), base::ErrorCode::Unsupported);
    EXPECT_NE(std::string(error.what()).find("[tune.device]"), std::string::npos);
  }
}

BaseModel moved(BaseModel model, const at::Device& device) {
  const auto move = [&](at::Tensor& x) {
    if (x.defined()) x = x.to(device);
  };
  const auto move_matrix = [&](FrozenMatrix& x) { x = FrozenMatrix(x.values().to(device)); };
  for (at::Tensor* x : {&model.final_norm, &model.rope_factors}) move(*x);
  for (FrozenMatrix* x : {&model.embedding, &model.head}) move_matrix(*x);
  for (BlockWeights& b : model.blocks) {
    for (at::Tensor* x : {&b.attention_norm, &b.qkv_bias, &b.ffn_norm}) move(*x);
    for (FrozenMatrix* x : {&b.qkv, &b.attention_out, &b.gate_up, &b.down}) move_matrix(*x);
  }
  return model;
}

/// The same documents in double on the CPU and in `type` on the GPU, forward and back.
void compare_attention(at::ScalarType type, double bound) {
  const ModelShape shape = tiny_shape(RopePairs::halves);
  const std::vector<std::int64_t> offsets = {0, 5, 300, 301};
  const Documents here(offsets, at::kCPU);
  const Documents there_too(offsets, at::kCUDA);
  const at::Tensor qkv = at::randn({offsets.back(), shape.qkv_width()}, at::kDouble);
  const at::Tensor grad = at::randn({offsets.back(), shape.query_width()}, at::kDouble);
  AttentionSaved exact;
  const at::Tensor wanted = attention(qkv, here, shape, exact);
  AttentionSaved saved;
  const auto there = [&](const at::Tensor& x) { return x.to(at::kCUDA, type); };
  const at::Tensor got = attention(there(qkv), there_too, shape, saved);
  EXPECT_LT(relative(got, wanted), bound);
  const at::Tensor back = attention_backward(there(grad), got, there(qkv), there_too, shape, saved);
  EXPECT_LT(relative(back, attention_backward(grad, wanted, qkv, here, shape, exact)), bound);
}

TEST(Device, AttentionOnAGpuEqualsThatOfTheProcessor) {
  if (!at::hasCUDA()) GTEST_SKIP() << "no GPU";
  compare_attention(at::kFloat, 1e-4);
  compare_attention(at::kBFloat16, 2e-2);  // the flash kernel
}

TEST(Device, TheStepOnAGpuEqualsThatOfTheProcessor) {
  if (!at::hasCUDA()) GTEST_SKIP() << "no GPU";
  const std::vector<Example> examples = tiny_examples(300);
  const auto gradients = [&](const at::Device& device) {
    const BaseModel model = moved(tiny_model(RopePairs::halves, at::kFloat), device);
    Adapters adapters(model.shape, AdapterOptions{.rank = 4, .dropout = 0}, 1, at::kFloat, device);
    adapters.values().fill_(0.02);
    adapters.gradients().zero_();
    (void)train_batch(model, adapters, pack(pointers(examples), false, device), {.seed = 3, .gradient_scale = 1.0});
    return adapters.gradients().to(at::kCPU);
  };
  EXPECT_LT(relative(gradients(at::Device(at::kCUDA, 0)), gradients(at::kCPU)), 1e-3);
  EXPECT_GT(device_peak_bytes(at::Device(at::kCUDA, 0)), 0);
}

}  // namespace
}  // namespace gpiot::tune
