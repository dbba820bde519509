#pragma once

#include <string_view>

namespace gpiot::store {

class Database;

/// Name of the function in SQL: kHeldBm25(passage_words, weight of the first column, ...).
inline constexpr std::string_view kHeldBm25 = "bm25_held";

/// Beside it in the same row: which share of the query, by the rarity of its words, stands in the column of error
/// messages.
inline constexpr std::string_view kMessageShare = "message_share";

/// Makes it known to this connection: the numbers of FTS5's own bm25() (Robertson's BM25, k1 1.2, b .75), which looks
/// the length of every passage up in a table; here all lengths of a state (generation) of the knowledge base are read
/// once and held, 4 bytes a passage. Errors: Unsupported where SQLite has no FTS5.
void add_held_bm25(Database& database);

}  // namespace gpiot::store
