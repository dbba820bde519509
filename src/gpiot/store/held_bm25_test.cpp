#include "gpiot/store/held_bm25.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <random>

#include "gpiot/store/knowledge_database.h"
#include "gpiot/store/knowledge_writer.h"

namespace gpiot::store {
namespace {

namespace fs = std::filesystem;

class HeldBm25 : public ::testing::Test {
 protected:
  void SetUp() override { fs::remove_all(folder_); }
  void TearDown() override { fs::remove_all(folder_); }

  Database open() { return open_to_write(folder_, {"tiny.gguf", "abc", 8, 256, 1000}); }

  /// Passages of 1 to 400 words of a vocabulary in which few words are frequent.
  void put(Database& database, const std::string& document, std::size_t count) {
    std::vector<Passage> passages(count);
    std::geometric_distribution<int> any_word(0.05);
    std::uniform_int_distribution<int> any_length(1, 400);
    for (auto& passage : passages) {
      passage.title = fmt::format("word{}", any_word(engine_));
      passage.own = passage.title;
      for (int i = any_length(engine_); i > 0; --i) passage.body += fmt::format("word{} ", any_word(engine_));
      passage.embedded = {{{passage.body, 1.0F}}};
    }
    Transaction change(database);
    KnowledgeWriter writer(database);
    Source source;
    source.name = "s";
    writer.put_document(writer.put_source(source), {document, "hash", "", "text", "character", ""}, passages, {});
    change.commit();
  }

  /// How many passages both functions scored, all of them with the same number.
  static int same_scores(Database& database, const std::string& query) {
    auto rows = database.prepare(
        fmt::format("SELECT rowid, bm25(passage_words, 8, 4, 2, 1), {}(passage_words, 8, 4, 2, 1) FROM passage_words "
                    "WHERE passage_words MATCH ?1",
                    kHeldBm25));
    rows.bind(1, query);
    int count = 0;
    for (; rows.step(); ++count)
      EXPECT_DOUBLE_EQ(rows.real(1), rows.real(2)) << query << ", passage " << rows.integer(0);
    return count;
  }

  fs::path folder_ = fs::temp_directory_path() / ("gpiot-bm25-" + std::to_string(::getpid()));
  std::mt19937 engine_{1};
};

TEST_F(HeldBm25, GivesTheScoresOfFts5) {
  auto database = open();
  put(database, "a", 300);
  EXPECT_GT(same_scores(database, "word3"), 100);
  EXPECT_GT(same_scores(database, "word0 OR word30 OR word60 OR nothing"), 100);
  EXPECT_GT(same_scores(database, "\"word1 word2\""), 10);
  EXPECT_EQ(same_scores(database, "nothing"), 0);
}

TEST_F(HeldBm25, SaysWhichShareOfTheQueryStandsInTheMessages) {
  auto database = open();
  put(database, "a", 200);
  database.execute(
      "INSERT INTO passage(document, kind, title, names, text, part, parts, first, last, prior) "
      "VALUES(1, '', '', '', '', 1, 1, 0, 0, 1)");
  database.execute(
      "INSERT INTO passage_words(rowid, own, body, errors) VALUES(last_insert_rowid(), 'cut', 'taper', 'odd length')");
  const auto share = [&](const std::string& query) {
    auto rows = database.prepare(fmt::format(
        "SELECT {}(passage_words, 8, 4, 2, 1, 6, 1) AS score, {}(passage_words) FROM passage_words WHERE passage_words "
        "MATCH ?1 ORDER BY score LIMIT 1",
        kHeldBm25, kMessageShare));
    rows.bind(1, query);
    return rows.step() ? rows.real(1) : -1.0;
  };
  EXPECT_DOUBLE_EQ(share("odd OR length"), 1.0);
  EXPECT_DOUBLE_EQ(share("odd OR taper"), 0.5) << "two words of the same rarity";
  EXPECT_DOUBLE_EQ(share("taper"), 0.0);
  EXPECT_LT(share("cut OR word3"), share("odd OR word3"));
}

TEST_F(HeldBm25, SeesWhatAnotherConnectionHasChanged) {
  auto reader = open();
  put(reader, "a", 50);
  const int before = same_scores(reader, "word3");
  auto writer = open();
  put(writer, "a", 80);  // in place of the others, with their ids
  put(writer, "b", 80);
  EXPECT_GT(same_scores(reader, "word3"), before);
}

TEST_F(HeldBm25, APassageFarBeyondTheOthersIsLookedUp) {
  auto database = open();
  put(database, "a", 20);
  database.execute("PRAGMA foreign_keys = OFF");
  database.execute(
      "INSERT INTO passage(id, document, kind, title, names, text, part, parts, first, last, prior) "
      "VALUES(9000000000000000000, 1, '', '', '', '', 1, 1, 0, 0, 1)");
  database.execute("INSERT INTO passage_words(rowid, own, body) VALUES(9000000000000000000, 'far', 'far away word3')");
  database.execute("UPDATE meta SET value = value + 1 WHERE key = 'generation'");
  EXPECT_EQ(same_scores(database, "far"), 1);
  EXPECT_GT(same_scores(database, "word3"), 5);
}

}  // namespace
}  // namespace gpiot::store
