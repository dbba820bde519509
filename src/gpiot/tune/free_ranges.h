#pragma once

#include <cstddef>
#include <map>
#include <optional>

namespace gpiot::tune {

/// Which bytes of a stretch of addresses are free. What is taken lies as low as it can: large arrays that come and go
/// in another order in every step then share one stretch, whose top is little above what they need at their most.
class FreeRanges {
 public:
  explicit FreeRanges(std::size_t bytes) : ranges_{{0, bytes}} {}
  /// Where `bytes` (> 0) may lie; nothing where no free range is that long.
  [[nodiscard]] std::optional<std::size_t> take(std::size_t bytes);
  /// Gives back what take gave for as many bytes.
  void give(std::size_t offset, std::size_t bytes);
  /// One past the highest byte that was ever taken.
  [[nodiscard]] std::size_t top() const { return top_; }

 private:
  std::map<std::size_t, std::size_t> ranges_;  ///< offset to length; no two of them touch
  std::size_t top_ = 0;
};

}  // namespace gpiot::tune
