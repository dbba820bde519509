#include "gpiot/store/held_bm25.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <random>

#include "gpiot/base/strings.h"
#include "gpiot/store/knowledge_database.h"
#include "gpiot/store/knowledge_writer.h"

namespace gpiot::store {
namespace {

namespace fs = std::filesystem;

struct Text {
  std::vector<std::string> own, body;
};
using Texts = std::map<std::int64_t, Text>;

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
      std::vector<std::string> words;
      for (int i = any_length(engine_); i > 0; --i) words.push_back(fmt::format("word{}", any_word(engine_)));
      passage.text = passage.body = base::join(words, " ");
      passage.embedded = {{{passage.body, 1.0F}}};
    }
    Transaction change(database);
    KnowledgeWriter writer(database);
    Source source;
    source.name = "s";
    writer.put_document(writer.put_source(source), {document, "hash", "", "text", "character", ""}, passages, {});
    change.commit();
  }

  /// BM25F by its formula, of a passage whose words are in the columns own and body.
  static double expected(const std::vector<std::string>& words, const Texts& texts, std::int64_t passage) {
    const double n = static_cast<double>(texts.size());
    double mean_own = 0, mean_body = 0, score = 0;
    for (const auto& [id, text] : texts) {
      mean_own += static_cast<double>(text.own.size()) / n;
      mean_body += static_cast<double>(text.body.size()) / n;
    }
    const auto counted = [](const std::vector<std::string>& words_of_column, const std::string& word, double mean) {
      const auto tokens = static_cast<double>(words_of_column.size());
      return static_cast<double>(std::ranges::count(words_of_column, word)) / (0.7 + 0.3 * tokens / mean);
    };
    for (const auto& word : words) {
      double with = 0;
      for (const auto& [id, text] : texts)
        with += std::ranges::count(text.own, word) + std::ranges::count(text.body, word) > 0 ? 1 : 0;
      const auto& text = texts.at(passage);
      const double f = 8 * counted(text.own, word, mean_own) + counted(text.body, word, mean_body);
      score += std::max(std::log((n - with + 0.5) / (with + 0.5)), 1e-6) * f * 2.2 / (f + 1.2);
    }
    return -score;
  }

  static Texts texts_of(Database& database) {
    Texts texts;
    auto rows = database.prepare("SELECT id, title, text FROM passage");
    while (rows.step()) {
      texts[rows.integer(0)] = {base::split(rows.text(1), ' '), base::split(rows.text(2), ' ')};
    }
    return texts;
  }

  /// How many passages were scored, all of them as the formula says.
  static int scored(Database& database, const std::vector<std::string>& words, const std::string& counted = "") {
    const auto texts = texts_of(database);
    auto rows = database.prepare(fmt::format(
        "SELECT rowid, {}(passage_words, ?2, 8, 4, 2, 1) FROM passage_words WHERE passage_words MATCH ?1", kHeldBm25));
    rows.bind(1, base::join(words, " OR ")).bind(2, counted);
    int count = 0;
    for (; rows.step(); ++count) EXPECT_NEAR(rows.real(1), expected(words, texts, rows.integer(0)), 1e-5);
    return count;
  }

  fs::path folder_ = fs::temp_directory_path() / ("gpiot-bm25-" + std::to_string(::getpid()));
  std::mt19937 engine_{1};
};

TEST_F(HeldBm25, ScoresByTheFormula) {
  auto database = open();
  put(database, "a", 300);
  EXPECT_GT(scored(database, {"word3"}), 100);
  EXPECT_GT(scored(database, {"word0", "word30", "word60", "nothing"}), 100);
  EXPECT_EQ(scored(database, {"nothing"}), 0);
}

TEST_F(HeldBm25, WhatIsCountedAlreadyIsNotCountedAgain) {
  auto database = open();
  put(database, "a", 300);
  auto count = database.prepare("SELECT count(*) FROM passage_words WHERE passage_words MATCH ?1");
  const auto rows_with = [&](const std::string& word) {
    count.reset();
    count.bind(1, word);
    count.step();
    return std::to_string(count.integer(0));
  };
  const std::vector<std::string> words = {"word0", "word30", "nothing"};
  EXPECT_GT(scored(database, words, rows_with("word0") + " " + rows_with("word30") + " 0"), 100);
  EXPECT_GT(scored(database, words, rows_with("word0") + " -1 0"), 100);
  for (const auto* useless : {"7", "1 2 3 4", "a b c", "1 2"}) EXPECT_GT(scored(database, words, useless), 100);
  const auto first_score = [&](const std::string& counted) {
    auto rows = database.prepare(
        fmt::format("SELECT {}(passage_words, ?1, 1) FROM passage_words WHERE passage_words MATCH 'word3'", kHeldBm25));
    rows.bind(1, counted).step();
    return rows.real(0);
  };
  EXPECT_LT(first_score("1"), first_score("")) << "a rarer word counts more";
}

TEST_F(HeldBm25, ManyMessagesTakeNothingFromTheOtherColumns) {
  auto database = open();
  put(database, "a", 50);
  std::string many;
  for (int i = 0; i < 500; ++i) many += "said ";
  for (const auto& errors : {std::string(), many}) {
    database.execute(
        "INSERT INTO passage(document, kind, title, names, text, part, parts, first, last, prior) "
        "VALUES(1, '', 'cut', '', 'taper', 1, 1, 0, 0, 1)");
    database
        .prepare("INSERT INTO passage_words(rowid, own, body, errors) VALUES(last_insert_rowid(), 'cut', 'taper', ?1)")
        .bind(1, errors)
        .run();
  }
  auto rows = database.prepare(
      fmt::format("SELECT {}(passage_words, '', 8, 4, 2, 1, 6, 1) FROM passage_words WHERE passage_words MATCH 'taper'",
                  kHeldBm25));
  ASSERT_TRUE(rows.step());
  const double without = rows.real(0);
  ASSERT_TRUE(rows.step());
  EXPECT_DOUBLE_EQ(rows.real(0), without);
}

TEST_F(HeldBm25, SeesWhatAnotherConnectionHasChanged) {
  auto reader = open();
  put(reader, "a", 50);
  const int before = scored(reader, {"word3"});
  auto writer = open();
  put(writer, "a", 80);  // in place of the others, with their ids
  put(writer, "b", 80);
  EXPECT_GT(scored(reader, {"word3"}), before);
}

TEST_F(HeldBm25, APassageFarBeyondTheOthersIsLookedUp) {
  auto database = open();
  put(database, "a", 20);
  database.execute("PRAGMA foreign_keys = OFF");
  database.execute(
      "INSERT INTO passage(id, document, kind, title, names, text, part, parts, first, last, prior) "
      "VALUES(9000000000000000000, 1, '', 'far', '', 'far away word3', 1, 1, 0, 0, 1)");
  database.execute("INSERT INTO passage_words(rowid, own, body) VALUES(9000000000000000000, 'far', 'far away word3')");
  database.execute("UPDATE meta SET value = value + 1 WHERE key = 'generation'");
  EXPECT_EQ(scored(database, {"far"}), 1);
  EXPECT_GT(scored(database, {"word3"}), 5);
}

}  // namespace
}  // namespace gpiot::store
