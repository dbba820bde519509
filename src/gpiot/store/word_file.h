#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>
#include <vector>

#include "gpiot/store/mapped_file.h"

namespace gpiot::store {

/// The words of all passages that somebody else holds.
struct WordRows {
  std::span<const std::int64_t> passages;         ///< [passages] ids, in order
  std::span<const double> priors;                 ///< [passages]
  std::span<const std::uint64_t> first_letters;   ///< [words + 1] of each word in letters; words in the order of bytes
  std::span<const std::uint64_t> first_postings;  ///< [words + 1] of each word in places and scores
  std::span<const std::uint32_t> places;          ///< [postings] in passages, in order
  std::span<const float> scores;                  ///< [postings] what the word adds to that passage's BM25F
  std::span<const char> letters;

  struct Postings {
    std::span<const std::uint32_t> places;
    std::span<const float> scores;
  };
  /// Of a token of the index; none where no passage has it.
  [[nodiscard]] Postings with(std::string_view word) const;
};

/// The words of a store with their passages, held in memory or mapped from the file beside it. The file is made from
/// the index of words in the database and may be missing or old at any time: `generation` says which state of the
/// database it shows.
class WordFile {
 public:
  /// Maps the file; empty (generation -1) where there is none, or where it is not whole.
  [[nodiscard]] static WordFile map(const std::filesystem::path& file);
  struct Columns {
    std::vector<std::int64_t> passages;
    std::vector<double> priors;
    std::vector<std::uint64_t> first_letters, first_postings;
    std::vector<std::uint32_t> places;
    std::vector<float> scores;
    std::vector<char> letters;
  };
  /// Takes the columns over into memory.
  [[nodiscard]] static WordFile hold(std::int64_t generation, Columns columns);
  /// Writes them beside `file` and renames: who has mapped the old one keeps it. Errors: Io.
  void write(const std::filesystem::path& file) const;

  [[nodiscard]] const WordRows& rows() const { return rows_; }
  [[nodiscard]] std::int64_t generation() const { return generation_; }

 private:
  WordRows rows_;
  std::int64_t generation_ = -1;
  MappedFile mapped_;
  Columns columns_;  // vectors keep their addresses when they are moved
};

}  // namespace gpiot::store
