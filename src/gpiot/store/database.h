#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace gpiot::store {

/// A prepared statement. Parameters count from 1, columns from 0, as in SQLite. It must not outlive its database.
class Statement {
 public:
  /// For extensions, which have the connection only; others take Database::prepare. Errors: those of Database.
  Statement(sqlite3* database, std::string_view sql, std::string_view where);
  Statement& bind(int parameter, std::int64_t value);
  Statement& bind(int parameter, double value);
  /// The bytes are copied.
  Statement& bind(int parameter, std::string_view text);
  Statement& bind_blob(int parameter, std::span<const std::byte> bytes);

  /// True while there is a row. Errors: those of Database.
  bool step();
  /// Runs a statement that gives no rows, and makes it ready for other parameters.
  void run();
  /// Ready to be run again; the parameters stay.
  void reset();

  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] double real(int column) const;
  /// Valid until the next step.
  [[nodiscard]] std::string_view text(int column) const;
  [[nodiscard]] std::span<const std::byte> blob(int column) const;

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  void check(int code) const;

  sqlite3* database_;
  std::string where_;
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

enum class OpenMode {
  Read,   ///< an existing file, never changed
  Write,  ///< made where there is none
};

/// One connection to one SQLite file, used by one thread at a time. In WAL mode: readers see one state as long as their
/// transaction lasts, whatever is written meanwhile. Errors of all calls, with `where` of the constructor: NotFound,
/// Format (no database, or a broken one), Io (disk full, permission), Timeout (another process writes for over 60 s).
class Database {
 public:
  Database(const std::filesystem::path& file, OpenMode mode, std::string_view where);

  /// Runs statements without results.
  void execute(std::string_view sql);
  [[nodiscard]] Statement prepare(std::string_view sql);
  /// The one value of a query without parameters, 0 where there is no row.
  [[nodiscard]] std::int64_t integer(std::string_view sql);
  [[nodiscard]] std::int64_t last_row() const;
  /// For extensions of this module: tokenizers.
  [[nodiscard]] sqlite3* handle() const { return handle_.get(); }

 private:
  struct Close {
    void operator()(sqlite3* handle) const;
  };
  std::string where_;
  std::unique_ptr<sqlite3, Close> handle_;
};

/// A transaction that is undone unless `commit` is reached.
class Transaction {
 public:
  enum class Kind { Read, Write };
  explicit Transaction(Database& database, Kind kind = Kind::Write);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit();

 private:
  Database& database_;
  bool open_ = true;
};

}  // namespace gpiot::store
