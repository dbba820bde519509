#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <span>
#include <vector>

namespace gpiot::store {

/// One row found, and how near it is: the dot product, a cosine for vectors of length 1, and what its prior adds.
struct Near {
  std::size_t row = 0;
  float score = 0;
};

/// Of the rest in eight bits, to the component.
inline constexpr float kRests = 254;

/// A vector in eight bits a component: value = component * scale.
/// `out` has as many components as `values`; the scale is returned, 0 for a vector of zeros.
float quantise(std::span<const float> values, std::span<std::int8_t> out);

/// What `components` (of quantise, with its scale) leave of `values`: value = (component + rest / 254) * scale.
void quantise_rest(std::span<const float> values, std::span<const std::int8_t> components, float scale,
                   std::span<std::int8_t> out);

/// Sum of products of two rows of `dimension` components, with the widest instructions this processor has. The second
/// one of dot_int8 has the numbers of eight bits (-127 to 127) in sixteen: widened once, not with every row.
[[nodiscard]] std::int32_t dot_int8(const std::int8_t* a, const std::int16_t* b, std::size_t dimension);
[[nodiscard]] float dot_float(const float* a, const float* b, std::size_t dimension);

/// Rows of eight bits that somebody else holds, one for each vector of each passage.
struct VectorRows {
  std::size_t dimension = 0;
  std::span<const std::int64_t> vectors;    ///< [rows] id of the vector
  std::span<const std::int64_t> passages;   ///< [rows] id of the passage that it stands for
  std::span<const float> log_priors;        ///< [rows] of that passage
  std::span<const float> scales;            ///< [rows]
  std::span<const std::int8_t> components;  ///< [rows, dimension]
  std::span<const std::int8_t> rests;       ///< the same: what eight bits leave (quantise_rest), for the few best
  [[nodiscard]] std::size_t count() const { return vectors.size(); }
};

/// The `count` nearest rows to `query` [dimension], best first, by comparing with every one of them; the logarithm of
/// the prior is added, times `prior_weight`. Equal ones in the order of the rows. With `keep` (one byte for each row;
/// empty = all), only rows whose byte is not 0. `rows` and `keep` must outlive it.
class Scan {
 public:
  Scan(const VectorRows& rows, std::span<const float> query, std::size_t count, float prior_weight,
       std::span<const std::uint8_t> keep);
  /// Compares with rows until none is left; any number of threads may work at the same time, and begin late.
  void work();
  /// Once, after all threads are back.
  [[nodiscard]] std::vector<Near> take();

 private:
  const VectorRows& rows_;
  std::span<const std::uint8_t> keep_;
  std::size_t count_;
  float prior_weight_;
  float scale_ = 0;
  std::vector<std::int16_t> query_;
  std::atomic<std::size_t> next_ = 0;
  std::mutex mutex_;
  std::vector<Near> found_;
};

/// All of it by this thread.
[[nodiscard]] std::vector<Near> scan(const VectorRows& rows, std::span<const float> query, std::size_t count,
                                     float prior_weight = 0, std::span<const std::uint8_t> keep = {});

}  // namespace gpiot::store
