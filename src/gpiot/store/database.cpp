#include "gpiot/store/database.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include "gpiot/base/error.h"
#include "gpiot/base/strings.h"

namespace gpiot::store {
namespace {

using base::Error;
using base::ErrorCode;

constexpr int kBusyMs = 60'000;
/// Readers map the file up to this size: pages are not copied. No writer of ours ever cuts it shorter.
constexpr std::int64_t kMappedBytes = std::int64_t{1} << 30;

[[noreturn]] void fail(sqlite3* handle, int code, const std::string& where) {
  const std::string words = handle != nullptr ? sqlite3_errmsg(handle) : sqlite3_errstr(code);
  switch (code & 0xff) {
    case SQLITE_CANTOPEN:
      throw Error(ErrorCode::NotFound, where, "the database cannot be opened: " + words);
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
      throw Error(ErrorCode::Format, where, "the file is no sound database: " + words,
                  "move it away and build it anew");
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      throw Error(ErrorCode::Timeout, where, fmt::format("another process has been writing for {} s", kBusyMs / 1000),
                  "wait for it, or end it");
    case SQLITE_FULL:
      throw Error(ErrorCode::Io, where, "no space left on the disk", "free some space");
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_IOERR:
      throw Error(ErrorCode::Io, where, "the database cannot be written or read: " + words);
    default:
      throw Error(ErrorCode::Internal, where, "the database refused a statement: " + words);
  }
}

}  // namespace

void Statement::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
void Database::Close::operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }

Statement::Statement(sqlite3* database, std::string_view sql, std::string_view where)
    : database_(database), where_(where) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v2(database, sql.data(), static_cast<int>(sql.size()), &statement, nullptr);
  statement_.reset(statement);
  check(code);
}

void Statement::check(int code) const {
  if (code != SQLITE_OK) fail(database_, code, where_);
}

Statement& Statement::bind(int parameter, std::int64_t value) {
  check(sqlite3_bind_int64(statement_.get(), parameter, value));
  return *this;
}

Statement& Statement::bind(int parameter, double value) {
  check(sqlite3_bind_double(statement_.get(), parameter, value));
  return *this;
}

Statement& Statement::bind(int parameter, std::string_view text) {
  // An empty view may have no address, and SQLite would read that as NULL.
  check(sqlite3_bind_text64(statement_.get(), parameter, text.empty() ? "" : text.data(), text.size(), SQLITE_TRANSIENT,
                            SQLITE_UTF8));
  return *this;
}

Statement& Statement::bind_blob(int parameter, std::span<const std::byte> bytes) {
  check(sqlite3_bind_blob64(statement_.get(), parameter, bytes.data(), bytes.size(), SQLITE_TRANSIENT));
  return *this;
}

bool Statement::step() {
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) fail(database_, code, where_);
  return false;
}

void Statement::run() {
  while (step()) {
  }
  reset();
}

void Statement::reset() { check(sqlite3_reset(statement_.get())); }

std::int64_t Statement::integer(int column) const { return sqlite3_column_int64(statement_.get(), column); }
double Statement::real(int column) const { return sqlite3_column_double(statement_.get(), column); }

std::string_view Statement::text(int column) const {
  const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), column));
  return bytes == nullptr
             ? std::string_view{}
             : std::string_view(bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column)));
}

std::span<const std::byte> Statement::blob(int column) const {
  const auto* bytes = static_cast<const std::byte*>(sqlite3_column_blob(statement_.get(), column));
  return {bytes, bytes == nullptr ? 0 : static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

Database::Database(const std::filesystem::path& file, OpenMode mode, std::string_view where) : where_(where) {
  const int flags = mode == OpenMode::Read ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  sqlite3* handle = nullptr;
  int code = sqlite3_open_v2(file.c_str(), &handle, flags | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_EXRESCODE, nullptr);
  handle_.reset(handle);
  if (code != SQLITE_OK) fail(handle, code, where_);
  sqlite3_busy_timeout(handle, kBusyMs);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  execute("PRAGMA foreign_keys = ON");
  if (mode == OpenMode::Read) {
    execute("PRAGMA query_only = ON");
    execute(fmt::format("PRAGMA mmap_size = {}", kMappedBytes));
  } else {
    execute("PRAGMA journal_mode = WAL");
    execute("PRAGMA synchronous = NORMAL");
  }
}

void Database::execute(std::string_view sql) {
  const int code = sqlite3_exec(handle_.get(), std::string(sql).c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) fail(handle_.get(), code, where_);
}

Statement Database::prepare(std::string_view sql) { return Statement(handle_.get(), sql, where_); }

std::int64_t Database::integer(std::string_view sql) {
  auto statement = prepare(sql);
  return statement.step() ? statement.integer(0) : 0;
}

std::int64_t Database::last_row() const { return sqlite3_last_insert_rowid(handle_.get()); }

Transaction::Transaction(Database& database, Kind kind) : database_(database) {
  database_.execute(kind == Kind::Write ? "BEGIN IMMEDIATE" : "BEGIN");
}

Transaction::~Transaction() {
  if (open_) sqlite3_exec(database_.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
}

void Transaction::commit() {
  database_.execute("COMMIT");
  open_ = false;
}

}  // namespace gpiot::store
