#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "gpiot/store/database.h"
#include "gpiot/store/knowledge.h"
#include "gpiot/store/query_words.h"
#include "gpiot/store/vector_scan.h"

namespace gpiot::store {

/// What passages must be; empty = anything.
struct Filter {
  std::vector<std::string> sources;  ///< one of these names: packages or paths
  std::vector<std::string> kinds;    ///< of the passage, one of these
  std::string version = {};          ///< of the package
  std::string licence = {};          ///< of the source
  [[nodiscard]] bool empty() const { return sources.empty() && kinds.empty() && version.empty() && licence.empty(); }
};

/// A passage in one list of results; higher scores are better.
struct Scored {
  std::int64_t passage = 0;
  double score = 0;
};

/// Weights of a word's place in BM25.
struct WordWeights {
  double own = 8, summary = 4, head = 2, body = 1, uses = 6, errors = 1;
};

/// A passage with where it is from.
struct FoundPassage {
  Passage passage;
  std::string source_kind, source, version, licence, document, span;
};

/// A query by words.
struct WordQuery {
  std::string text;  ///< in the syntax of FTS5, empty = nothing is looked for
  std::string rows;  ///< how many passages have each word, "12 -1 7", -1 = not counted; empty = none is
};

/// A query for any of the words of `text` (words_of) that are in a passage at all and within the limits.
[[nodiscard]] WordQuery word_query(Database& database, std::string_view text, std::span<const std::string> left_out,
                                   const WordLimits& limits);
/// By BM25F times the passages' priors, best first.
[[nodiscard]] std::vector<Scored> by_words(Database& database, const WordQuery& query, const WordWeights& weights,
                                           const Filter& filter, std::size_t count);
/// A list is made longer by so much before the priors are looked at.
inline constexpr std::size_t kSparePassages = 2;
/// Which of these passages the filter lets through, a byte each; empty where it lets all through.
[[nodiscard]] std::vector<std::uint8_t> kept_passages(Database& database, std::span<const std::int64_t> passages,
                                                      const Filter& filter);
/// How many rows `scan` is to give for so many passages: one may have several.
[[nodiscard]] std::size_t rows_for(std::size_t passages);
/// The passages of scanned rows, each by all of its rows (log-sum-exp of their scores: the nearest counts most); the
/// first `rescored_count` rows are scored anew (rescored).
[[nodiscard]] std::vector<Scored> by_vector(const VectorRows& rows, std::vector<Near> near,
                                            std::span<const float> query, std::size_t count, float prior_weight = 0,
                                            std::size_t rescored_count = 200);

/// The passages in this order; one that is gone is left out.
[[nodiscard]] std::vector<FoundPassage> read_passages(Database& database, std::span<const std::int64_t> ids);
/// The object with this public name, one of its aliases included.
[[nodiscard]] std::optional<Object> find_object(Database& database, const std::string& name);

}  // namespace gpiot::store
