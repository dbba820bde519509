#include "gpiot/store/vector_scan.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace gpiot::store {
namespace {

using DotInt8 = std::int32_t (*)(const std::int8_t*, const std::int16_t*, std::size_t);
using DotFloat = float (*)(const float*, const float*, std::size_t);

/// One loop, compiled once for each width of vectors: products of sixteen bits, which processors add in pairs.
[[gnu::always_inline]] inline std::int32_t dot_loop(const std::int8_t* a, const std::int16_t* b, std::size_t n) {
  std::int32_t sum = 0;
  for (std::size_t i = 0; i < n; ++i) sum += std::int32_t{static_cast<std::int16_t>(a[i])} * std::int32_t{b[i]};
  return sum;
}

/// Sixteen sums beside each other, so that the order of additions lets the compiler use vectors.
[[gnu::always_inline]] inline float dot_loop(const float* a, const float* b, std::size_t n) {
  float sums[16] = {};
  std::size_t i = 0;
  for (; i + 16 <= n; i += 16) {
    for (std::size_t k = 0; k < 16; ++k) sums[k] += a[i + k] * b[i + k];
  }
  float sum = 0;
  for (; i < n; ++i) sum += a[i] * b[i];
  for (const float part : sums) sum += part;
  return sum;
}

std::int32_t int8_plain(const std::int8_t* a, const std::int16_t* b, std::size_t n) { return dot_loop(a, b, n); }
float float_plain(const float* a, const float* b, std::size_t n) { return dot_loop(a, b, n); }

#if defined(__x86_64__)
[[gnu::target("avx2,fma")]] std::int32_t int8_avx2(const std::int8_t* a, const std::int16_t* b, std::size_t n) {
  return dot_loop(a, b, n);
}
[[gnu::target("avx2,fma")]] float float_avx2(const float* a, const float* b, std::size_t n) {
  return dot_loop(a, b, n);
}
[[gnu::target("avx512f,avx512bw,prefer-vector-width=512")]] std::int32_t int8_avx512(const std::int8_t* a,
                                                                                     const std::int16_t* b,
                                                                                     std::size_t n) {
  return dot_loop(a, b, n);
}
#endif

DotInt8 best_int8() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512bw")) return &int8_avx512;
  if (__builtin_cpu_supports("avx2")) return &int8_avx2;
#endif
  return &int8_plain;
}

DotFloat best_float() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return &float_avx2;
#endif
  return &float_plain;
}

const DotInt8 kDotInt8 = best_int8();
const DotFloat kDotFloat = best_float();

constexpr std::size_t kStretch = 2048;  // rows that a thread takes at once

constexpr auto kBetter = [](const Near& a, const Near& b) {
  return a.score != b.score ? a.score > b.score : a.row < b.row;
};

/// The `count` best, the least of them last.
void keep_best(std::vector<Near>& found, std::size_t count) {
  std::ranges::nth_element(found, found.begin() + static_cast<std::ptrdiff_t>(count) - 1, kBetter);
  found.resize(count);
}

}  // namespace

float quantise(std::span<const float> values, std::span<std::int8_t> out) {
  float largest = 0;
  for (const float value : values) largest = std::max(largest, std::abs(value));
  const float scale = largest / 127.0F;
  for (std::size_t i = 0; i < values.size(); ++i) {
    out[i] = scale == 0 ? std::int8_t{0} : static_cast<std::int8_t>(std::lrint(values[i] / scale));
  }
  return scale;
}

void quantise_rest(std::span<const float> values, std::span<const std::int8_t> components, float scale,
                   std::span<std::int8_t> out) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    const float rest = scale == 0 ? 0 : values[i] / scale - static_cast<float>(components[i]);
    out[i] = static_cast<std::int8_t>(std::lrint(std::clamp(rest, -0.5F, 0.5F) * kRests));
  }
}

std::int32_t dot_int8(const std::int8_t* a, const std::int16_t* b, std::size_t dimension) {
  return kDotInt8(a, b, dimension);
}

float dot_float(const float* a, const float* b, std::size_t dimension) { return kDotFloat(a, b, dimension); }

Scan::Scan(const VectorRows& rows, std::span<const float> query, std::size_t count, float prior_weight,
           std::span<const std::uint8_t> keep)
    : rows_(rows), keep_(keep), count_(count), prior_weight_(prior_weight) {
  std::vector<std::int8_t> narrow(rows.dimension);
  scale_ = quantise(query, narrow);
  query_.assign(narrow.begin(), narrow.end());
}

void Scan::work() {
  // Twice as many as are wanted, then the worse half goes: cheaper than to keep the best in order.
  std::vector<Near> best;
  best.reserve(2 * count_);
  float least = -std::numeric_limits<float>::infinity();
  for (std::size_t first = next_.fetch_add(kStretch); first < rows_.count() && count_ > 0;
       first = next_.fetch_add(kStretch)) {
    for (std::size_t i = first; i < std::min(first + kStretch, rows_.count()); ++i) {
      if (!keep_.empty() && keep_[i] == 0) continue;
      const auto dot = kDotInt8(&rows_.components[i * rows_.dimension], query_.data(), rows_.dimension);
      const float score = static_cast<float>(dot) * (scale_ * rows_.scales[i]) + prior_weight_ * rows_.log_priors[i];
      if (score <= least) continue;  // rows come in order, so an equal one comes after those that are kept
      best.push_back({i, score});
      if (best.size() < 2 * count_) continue;
      keep_best(best, count_);
      least = best.back().score;
    }
  }
  if (best.size() > count_) keep_best(best, count_);
  const std::scoped_lock lock(mutex_);
  found_.insert(found_.end(), best.begin(), best.end());
}

std::vector<Near> Scan::take() {
  if (found_.size() > count_ && count_ > 0) keep_best(found_, count_);
  std::ranges::sort(found_, kBetter);
  return std::move(found_);
}

std::vector<Near> scan(const VectorRows& rows, std::span<const float> query, std::size_t count, float prior_weight,
                       std::span<const std::uint8_t> keep) {
  Scan all(rows, query, count, prior_weight, keep);
  all.work();
  return all.take();
}

}  // namespace gpiot::store
