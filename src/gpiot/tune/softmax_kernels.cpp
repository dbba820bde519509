#include <ATen/Parallel.h>

#include <algorithm>

#include "gpiot/tune/element.h"
#include "gpiot/tune/gpu_rows.h"
#include "gpiot/tune/kernels.h"

// The softmax of the attention and that of the loss.
namespace gpiot::tune {
namespace {

constexpr std::int64_t kRowsPerTask = 8;

at::ScalarType sum_type(const at::Tensor& x) { return x.scalar_type() == at::kDouble ? at::kDouble : at::kFloat; }

template <typename T>
void softmax_rows(const at::Tensor& scores, std::int64_t chunk, std::int64_t first, double scale,
                  const at::Tensor& log_sums) {
  using N = Sum<T>;
  const std::int64_t keys = scores.size(2);
  const auto factor = static_cast<N>(scale);
  T* data = scores.data_ptr<T>();
  N* sums = log_sums.data_ptr<N>();
  at::parallel_for(0, scores.size(0) * scores.size(1), kRowsPerTask, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      T* x = data + row * keys;
      const std::int64_t seen = first + row % scores.size(1) % chunk + 1;
      N highest = load(x[0]);
#pragma omp simd reduction(max : highest)
      for (std::int64_t i = 1; i < seen; ++i) highest = std::max(highest, static_cast<N>(load(x[i])));
      N sum = 0;
#pragma omp simd reduction(+ : sum)
      for (std::int64_t i = 0; i < seen; ++i) sum += exp_of((load(x[i]) - highest) * factor);
      const N log_sum = highest * factor + std::log(sum);
      for (std::int64_t i = 0; i < seen; ++i) store(x[i], exp_of(load(x[i]) * factor - log_sum));
      for (std::int64_t i = seen; i < keys; ++i) store(x[i], N(0));
      sums[row] = log_sum;
    }
  });
}

template <typename T>
void softmax_rows_back(const at::Tensor& scores, const at::Tensor& grad, const at::Tensor& log_sums,
                       const at::Tensor& delta, std::int64_t chunk, std::int64_t first, double scale) {
  using N = Sum<T>;
  const std::int64_t keys = scores.size(2);
  const auto factor = static_cast<N>(scale);
  T* p = scores.data_ptr<T>();
  T* d = grad.data_ptr<T>();
  const N* sums = log_sums.const_data_ptr<N>();
  const N* pull = delta.const_data_ptr<N>();
  at::parallel_for(0, scores.size(0) * scores.size(1), kRowsPerTask, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      T* x = p + row * keys;
      T* g = d + row * keys;
      const std::int64_t seen = first + row % scores.size(1) % chunk + 1;
      for (std::int64_t i = 0; i < seen; ++i) {
        const N share = exp_of(load(x[i]) * factor - sums[row]);
        store(x[i], share);
        store(g[i], share * (load(g[i]) - pull[row]) * factor);
      }
      for (std::int64_t i = seen; i < keys; ++i) {
        store(x[i], N(0));
        store(g[i], N(0));
      }
    }
  });
}

template <typename T>
void entropy_rows(const at::Tensor& logits, const at::Tensor& labels, bool backward, double scale,
                  const at::Tensor& losses) {
  using N = Sum<T>;
  const std::int64_t width = logits.size(1);
  const auto factor = static_cast<N>(scale);
  const std::int64_t* label = labels.const_data_ptr<std::int64_t>();
  T* data = logits.data_ptr<T>();
  N* out = losses.data_ptr<N>();
  at::parallel_for(0, logits.size(0), 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      T* x = data + row * width;
      N highest = load(x[0]);
#pragma omp simd reduction(max : highest)
      for (std::int64_t i = 1; i < width; ++i) highest = std::max(highest, static_cast<N>(load(x[i])));
      N sum = 0;
#pragma omp simd reduction(+ : sum)
      for (std::int64_t i = 0; i < width; ++i) sum += exp_of(load(x[i]) - highest);
      const N log_sum = highest + std::log(sum);
      out[row] = log_sum - load(x[label[row]]);
      if (!backward) continue;
      const N at_label = (exp_of(load(x[label[row]]) - log_sum) - N(1)) * factor;
      for (std::int64_t i = 0; i < width; ++i) store(x[i], exp_of(load(x[i]) - log_sum) * factor);
      store(x[label[row]], at_label);
    }
  });
}

}  // namespace

at::Tensor causal_softmax_(const at::Tensor& scores, std::int64_t chunk, std::int64_t first, double scale) {
  if (!scores.is_cpu()) return elsewhere::causal_softmax_(scores, chunk, first, scale);
  at::Tensor log_sums = at::empty({scores.size(0), scores.size(1)}, scores.options().dtype(sum_type(scores)));
  by_type(scores.scalar_type(),
          [&](auto type) { softmax_rows<decltype(type)>(scores, chunk, first, scale, log_sums); });
  return log_sums;
}

void causal_softmax_backward_(const at::Tensor& scores, const at::Tensor& grad, const at::Tensor& log_sums,
                              const at::Tensor& delta, std::int64_t chunk, std::int64_t first, double scale) {
  if (!scores.is_cpu()) return elsewhere::causal_softmax_backward_(scores, grad, log_sums, delta, chunk, first, scale);
  by_type(scores.scalar_type(),
          [&](auto type) { softmax_rows_back<decltype(type)>(scores, grad, log_sums, delta, chunk, first, scale); });
}

at::Tensor cross_entropy_(const at::Tensor& logits, const at::Tensor& labels, bool backward, double scale) {
  if (!logits.is_cpu()) return elsewhere::cross_entropy_(logits, labels, backward, scale);
  at::Tensor losses = at::empty({logits.size(0)}, logits.options().dtype(sum_type(logits)));
  by_type(logits.scalar_type(),
          [&](auto type) { entropy_rows<decltype(type)>(logits, labels, backward, scale, losses); });
  return losses;
}

}  // namespace gpiot::tune
