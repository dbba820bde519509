#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gpiot::store {

/// How many rows of an index the words of a query may be in; 0 = any number. The time of a search grows with their sum.
struct WordLimits {
  std::int64_t each = 0;      ///< a word in more of them is left out
  std::int64_t together = 0;  ///< the rarest words are taken whose rows are no more than this in sum
};

/// The words of a query as the index parts them, in lower case, each once and in order; an identifier of several parts
/// is a word as a whole, too. None of `left_out` (lower case).
[[nodiscard]] std::vector<std::string> words_of(std::string_view text, std::span<const std::string> left_out);

/// Which words stay, in order, by the number of rows that each is in. The rarest one always does.
[[nodiscard]] std::vector<std::size_t> words_within(std::span<const std::int64_t> rows, const WordLimits& limits);

}  // namespace gpiot::store
