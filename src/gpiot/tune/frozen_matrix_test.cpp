#include "gpiot/tune/frozen_matrix.h"

#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "gpiot/tune/estimate.h"
#include "gpiot/tune/test_model.h"

namespace gpiot::tune {
namespace {

constexpr std::int64_t kOut = 20;
constexpr std::int64_t kIn = 70;

/// In int8, with room for `rows` rows at a time and scales of 32, 32 and 6 numbers.
FrozenMatrix in_int8(const at::Tensor& values, at::ScalarType type, std::int64_t rows = 3) {
  FrozenMatrix matrix(values.size(0), values.size(1),
                      {.type = type, .buffer = at::empty({rows * values.size(1)}, type), .scale_columns = 32});
  matrix.set_rows(0, values);
  return matrix;
}

at::Tensor random(std::int64_t rows, std::int64_t columns) {
  at::manual_seed(rows * 1000 + columns);
  return at::randn({rows, columns}, at::kDouble);
}

double largest(const at::Tensor& values) { return values.abs().max().item<double>(); }

class FrozenMatrixTest : public ::testing::Test {
 protected:
  void SetUp() override { at::set_num_threads(1); }
};

TEST_F(FrozenMatrixTest, int8_is_half_a_step_away_at_most) {
  const at::Tensor wanted = random(kOut, kIn) * at::exp(random(kOut, 1) * 3);
  const at::Tensor got = in_int8(wanted, at::kDouble).values();
  for (std::int64_t first = 0; first < kIn; first += 32) {
    const std::int64_t count = std::min<std::int64_t>(32, kIn - first);
    const at::Tensor wanted_part = wanted.narrow(1, first, count);
    const at::Tensor step = wanted_part.abs().amax(1, true) / 127;
    EXPECT_LT(((got.narrow(1, first, count) - wanted_part).abs() / step).max().item<double>(), 0.51) << first;
  }
}

TEST_F(FrozenMatrixTest, zeros_and_the_ends_of_float_stay_what_they_are) {
  at::Tensor values = at::zeros({3, kIn});
  values[1].fill_(-3.4e38F);
  values[2].fill_(1e-44F);
  const at::Tensor got = in_int8(values, at::kFloat).values();
  EXPECT_TRUE(got[0].equal(values[0]));
  EXPECT_LT(((got[1] - values[1]) / values[1]).abs().max().item<float>(), 0.01F);
  EXPECT_LT(got[2].abs().max().item<float>(), 1e-40F);
  EXPECT_TRUE(got.isfinite().all().item<bool>());
}

TEST_F(FrozenMatrixTest, products_in_parts_are_those_of_all_values) {
  const FrozenMatrix matrix = in_int8(random(kOut, kIn), at::kDouble);
  const at::Tensor w = matrix.values();
  const at::Tensor x = random(9, kIn);
  const at::Tensor bias = random(kOut, 1).flatten();
  const at::Tensor residual = random(9, kOut);
  EXPECT_LT(largest(matrix.product(x) - at::mm(x, w.t())), 1e-12);
  EXPECT_LT(largest(matrix.product(x, bias) - at::addmm(bias, x, w.t())), 1e-12);
  EXPECT_LT(largest(matrix.product(x, residual) - at::addmm(residual, x, w.t())), 1e-12);
  EXPECT_LT(largest(matrix.product_backward(residual) - at::mm(residual, w)), 1e-12);
  const at::Tensor numbers = at::tensor({19, 0, 7, 7}, at::kLong);
  EXPECT_TRUE(matrix.rows(numbers).equal(w.index_select(0, numbers)));
}

TEST_F(FrozenMatrixTest, parts_lose_nothing_in_bfloat16) {
  const at::Tensor values = random(400, kIn);
  const at::Tensor grad = random(9, 400).to(at::kBFloat16);
  const at::Tensor exact = at::mm(grad.to(at::kDouble), in_int8(values, at::kDouble).values());
  const at::Tensor whole = in_int8(values, at::kBFloat16, 400).product_backward(grad);
  const at::Tensor parts = in_int8(values, at::kBFloat16, 3).product_backward(grad);
  EXPECT_EQ(parts.scalar_type(), at::kBFloat16);
  EXPECT_LT(largest(parts - exact), 1.5 * largest(whole - exact));
}

TEST_F(FrozenMatrixTest, bytes_are_those_of_int8_and_its_scales) {
  const auto bytes = [](BaseStorage storage) {
    return static_cast<double>(FrozenMatrix(kOut, 128, matrix_format(at::kBFloat16, at::kCPU, storage)).bytes());
  };
  EXPECT_EQ(bytes(BaseStorage::int8), kOut * (128 + 2 * 4));
  EXPECT_EQ(bytes(BaseStorage::int8), matrix_bytes(kOut * 128, at::kBFloat16, BaseStorage::int8));
  EXPECT_EQ(bytes(BaseStorage::same), matrix_bytes(kOut * 128, at::kBFloat16, BaseStorage::same));
}

TEST_F(FrozenMatrixTest, the_estimate_counts_how_the_base_stands) {
  ModelShape shape = testing::tiny_shape(RopePairs::halves);
  TuneConfig config;
  const auto base_bytes = [&] { return estimate(shape, config, at::kBFloat16, 1, 1, 1).base_bytes; };
  const double numbers = base_bytes() / 2;
  config.base_storage = BaseStorage::int8;
  EXPECT_EQ(base_bytes(), numbers * (1 + 2.0 / 32) + 2 * (8 << 20));
  shape.own_head = false;
  const auto head = static_cast<double>(shape.vocabulary * shape.width);
  EXPECT_EQ(base_bytes(), (numbers - head) * (1 + 2.0 / 32) + 2 * (8 << 20));
}

}  // namespace
}  // namespace gpiot::tune
