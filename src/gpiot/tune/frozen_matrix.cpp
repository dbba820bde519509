#include "gpiot/tune/frozen_matrix.h"

#include <algorithm>

#include "gpiot/tune/int8_kernels.h"

namespace gpiot::tune {
namespace {

/// 16 MB of bfloat16: large enough for products at full speed, small beside a model.
constexpr std::int64_t kBufferNumbers = 8 << 20;

at::Tensor product_of(const at::Tensor& x, const at::Tensor& matrix, const at::Tensor& added) {
  return added.defined() ? at::addmm(added, x, matrix.t()) : at::mm(x, matrix.t());
}

}  // namespace

MatrixFormat matrix_format(at::ScalarType type, at::Device device, BaseStorage storage) {
  MatrixFormat format{.type = type, .device = device};
  if (storage == BaseStorage::int8) {
    format.buffer = at::empty({kBufferNumbers}, at::TensorOptions().dtype(type).device(device));
  }
  return format;
}

FrozenMatrix::FrozenMatrix(at::Tensor values) : type_(values.scalar_type()), numbers_(std::move(values)) {}

FrozenMatrix::FrozenMatrix(std::int64_t out, std::int64_t in, const MatrixFormat& format)
    : type_(format.type), scale_columns_(format.scale_columns), buffer_(format.buffer) {
  const auto options = at::TensorOptions().device(format.device);
  const bool int8 = format.storage() == BaseStorage::int8;
  numbers_ = at::zeros({out, in}, options.dtype(int8 ? at::kChar : type_));
  if (int8) scales_ = at::zeros({out, (in + scale_columns_ - 1) / scale_columns_}, options.dtype(at::kBFloat16));
}

void FrozenMatrix::set_rows(std::int64_t first, const at::Tensor& values) {
  const std::int64_t count = values.size(0);
  if (!in_int8()) {
    numbers_.narrow(0, first, count).copy_(values);
    return;
  }
  const at::Tensor numbers = at::empty(values.sizes(), at::kChar);
  const at::Tensor scales = at::empty({count, scales_.size(1)}, at::kBFloat16);
  quantise_rows(values.contiguous(), scale_columns_, numbers, scales);
  numbers_.narrow(0, first, count).copy_(numbers);
  scales_.narrow(0, first, count).copy_(scales);
}

std::int64_t FrozenMatrix::bytes() const {
  return static_cast<std::int64_t>(numbers_.nbytes() + (in_int8() ? scales_.nbytes() : 0));
}

void FrozenMatrix::by_parts(const std::function<void(std::int64_t, const at::Tensor&)>& work) const {
  const std::int64_t at_a_time = std::max<std::int64_t>(1, buffer_.numel() / in());
  for (std::int64_t first = 0; first < out(); first += at_a_time) {
    const std::int64_t count = std::min(at_a_time, out() - first);
    const at::Tensor part = buffer_.narrow(0, 0, count * in()).view({count, in()});
    dequantise_rows(numbers_.narrow(0, first, count), scales_.narrow(0, first, count), scale_columns_, part);
    work(first, part);
  }
}

at::Tensor FrozenMatrix::product(const at::Tensor& x, const at::Tensor& added) const {
  if (!in_int8()) return product_of(x, numbers_, added);
  at::Tensor y;
  by_parts([&](std::int64_t first, const at::Tensor& part) {
    const std::int64_t count = part.size(0);
    const at::Tensor columns = product_of(x, part, added.defined() ? added.narrow(-1, first, count) : added);
    if (count == out()) {
      y = columns;
      return;
    }
    if (!y.defined()) y = at::empty({x.size(0), out()}, x.options());
    y.narrow(1, first, count).copy_(columns);
  });
  return y;
}

at::Tensor FrozenMatrix::product_backward(const at::Tensor& grad) const {
  if (!in_int8()) return at::mm(grad, numbers_);
  at::Tensor sum;
  by_parts([&](std::int64_t first, const at::Tensor& part) {
    const at::Tensor own = at::mm(grad.narrow(1, first, part.size(0)), part);
    if (part.size(0) == out()) {
      sum = own;
    } else if (!sum.defined()) {
      // Sums of parts are kept wider, or each part would round them once more.
      sum = own.to(type_ == at::kDouble ? at::kDouble : at::kFloat);
    } else {
      sum.add_(own);
    }
  });
  return sum.to(type_);
}

at::Tensor FrozenMatrix::rows(const at::Tensor& numbers) const {
  const at::Tensor chosen = numbers_.index_select(0, numbers);
  if (!in_int8()) return chosen;
  at::Tensor out = at::empty(chosen.sizes(), chosen.options().dtype(type_));
  dequantise_rows(chosen, scales_.index_select(0, numbers), scale_columns_, out);
  return out;
}

at::Tensor FrozenMatrix::values() const {
  if (!in_int8()) return numbers_;
  at::Tensor out = at::empty(numbers_.sizes(), numbers_.options().dtype(type_));
  dequantise_rows(numbers_, scales_, scale_columns_, out);
  return out;
}

double matrix_bytes(double numbers, at::ScalarType type, BaseStorage storage) {
  if (storage == BaseStorage::same) return numbers * static_cast<double>(c10::elementSize(type));
  return numbers * (1.0 + 2.0 / static_cast<double>(MatrixFormat().scale_columns));
}

double buffer_bytes(at::ScalarType type, BaseStorage storage) {
  return storage == BaseStorage::same
             ? 0
             : static_cast<double>(kBufferNumbers * static_cast<std::int64_t>(c10::elementSize(type)));
}

}  // namespace gpiot::tune
