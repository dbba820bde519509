#include "gpiot/store/fts5.h"

#include <sqlite3.h>

#include "gpiot/base/error.h"
#include "gpiot/store/database.h"

namespace gpiot::store {

fts5_api* fts5_of(Database& database) {
  fts5_api* api = nullptr;
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(database.handle(), "SELECT fts5(?1)", -1, &statement, nullptr) == SQLITE_OK) {
    sqlite3_bind_pointer(statement, 1, static_cast<void*>(&api), "fts5_api_ptr", nullptr);
    sqlite3_step(statement);
  }
  sqlite3_finalize(statement);
  if (api == nullptr) {
    throw base::Error(base::ErrorCode::Unsupported, "store.open", "SQLite was built without FTS5",
                      "set gpiot up again: ./gpiot setup");
  }
  return api;
}

}  // namespace gpiot::store
