#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <functional>

namespace gpiot::tune {

/// How the matrices of the base stand in memory: in the type of computation, or as int8 with a scale for each
/// `MatrixFormat::scale_columns` numbers of a row.
enum class BaseStorage { same, int8 };

/// What all frozen matrices of a model have in common.
struct MatrixFormat {
  at::ScalarType type = at::kFloat;  ///< of computation: float, bfloat16; double in tests
  at::Device device = at::kCPU;
  /// Into it, of `type`, matrices in int8 are dequantised for a product, as many rows at a time as it holds: one at
  /// least. Undefined: matrices stand in `type`.
  at::Tensor buffer = {};
  std::int64_t scale_columns = 32;  ///< numbers of a row that share a scale; measured in docs/decisions/0007

  [[nodiscard]] BaseStorage storage() const { return buffer.defined() ? BaseStorage::int8 : BaseStorage::same; }
};
[[nodiscard]] MatrixFormat matrix_format(at::ScalarType type, at::Device device, BaseStorage storage);

/// A matrix [out, in] of the base, which is not trained. Its products are taken in the type of computation. Copies
/// share their numbers. Matrices in int8 share one buffer, so two threads may not multiply at a time.
class FrozenMatrix {
 public:
  FrozenMatrix() = default;
  /// Stands as it is given.
  explicit FrozenMatrix(at::Tensor values);
  /// All zero, to be filled by set_rows.
  FrozenMatrix(std::int64_t out, std::int64_t in, const MatrixFormat& format);

  /// Rows `first` ... become `values` [rows, in], float or double on the CPU and finite: in int8 each to the nearest of
  /// 255 steps between minus and plus the largest that shares its scale.
  void set_rows(std::int64_t first, const at::Tensor& values);

  [[nodiscard]] at::ScalarType type() const { return type_; }
  [[nodiscard]] at::Device device() const { return numbers_.device(); }
  [[nodiscard]] std::int64_t out() const { return numbers_.size(0); }
  [[nodiscard]] std::int64_t in() const { return numbers_.size(1); }
  [[nodiscard]] std::int64_t bytes() const;

  /// x W^T for x [rows, in], plus `added` where it is given: [out] or [rows, out].
  [[nodiscard]] at::Tensor product(const at::Tensor& x, const at::Tensor& added = {}) const;
  /// The gradient of x for that of x W^T: grad W for grad [rows, out].
  [[nodiscard]] at::Tensor product_backward(const at::Tensor& grad) const;
  /// The rows of these numbers (int64), [numbers, in].
  [[nodiscard]] at::Tensor rows(const at::Tensor& numbers) const;
  /// All of it, [out, in], in the type of computation. In int8 this is a new tensor, larger than the matrix.
  [[nodiscard]] at::Tensor values() const;

 private:
  [[nodiscard]] bool in_int8() const { return scales_.defined(); }
  /// Calls `work` with the first row of each part and the part, [rows, in], in the type of computation.
  void by_parts(const std::function<void(std::int64_t, const at::Tensor&)>& work) const;

  at::ScalarType type_ = at::kFloat;
  at::Tensor numbers_;  ///< [out, in] of `type_`, or int8
  at::Tensor scales_;   ///< [out, scales of a row] bfloat16; undefined unless in int8
  std::int64_t scale_columns_ = 0;
  at::Tensor buffer_;
};

/// Bytes of a matrix of these sizes.
[[nodiscard]] double matrix_bytes(double numbers, at::ScalarType type, BaseStorage storage);
/// Bytes of the buffer that all matrices share; 0 where there is none.
[[nodiscard]] double buffer_bytes(at::ScalarType type, BaseStorage storage);

}  // namespace gpiot::tune
