#include "gpiot/tune/kernels.h"

#include <ATen/Parallel.h>

#include "gpiot/tune/element.h"
#include "gpiot/tune/gpu_rows.h"

namespace gpiot::tune {
namespace {

constexpr std::int64_t kRowsPerTask = 8;

at::ScalarType sum_type(const at::Tensor& x) { return x.scalar_type() == at::kDouble ? at::kDouble : at::kFloat; }

template <typename T>
void norm_rows(const at::Tensor& x, const at::Tensor& weight, double eps, const Normed& out) {
  using N = Sum<T>;
  const std::int64_t width = x.size(1);
  const T* in = x.const_data_ptr<T>();
  const N* w = weight.const_data_ptr<N>();
  T* y = out.y.data_ptr<T>();
  N* inverse = out.inverse_rms.data_ptr<N>();
  at::parallel_for(0, x.size(0), kRowsPerTask, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      const T* a = in + row * width;
      N squares = 0;
#pragma omp simd reduction(+ : squares)
      for (std::int64_t i = 0; i < width; ++i) squares += load(a[i]) * load(a[i]);
      const N scale = N(1) / std::sqrt(squares / static_cast<N>(width) + static_cast<N>(eps));
      inverse[row] = scale;
      for (std::int64_t i = 0; i < width; ++i) store(y[row * width + i], load(a[i]) * scale * w[i]);
    }
  });
}

template <typename T>
void norm_rows_back(const at::Tensor& grad_y, const at::Tensor& x, const at::Tensor& weight,
                    const at::Tensor& inverse_rms, const at::Tensor& residual, const at::Tensor& grad_x) {
  using N = Sum<T>;
  const std::int64_t width = x.size(1);
  const T* dy = grad_y.const_data_ptr<T>();
  const T* in = x.const_data_ptr<T>();
  const N* w = weight.const_data_ptr<N>();
  const N* inverse = inverse_rms.const_data_ptr<N>();
  const T* around = residual.const_data_ptr<T>();
  T* dx = grad_x.data_ptr<T>();
  at::parallel_for(0, x.size(0), kRowsPerTask, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      const std::int64_t at = row * width;
      const N scale = inverse[row];
      N dot = 0;
#pragma omp simd reduction(+ : dot)
      for (std::int64_t i = 0; i < width; ++i) dot += load(dy[at + i]) * w[i] * load(in[at + i]);
      const N pull = dot * scale * scale * scale / static_cast<N>(width);
      for (std::int64_t i = 0; i < width; ++i) {
        store(dx[at + i], load(around[at + i]) + load(dy[at + i]) * w[i] * scale - load(in[at + i]) * pull);
      }
    }
  });
}

template <typename T>
void swiglu_rows(const at::Tensor& gate_up, const at::Tensor& out) {
  using N = Sum<T>;
  const std::int64_t width = out.size(1);
  const T* in = gate_up.const_data_ptr<T>();
  T* y = out.data_ptr<T>();
  at::parallel_for(0, out.size(0), kRowsPerTask, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      const T* gate = in + row * 2 * width;
      const T* up = gate + width;
      for (std::int64_t i = 0; i < width; ++i) {
        const N g = load(gate[i]);
        store(y[row * width + i], g * sigmoid(g) * load(up[i]));
      }
    }
  });
}

template <typename T>
void swiglu_rows_back(const at::Tensor& grad, const at::Tensor& gate_up, const at::Tensor& out) {
  using N = Sum<T>;
  const std::int64_t width = grad.size(1);
  const T* dy = grad.const_data_ptr<T>();
  const T* in = gate_up.const_data_ptr<T>();
  T* dx = out.data_ptr<T>();
  at::parallel_for(0, grad.size(0), kRowsPerTask, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      const std::int64_t at = row * 2 * width;
      for (std::int64_t i = 0; i < width; ++i) {
        const N g = load(in[at + i]);
        const N d = load(dy[row * width + i]);
        const N s = sigmoid(g);
        store(dx[at + i], d * load(in[at + width + i]) * s * (N(1) + g * (N(1) - s)));
        store(dx[at + width + i], d * g * s);
      }
    }
  });
}

template <typename T>
void rope_rows(const at::Tensor& qkv, const at::Tensor& positions, const at::Tensor& table, const ModelShape& shape,
               bool back) {
  using N = Sum<T>;
  const std::int64_t half = shape.head_width / 2;
  const std::int64_t heads = shape.heads + shape.kv_heads;
  const std::int64_t stride = qkv.stride(0);
  const std::int64_t* place = positions.const_data_ptr<std::int64_t>();
  const N* cosines = table.const_data_ptr<N>();
  const N* sines = cosines + table.size(1) * half;
  const bool halves = shape.rope_pairs == RopePairs::halves;
  const std::int64_t step = halves ? 1 : 2;
  const std::int64_t other = halves ? half : 1;
  const N sign = back ? N(-1) : N(1);
  T* data = qkv.data_ptr<T>();
  at::parallel_for(0, qkv.size(0), kRowsPerTask, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      const N* c = cosines + place[row] * half;
      const N* s = sines + place[row] * half;
      for (std::int64_t head = 0; head < heads; ++head) {
        T* x = data + row * stride + head * shape.head_width;
        for (std::int64_t i = 0; i < half; ++i) {
          const N a = load(x[i * step]);
          const N b = load(x[i * step + other]);
          store(x[i * step], a * c[i] - b * sign * s[i]);
          store(x[i * step + other], b * c[i] + a * sign * s[i]);
        }
      }
    }
  });
}

template <typename T>
void drop_rows(const at::Tensor& x, std::uint32_t below, std::uint32_t seed, double keep_scale, const at::Tensor& out) {
  using N = Sum<T>;
  const auto scale = static_cast<N>(keep_scale);
  const std::int64_t width = x.size(1);
  const T* in = x.const_data_ptr<T>();
  T* y = out.data_ptr<T>();
  at::parallel_for(0, x.size(0), kRowsPerTask, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin * width; i < end * width; ++i) {
      const bool dropped = mix(static_cast<std::uint32_t>(i) ^ seed) < below;
      store(y[i], dropped ? N(0) : load(in[i]) * scale);
    }
  });
}

}  // namespace

Normed rms_norm(const at::Tensor& x, const at::Tensor& weight, double eps) {
  if (!x.is_cpu()) return elsewhere::rms_norm(x, weight, eps);
  const Normed out{at::empty_like(x), at::empty({x.size(0)}, x.options().dtype(sum_type(x)))};
  by_type(x.scalar_type(), [&](auto type) { norm_rows<decltype(type)>(x, weight, eps, out); });
  return out;
}

at::Tensor rms_norm_backward(const at::Tensor& grad_y, const at::Tensor& x, const at::Tensor& weight,
                             const at::Tensor& inverse_rms, const at::Tensor& residual) {
  if (!x.is_cpu()) return elsewhere::rms_norm_backward(grad_y, x, weight, inverse_rms, residual);
  at::Tensor grad_x = at::empty_like(x);
  by_type(x.scalar_type(),
          [&](auto type) { norm_rows_back<decltype(type)>(grad_y, x, weight, inverse_rms, residual, grad_x); });
  return grad_x;
}

at::Tensor swiglu(const at::Tensor& gate_up) {
  if (!gate_up.is_cpu()) return elsewhere::swiglu(gate_up);
  const std::int64_t width = gate_up.size(1) / 2;
  at::Tensor out = at::empty({gate_up.size(0), width}, gate_up.options());
  by_type(gate_up.scalar_type(), [&](auto type) { swiglu_rows<decltype(type)>(gate_up, out); });
  return out;
}

at::Tensor swiglu_backward(const at::Tensor& grad, const at::Tensor& gate_up) {
  if (!grad.is_cpu()) return elsewhere::swiglu_backward(grad, gate_up);
  at::Tensor out = at::empty_like(gate_up);
  by_type(grad.scalar_type(), [&](auto type) { swiglu_rows_back<decltype(type)>(grad, gate_up, out); });
  return out;
}

at::Tensor rope_table(const ModelShape& shape, const at::Tensor& factors, std::int64_t positions, at::ScalarType type) {
  const at::TensorOptions exact = at::TensorOptions().dtype(at::kDouble);
  const at::Tensor pair = at::arange(shape.head_width / 2, exact) * 2.0 / static_cast<double>(shape.head_width);
  at::Tensor frequency = at::pow(at::scalar_tensor(shape.rope_base, exact), -pair) / shape.rope_scale;
  if (factors.defined()) frequency = frequency / factors.to(at::kDouble);
  const at::Tensor angle = at::arange(positions, exact).unsqueeze(1) * frequency.unsqueeze(0);
  return at::stack({angle.cos(), angle.sin()}).to(type == at::kDouble ? at::kDouble : at::kFloat).contiguous();
}

void rope_(const at::Tensor& qkv, const at::Tensor& positions, const at::Tensor& table, const ModelShape& shape,
           bool back) {
  if (!qkv.is_cpu()) return elsewhere::rope_(qkv, positions, table, shape, back);
  by_type(qkv.scalar_type(), [&](auto type) { rope_rows<decltype(type)>(qkv, positions, table, shape, back); });
}

at::Tensor dropout(const at::Tensor& x, double probability, std::uint64_t seed) {
  if (probability <= 0) return x;
  const auto below = static_cast<std::uint32_t>(probability * 4294967296.0);
  const std::uint32_t start = mix(static_cast<std::uint32_t>(seed) ^ mix(static_cast<std::uint32_t>(seed >> 32)));
  const double scale = 1.0 / (1.0 - probability);
  if (!x.is_cpu()) return elsewhere::dropout(x, below, start, scale);
  at::Tensor out = at::empty_like(x);
  by_type(x.scalar_type(), [&](auto type) { drop_rows<decltype(type)>(x, below, start, scale, out); });
  return out;
}

}  // namespace gpiot::tune
