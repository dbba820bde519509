#pragma once

struct fts5_api;

namespace gpiot::store {

class Database;

/// The interface of SQLite's full-text search for extensions of this connection.
/// Errors: Unsupported where SQLite has no FTS5.
[[nodiscard]] fts5_api* fts5_of(Database& database);

}  // namespace gpiot::store
