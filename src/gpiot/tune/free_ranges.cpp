#include "gpiot/tune/free_ranges.h"

#include <algorithm>

namespace gpiot::tune {

std::optional<std::size_t> FreeRanges::take(std::size_t bytes) {
  const auto found =
      std::find_if(ranges_.begin(), ranges_.end(), [bytes](const auto& range) { return range.second >= bytes; });
  if (found == ranges_.end()) return std::nullopt;
  const auto [offset, length] = *found;
  ranges_.erase(found);
  if (length > bytes) ranges_.emplace(offset + bytes, length - bytes);
  top_ = std::max(top_, offset + bytes);
  return offset;
}

void FreeRanges::give(std::size_t offset, std::size_t bytes) {
  auto next = ranges_.lower_bound(offset);
  if (next != ranges_.end() && offset + bytes == next->first) {
    bytes += next->second;
    next = ranges_.erase(next);
  }
  if (next != ranges_.begin()) {
    const auto before = std::prev(next);
    if (before->first + before->second == offset) {
      before->second += bytes;
      return;
    }
  }
  ranges_.emplace_hint(next, offset, bytes);
}

}  // namespace gpiot::tune
