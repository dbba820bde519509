#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "gpiot/store/knowledge_reader.h"

namespace gpiot::store {

/// What is to be taken for a message.
struct MessageLimits {
  double least = 0;          ///< match of a message, from 0 to 1
  double kept_per_call = 1;  ///< what is left of the match for each call between a function and the message
  WordLimits words;          ///< in how many messages words of the query may be
};

/// The words of all error messages, held in memory: they are few (some thousands) and asked with every query.
class MessageIndex {
 public:
  /// Reads them anew where the database has changed since. Errors: those of Database.
  void bring_up_to_date(Database& database);

  /// Passages whose error messages match `text`, by their best message; of equal ones those with the higher prior
  /// first. A match is the geometric mean of how much of the query the message is, by the rarity of the words, and how
  /// much of the message the query is. Words of `left_out` (lower case) are none of the query. Errors: those of
  /// Database.
  [[nodiscard]] std::vector<Scored> find(Database& database, std::string_view text,
                                         std::span<const std::string> left_out, const MessageLimits& limits,
                                         const Filter& filter, std::size_t count) const;

 private:
  struct Message {
    std::int64_t id = 0;
    std::int64_t tokens = 0;
  };
  struct Match {
    std::int64_t message = 0;
    double score = 0;
  };
  struct TextHash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  /// The places in messages_ of those that have the word, each word of the query within the limits.
  [[nodiscard]] std::vector<std::span<const std::uint32_t>> messages_with(Database& database, std::string_view text,
                                                                          std::span<const std::string> left_out,
                                                                          const WordLimits& limits) const;
  [[nodiscard]] std::vector<Match> matching(std::span<const std::span<const std::uint32_t>> words, double least) const;

  std::int64_t generation_ = -1;
  std::vector<Message> messages_;
  std::unordered_map<std::string, std::vector<std::uint32_t>, TextHash, std::equal_to<>> with_;  // by word
};

}  // namespace gpiot::store
