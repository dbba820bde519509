#pragma once

#include <ATen/ATen.h>

#include <array>
#include <cstdint>
#include <vector>

#include "gpiot/tune/adapters.h"
#include "gpiot/tune/documents.h"

namespace gpiot::tune {

/// One record as tokens: the loss counts the tokens from `answer_start` to the end.
struct Example {
  Task task = Task::tdd;
  std::vector<std::int32_t> tokens;
  std::size_t answer_start = 0;
  std::size_t record = 0;  ///< its number in the data
};

/// Documents of both tasks in one row of tokens, without padding: those of TDD first.
struct Batch {
  at::Tensor tokens;                   ///< [rows] int64
  at::Tensor positions;                ///< [rows] int64, from 0 in each document
  Documents documents;                 ///< where each begins
  std::array<std::int64_t, 3> task{};  ///< rows of TDD are task[0] to task[1], of CGD task[1] to task[2]
  at::Tensor targets;                  ///< [counted] rows whose next token is counted, ascending
  at::Tensor labels;                   ///< [counted] that token
  std::int64_t tdd_targets = 0;        ///< how many of them are of TDD (the first)

  [[nodiscard]] std::int64_t rows() const { return documents.offsets.empty() ? 0 : documents.offsets.back(); }
  [[nodiscard]] std::int64_t counted() const { return targets.defined() ? targets.numel() : 0; }
};

/// Packs examples. `paired` (Eq. 10, mode `paired`): each document stands in both halves, in the same order, and is
/// counted in that of its own task.
[[nodiscard]] Batch pack(const std::vector<const Example*>& examples, bool paired, at::Device device);

}  // namespace gpiot::tune
