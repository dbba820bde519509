#include <ATen/Context.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "gpiot/tune/gpu_rows.h"
#include "gpiot/tune/int8_kernels.h"
#include "gpiot/tune/test_model.h"
#ifdef GPIOT_GPU_KERNELS
#include "gpiot/tune/gpu_program.h"
#endif

// The loops of the CPU against ATen's operations, and against our kernels where there is a GPU.
namespace gpiot::tune {
namespace {

struct Case {
  at::ScalarType type;
  double bound;  ///< relative, of the whole result
};
const std::vector<Case> kCases = {{at::kFloat, 2e-6}, {at::kBFloat16, 1e-2}};

double relative(const at::Tensor& got, const at::Tensor& wanted) {
  const at::Tensor exact = wanted.to(at::kCPU, at::kDouble);
  const double size = exact.norm().item<double>();
  return (got.to(at::kCPU, at::kDouble) - exact).norm().item<double>() / std::max(size, 1e-30);
}

/// What one way of computing makes of the same numbers, by name.
using Results = std::vector<std::pair<std::string, at::Tensor>>;

struct Inputs {
  at::Tensor x, residual, weight, gate_up, grad, qkv, positions, table, logits, labels, scores, grad_scores, numbers,
      scales;
};

ModelShape shape_of(RopePairs pairs) { return testing::tiny_shape(pairs); }

Inputs inputs_of(at::ScalarType type, RopePairs pairs) {
  at::manual_seed(7);
  const ModelShape shape = shape_of(pairs);
  const auto numbers = [&](at::IntArrayRef sizes) { return at::randn(sizes, at::kDouble).to(type); };
  return {.x = numbers({37, 64}),
          .residual = numbers({37, 64}),
          .weight = at::rand({64}) + 0.5,
          .gate_up = numbers({37, 192}),
          .grad = numbers({37, 96}),
          .qkv = numbers({37, shape.qkv_width()}),
          .positions = at::arange(37, at::kLong),
          .table = rope_table(shape, {}, 40, at::kFloat),
          .logits = numbers({21, 1003}) * 3,
          .labels = at::arange(21, at::kLong) * 40,
          .scores = numbers({2, 12, 9}),
          .grad_scores = numbers({2, 12, 9}),
          .numbers = at::randint(-127, 128, {6, 70}, at::kChar),
          .scales = at::rand({6, 3}).to(at::kBFloat16)};
}

Inputs moved(const Inputs& from, const at::Device& device) {
  Inputs out = from;
  for (at::Tensor* x :
       {&out.x, &out.residual, &out.weight, &out.gate_up, &out.grad, &out.qkv, &out.positions, &out.table, &out.logits,
        &out.labels, &out.scores, &out.grad_scores, &out.numbers, &out.scales}) {
    *x = x->to(device);
  }
  return out;
}

/// One way to compute all of them.
struct Way {
  decltype(&rms_norm) norm;
  decltype(&rms_norm_backward) norm_back;
  decltype(&swiglu) gate;
  decltype(&swiglu_backward) gate_back;
  decltype(&rope_) turn;
  decltype(&causal_softmax_) softmax;
  decltype(&causal_softmax_backward_) softmax_back;
  decltype(&cross_entropy_) entropy;
  decltype(&dequantise_rows) from_int8;
};

/// The public one goes by where the tensors are.
const Way kByDevice = {rms_norm,        rms_norm_backward,        swiglu,         swiglu_backward, rope_,
                       causal_softmax_, causal_softmax_backward_, cross_entropy_, dequantise_rows};
const Way kByAten = {anywhere::rms_norm,
                     anywhere::rms_norm_backward,
                     anywhere::swiglu,
                     anywhere::swiglu_backward,
                     anywhere::rope_,
                     anywhere::causal_softmax_,
                     anywhere::causal_softmax_backward_,
                     anywhere::cross_entropy_,
                     anywhere::dequantise};

Results results_of(const Way& way, const Inputs& in, RopePairs pairs) {
  Results out;
  const Normed normed = way.norm(in.x, in.weight, 1e-5);
  out.emplace_back("norm", normed.y);
  out.emplace_back("inverse rms", normed.inverse_rms);
  out.emplace_back("norm back", way.norm_back(in.residual, in.x, in.weight, normed.inverse_rms, in.x));
  out.emplace_back("swiglu", way.gate(in.gate_up));
  out.emplace_back("swiglu back", way.gate_back(in.grad, in.gate_up));
  const at::Tensor turned = in.qkv.clone();
  way.turn(turned, in.positions, in.table, shape_of(pairs), false);
  out.emplace_back("rope", turned.clone());
  way.turn(turned, in.positions, in.table, shape_of(pairs), true);
  out.emplace_back("rope there and back", turned);
  const at::Tensor shares = in.scores.clone();
  const at::Tensor sums = way.softmax(shares, 6, 3, 0.3);
  out.emplace_back("softmax", shares);
  out.emplace_back("softmax sums", sums);
  const at::Tensor grad = in.grad_scores.clone();
  const at::Tensor again = in.scores.clone();
  way.softmax_back(again, grad, sums, sums * 0.1, 6, 3, 0.3);
  out.emplace_back("softmax again", again);
  out.emplace_back("softmax back", grad);
  const at::Tensor logits = in.logits.clone();
  out.emplace_back("entropy", way.entropy(logits, in.labels, true, 0.7));
  out.emplace_back("entropy back", logits);
  const at::Tensor values = at::empty({6, 70}, in.x.options());
  way.from_int8(in.numbers, in.scales, 32, values);
  out.emplace_back("from int8", values);
  return out;
}

void expect_same(const Results& got, const Results& wanted, double bound) {
  for (std::size_t i = 0; i < got.size(); ++i) {
    ASSERT_EQ(got[i].first, wanted[i].first);
    EXPECT_LT(relative(got[i].second, wanted[i].second), bound) << got[i].first;
  }
}

TEST(Rows, AtensOperationsComputeWhatTheLoopsDo) {
  for (const Case& c : kCases) {
    for (const RopePairs pairs : {RopePairs::halves, RopePairs::neighbours}) {
      const Inputs in = inputs_of(c.type, pairs);
      expect_same(results_of(kByAten, in, pairs), results_of(kByDevice, in, pairs), c.bound);
    }
  }
}

TEST(Rows, TheGpuComputesWhatTheProcessorDoes) {
  if (!at::hasCUDA()) GTEST_SKIP() << "no GPU";
  for (const Case& c : kCases) {
    for (const RopePairs pairs : {RopePairs::halves, RopePairs::neighbours}) {
      const Inputs in = inputs_of(c.type, pairs);
      const Inputs there = moved(in, at::Device(at::kCUDA, 0));
      const Results wanted = results_of(kByDevice, in, pairs);
      expect_same(results_of(kByDevice, there, pairs), wanted, c.bound);
      expect_same(results_of(kByAten, there, pairs), wanted, c.bound);
      EXPECT_LT(relative(dropout(there.x, 0.25, std::uint64_t{99}), dropout(in.x, 0.25, std::uint64_t{99})), c.bound);
    }
  }
}

#ifdef GPIOT_GPU_KERNELS
TEST(Rows, TheKernelsCompileForGpusThatAreNotHere) {
  for (const int capability : {80, 89, 90, 100, 120}) {
    for (const Case& c : kCases) EXPECT_GT(gpu::compile(c.type, capability).size(), 1000U) << capability;
  }
}
#endif

}  // namespace
}  // namespace gpiot::tune
