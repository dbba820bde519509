#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gpiot/store/database.h"
#include "gpiot/store/knowledge_reader.h"
#include "gpiot/store/query_words.h"
#include "gpiot/store/word_file.h"

namespace gpiot::store {

/// The words of all passages, read from the index in the database, with BM25F by WordWeights as they are by default.
/// Errors: those of Database.
[[nodiscard]] WordFile read_words(Database& database);

/// What by_words finds in the database for the same text, without asking FTS5: by BM25F times the passages' priors,
/// best first. Nothing where a word of the text is no single token, so that it has to be looked for as a phrase.
/// `words` must show the state of this transaction. Errors: those of Database.
[[nodiscard]] std::optional<std::vector<Scored>> by_words(Database& database, const WordRows& words,
                                                          std::string_view text, std::span<const std::string> left_out,
                                                          const WordLimits& limits, const Filter& filter,
                                                          std::size_t count);

/// Writes the file of words beside the database, where it shows an older state.
void publish_words(Database& database, const std::filesystem::path& folder);

}  // namespace gpiot::store
