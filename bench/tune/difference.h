#pragma once

#include <algorithm>
#include <cstdint>

#include "gpiot/base/json.h"
#include "gpiot/tune/step.h"

namespace gpiot::bench {

/// How far logits are from those wanted: the mean KL divergence of the next token, and the share of rows whose
/// likeliest token is the same. Sums, in double, some rows at a time: a vocabulary is wide.
struct Difference {
  double kl = 0;
  std::int64_t same_top = 0, rows = 0;

  /// [rows, vocabulary], both.
  void add(const at::Tensor& wanted, const at::Tensor& got) {
    constexpr std::int64_t kRows = 128;
    for (std::int64_t from = 0; from < wanted.size(0); from += kRows) {
      const std::int64_t count = std::min(kRows, wanted.size(0) - from);
      const at::Tensor p = at::log_softmax(wanted.narrow(0, from, count).to(at::kDouble), 1);
      const at::Tensor q = at::log_softmax(got.narrow(0, from, count).to(at::kDouble), 1);
      kl += (p.exp() * (p - q)).sum().item<double>();
      same_top += p.argmax(1).eq(q.argmax(1)).sum().item<std::int64_t>();
    }
    rows += wanted.size(0);
  }
  [[nodiscard]] double mean_kl() const { return kl / static_cast<double>(rows); }
  [[nodiscard]] base::Json json() const {
    return {{"mean_kl", mean_kl()},
            {"same_top", static_cast<double>(same_top) / static_cast<double>(rows)},
            {"positions", rows}};
  }
};

}  // namespace gpiot::bench
