#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

struct Fts5Context;
struct Fts5ExtensionApi;
struct fts5_api;
struct sqlite3_value;

namespace gpiot::store {

class Database;

/// The interface of SQLite's full-text search for extensions of this connection.
/// Errors: Unsupported where SQLite has no FTS5.
[[nodiscard]] fts5_api* fts5_of(Database& database);

/// Empty for a value that is no text. Valid as long as the value is.
[[nodiscard]] std::string_view text_of(sqlite3_value* value);

/// In how many rows of the index each phrase of the query is: as `counted` says (WordQuery::rows), and counted here
/// where it says -1 or has another number of words, which takes a pass over these rows. A code of SQLite.
[[nodiscard]] int rows_with_words(const Fts5ExtensionApi* api, Fts5Context* context, std::string_view counted,
                                  std::vector<std::int64_t>& out);

}  // namespace gpiot::store
