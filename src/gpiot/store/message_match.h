#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "gpiot/store/knowledge_reader.h"

namespace gpiot::store {

/// Name of the function in SQL: kMessageMatch(message_words, rows of the words as in WordQuery, least), from 0 to 1, or
/// 0 where it is below `least`: how much of the query a message is, by the rarity of the words, and how much of the
/// message the query is; the geometric mean of both shares.
inline constexpr std::string_view kMessageMatch = "message_match";

/// Makes it known to this connection. Errors: Unsupported where SQLite has no FTS5.
void add_message_match(Database& database);

/// What is to be taken for a message.
struct MessageLimits {
  double least = 0;          ///< match of a message
  double kept_per_call = 1;  ///< what is left of the match for each call between a function and the message
};

/// Passages whose error messages match, by their best message; of equal ones those with the higher prior first. `query`
/// of word_query(..., WordIndex::Messages).
[[nodiscard]] std::vector<Scored> by_messages(Database& database, const WordQuery& query, const MessageLimits& limits,
                                              const Filter& filter, std::size_t count);

}  // namespace gpiot::store
