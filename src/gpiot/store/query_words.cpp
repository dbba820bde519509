#include "gpiot/store/query_words.h"

#include <algorithm>
#include <numeric>

#include "gpiot/base/strings.h"
#include "gpiot/store/identifier_tokenizer.h"

namespace gpiot::store {

std::vector<std::string> words_of(std::string_view text, std::span<const std::string> left_out) {
  std::vector<std::string> words;
  const auto add = [&](std::string word) {
    const bool known = std::ranges::find(words, word) != words.end();
    if (!known && std::ranges::find(left_out, word) == left_out.end()) words.push_back(std::move(word));
  };
  for (const auto& identifier : identifiers_of(text)) {
    for (const auto& part : identifier.parts) add(base::to_lower(text.substr(part.begin, part.end - part.begin)));
    if (identifier.parts.size() > 1) add(whole_token(text.substr(identifier.begin, identifier.end - identifier.begin)));
  }
  return words;
}

std::vector<std::size_t> words_within(std::span<const std::int64_t> rows, const WordLimits& limits) {
  std::vector<std::size_t> by_rarity(rows.size());
  std::iota(by_rarity.begin(), by_rarity.end(), 0);
  std::ranges::stable_sort(by_rarity, {}, [&](std::size_t word) { return rows[word]; });
  std::int64_t sum = 0;
  std::vector<std::size_t> kept;
  for (const auto word : by_rarity) {
    sum += rows[word];
    const bool too_many =
        (limits.each > 0 && rows[word] > limits.each) || (limits.together > 0 && sum > limits.together);
    if (kept.empty() || !too_many) kept.push_back(word);
  }
  std::ranges::sort(kept);
  return kept;
}

}  // namespace gpiot::store
