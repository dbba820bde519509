#pragma once

#include <string_view>

namespace gpiot::store {

class Database;

/// Name of the function in SQL: kHeldBm25(passage_words, rows of the words as in WordQuery, weight of the first column,
/// ...).
inline constexpr std::string_view kHeldBm25 = "bm25f_held";

/// Makes it known to this connection: BM25F (Robertson, Zaragoza and Taylor 2004; k1 1.2, b .3), the least number for
/// the best passage as FTS5's bm25(). Each column is measured against its own mean length, so that a long text makes no
/// name count less. FTS5 would look the lengths up in a table, passage by passage; here those of a state (generation)
/// of the knowledge base are read once and held, 24 bytes a passage. Errors: Unsupported where SQLite has no FTS5.
void add_held_bm25(Database& database);

}  // namespace gpiot::store
