#pragma once

#include <c10/core/Allocator.h>

#include <cstddef>
#include <mutex>

#include "gpiot/tune/free_ranges.h"

namespace gpiot::tune {

/// Memory of tensors on the CPU for work in steps: large arrays lie in one stretch of addresses, apart from small ones,
/// and what is free is used again and kept. glibc's heap grew from step to step, to twice what one step needs, where
/// documents have many lengths: a small array that stays above a large free one keeps the next larger one out.
/// It outlives all that it gave.
class StepMemory final : public c10::Allocator {
 public:
  /// `bytes`: of addresses that are set apart; memory is taken when it is written. Where the system refuses them, all
  /// arrays come from the heap.
  explicit StepMemory(std::size_t bytes);
  StepMemory(const StepMemory&) = delete;
  StepMemory& operator=(const StepMemory&) = delete;
  ~StepMemory() override;

  /// Errors: std::bad_alloc where neither has room.
  c10::DataPtr allocate(std::size_t bytes) override;
  [[nodiscard]] c10::DeleterFnPtr raw_deleter() const override;
  void copy_data(void* to, const void* from, std::size_t bytes) const override;
  /// How far large arrays ever reached, bytes.
  [[nodiscard]] std::size_t top_bytes();

 private:
  struct Head;
  [[nodiscard]] Head* place(std::size_t bytes);
  static void release(void* data);

  std::byte* first_ = nullptr;
  std::size_t bytes_;
  std::mutex mutex_;
  FreeRanges free_;
};

}  // namespace gpiot::tune
