#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

struct sqlite3;

namespace gpiot::store {

/// BM25F (Robertson, Zaragoza and Taylor 2004; k1 1.2, b .3 of each column) over the columns of passage_words: the sum
/// over the words of a query of rarity times saturated frequency. The frequency of a word in a passage is the sum over
/// the columns of count times weight times share.
inline constexpr std::size_t kWordColumns = 6;

/// A number for each column.
using WordColumns = std::array<float, kWordColumns>;

/// What a word counts that is in `with` of `rows` passages. Never below a little: as FTS5, a word in more than half of
/// all passages still counts.
[[nodiscard]] double rarity(std::int64_t rows, std::int64_t with);
[[nodiscard]] double saturated(double frequency);

/// What a word counts in each column of a passage: the less, the more tokens the column has beside the mean of those
/// that are not empty.
class ColumnShares {
 public:
  explicit ColumnShares(sqlite3* handle) : handle_(handle) {}

  /// Reads the lengths anew where the database has changed since. Errors: those of Database.
  void bring_up_to_date();
  /// By the id of a passage; null where they are not held.
  [[nodiscard]] const WordColumns* held(std::int64_t passage) const;
  /// The same, looked up where they are not held. Errors: those of Database.
  [[nodiscard]] WordColumns of_passage(std::int64_t passage) const;
  /// By the tokens of its columns.
  [[nodiscard]] WordColumns of(const WordColumns& lengths) const;

 private:
  void read_lengths();

  sqlite3* handle_;  // not the Database, which may move while a function of FTS5 stays
  std::int64_t generation_ = -1;
  std::vector<WordColumns> held_;
  WordColumns mean_{};
};

}  // namespace gpiot::store
