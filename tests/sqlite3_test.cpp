// What gpiot relies on in the SQLite that it is linked with, whether the set-up built it or GPIOT_SQLITE names it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace {

using testing::ElementsAre;
using Database = std::unique_ptr<sqlite3, decltype(&sqlite3_close)>;
using Rows = std::vector<std::string>;

Database open(const std::string& path) {
  sqlite3* handle = nullptr;
  EXPECT_EQ(sqlite3_open(path.c_str(), &handle), SQLITE_OK);
  return {handle, &sqlite3_close};
}

// The first column of each row.
Rows rows_of(const Database& database, const std::string& sql) {
  Rows rows;
  const auto add = [](void* to, int, char** values, char**) {
    static_cast<Rows*>(to)->emplace_back(values[0] != nullptr ? values[0] : "NULL");
    return 0;
  };
  EXPECT_EQ(sqlite3_exec(database.get(), sql.c_str(), add, &rows, nullptr), SQLITE_OK)
      << sqlite3_errmsg(database.get());
  return rows;
}

class Sqlite3 : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "gpiot-sqlite-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string path() const { return (folder_ / "a.db").string(); }

 private:
  std::filesystem::path folder_;
};

TEST_F(Sqlite3, IsNewerThanTheWalResetBugAndOneWithItsHeader) {
  EXPECT_GE(sqlite3_libversion_number(), 3051003);
  EXPECT_EQ(sqlite3_libversion_number(), SQLITE_VERSION_NUMBER);
  EXPECT_STREQ(sqlite3_sourceid(), SQLITE_SOURCE_ID);
}

TEST_F(Sqlite3, IsSafeForThreads) { EXPECT_EQ(sqlite3_threadsafe(), 1); }

TEST_F(Sqlite3, RanksTextsWithFts5) {
  const Database database = open(path());
  rows_of(database, "CREATE VIRTUAL TABLE t USING fts5(body, tokenize = 'porter unicode61')");
  rows_of(database, "INSERT INTO t VALUES ('filtering of noise'), ('a filter, and filters, and filtered'), ('peaks')");
  EXPECT_THAT(rows_of(database, "SELECT rowid FROM t WHERE t MATCH 'filter' ORDER BY bm25(t)"), ElementsAre("2", "1"));
}

TEST_F(Sqlite3, ReadsWhileAnotherConnectionWritesInWalMode) {
  const Database writer = open(path()), reader = open(path());
  EXPECT_THAT(rows_of(writer, "PRAGMA journal_mode = WAL"), ElementsAre("wal"));
  rows_of(writer, "CREATE TABLE t(x); INSERT INTO t VALUES (1)");
  rows_of(reader, "BEGIN");
  EXPECT_THAT(rows_of(reader, "SELECT x FROM t"), ElementsAre("1"));
  rows_of(writer, "INSERT INTO t VALUES (2)");
  EXPECT_THAT(rows_of(reader, "SELECT x FROM t"), ElementsAre("1"));
  rows_of(reader, "END");
  EXPECT_THAT(rows_of(reader, "SELECT x FROM t"), ElementsAre("1", "2"));
  // SQLITE_DEFAULT_WAL_SYNCHRONOUS: 1 is NORMAL.
  EXPECT_THAT(rows_of(reader, "PRAGMA synchronous"), ElementsAre("1"));
}

TEST_F(Sqlite3, TakesNoTextInDoubleQuotesAndLoadsNoExtension) {
  const Database database = open(":memory:");
  EXPECT_EQ(sqlite3_exec(database.get(), "SELECT \"text\"", nullptr, nullptr, nullptr), SQLITE_ERROR);
  EXPECT_EQ(sqlite3_exec(database.get(), "SELECT load_extension('x')", nullptr, nullptr, nullptr), SQLITE_ERROR);
  EXPECT_STREQ(sqlite3_errmsg(database.get()), "no such function: load_extension");
}

}  // namespace
