#include "gpiot/store/words.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <random>

#include "gpiot/base/files.h"
#include "gpiot/base/strings.h"
#include "gpiot/store/knowledge_database.h"
#include "gpiot/store/knowledge_writer.h"

namespace gpiot::store {
namespace {

namespace fs = std::filesystem;
using ::testing::IsEmpty;

class WordsTest : public ::testing::Test {
 protected:
  void SetUp() override { fs::remove_all(folder_); }
  void TearDown() override { fs::remove_all(folder_); }

  Database open() { return open_to_write(folder_, {"tiny.gguf", "abc", 8, 256, 1000}); }

  std::string any_words(int most) {
    static const std::vector<std::string> kKinds = {"word{}", "find_word{}", "Words{}", "reading{}"};
    std::geometric_distribution<int> any_word(0.05);
    std::vector<std::string> words;
    for (int i = std::uniform_int_distribution<int>(0, most)(engine_); i > 0; --i)
      words.push_back(fmt::format(fmt::runtime(kKinds[engine_() % kKinds.size()]), any_word(engine_)));
    return base::join(words, " ");
  }

  static Passage with_words(const std::string& own, const std::string& body) {
    Passage passage;
    passage.own = own;
    passage.body = body;
    passage.embedded = {{{body, 1.0F}}};
    return passage;
  }

  void put(Database& database, const std::string& source, const std::string& document, std::size_t count) {
    std::vector<Passage> passages(count);
    for (auto& passage : passages) {
      passage.kind = engine_() % 2 == 0 ? "function" : "section";
      passage.own = any_words(3);
      passage.summary = any_words(10);
      passage.head = any_words(5);
      passage.body = any_words(200);
      passage.uses = any_words(20);
      passage.errors = any_words(20);
      passage.prior = 0.5 + 0.1 * static_cast<double>(engine_() % 6);
      passage.embedded = {{{passage.body, 1.0F}}};
    }
    put(database, source, document, passages);
  }

  void put(Database& database, const std::string& source, const std::string& document,
           const std::vector<Passage>& passages) {
    Transaction change(database);
    KnowledgeWriter writer(database);
    Source facts;
    facts.name = source;
    writer.put_document(writer.put_source(facts), {document, "hash", "", "text", "character", ""}, passages, {});
    writer.drop_unused_vectors();
    change.commit();
  }

  void drop(Database& database, const std::string& source, const std::string& document) {
    Transaction change(database);
    KnowledgeWriter writer(database);
    writer.drop_document(find_source(database, source).value().id, document);
    writer.drop_unused_vectors();
    change.commit();
  }

  /// That both ways find the same for so many queries; how many passages they found.
  std::size_t compare(Database& database, int queries, const WordLimits& limits, const Filter& filter) {
    static const std::vector<std::string> kLeftOut = {"word1"};
    const auto file = read_words(database);
    std::size_t found = 0;
    for (int i = 0; i < queries; ++i) {
      const auto text = any_words(8) + (i % 3 == 0 ? " nothing" : "");
      const auto slow = by_words(database, word_query(database, text, kLeftOut, limits), WordWeights(), filter, 20);
      const auto fast = by_words(database, file.rows(), text, kLeftOut, limits, filter, 20);
      EXPECT_TRUE(fast.has_value()) << text;
      if (!fast) continue;
      EXPECT_EQ(fast->size(), slow.size()) << text;
      for (std::size_t k = 0; k < std::min(slow.size(), fast->size()); ++k) {
        EXPECT_NEAR((*fast)[k].score, slow[k].score, 1e-5) << text << " " << k;
        const bool alone = (k == 0 || slow[k - 1].score - slow[k].score > 1e-4) &&
                           (k + 1 == slow.size() || slow[k].score - slow[k + 1].score > 1e-4);
        if (alone && k + 1 < slow.size()) {
          EXPECT_EQ((*fast)[k].passage, slow[k].passage) << text << " " << k;
        }
      }
      found += slow.size();
    }
    return found;
  }

  fs::path folder_ = fs::temp_directory_path() / ("gpiot-words-" + std::to_string(::getpid()));
  std::mt19937 engine_{1};
};

TEST_F(WordsTest, TheFileFindsWhatTheIndexFinds) {
  auto database = open();
  put(database, "a", "one", 150);
  put(database, "b", "two", 150);
  EXPECT_GT(compare(database, 60, {}, {}), 600U);
  EXPECT_GT(compare(database, 60, {.each = 40, .together = 100}, {}), 600U);
  EXPECT_GT(compare(database, 60, {.each = 0, .together = 60}, {}), 300U);
  EXPECT_GT(compare(database, 60, {}, {.sources = {"b"}, .kinds = {"section"}}), 300U);
  EXPECT_EQ(compare(database, 5, {}, {.sources = {"none"}, .kinds = {}}), 0U);
}

TEST_F(WordsTest, WordsThatAreEverywhereAreLeftOutButNeverAll) {
  auto database = open();
  put(database, "a", "one",
      {with_words("one", "signal peak"), with_words("two", "signal"), with_words("three", "signal")});
  EXPECT_EQ(word_query(database, "signal peak", {}, {.each = 2}).text, "\"peak\"");
  EXPECT_EQ(word_query(database, "signal", {}, {.each = 2}).text, "\"signal\"");
  EXPECT_EQ(word_query(database, "signal one peak", {}, {.together = 2}).text, "\"one\" OR \"peak\"");
  EXPECT_EQ(word_query(database, "signal one peak", {}, {.together = 5}).text, "\"signal\" OR \"one\" OR \"peak\"");
  EXPECT_EQ(word_query(database, "signal", {}, {.together = 2}).text, "\"signal\"") << "never all";
  EXPECT_EQ(word_query(database, "signal one peak", {}, {.together = 5}).rows, "3 1 1");
  EXPECT_EQ(word_query(database, "signal", {}, {.each = 2}).rows, "-1") << "more than are counted";
  const std::vector<std::string> stop = {"signal"};
  EXPECT_EQ(word_query(database, "Signal peak peak", stop, {}).text, "\"peak\"");
}

TEST_F(WordsTest, PassagesThatAreGoneAreNotInItAndThoseWithTheirNumbersAre) {
  auto database = open();
  put(database, "a", "one", 40);
  put(database, "a", "two", 40);
  drop(database, "a", "two");
  EXPECT_EQ(read_words(database).rows().passages.size(), 40U);
  EXPECT_GT(compare(database, 30, {}, {}), 200U);
  put(database, "a", "three", 30);
  EXPECT_EQ(database.integer("SELECT max(id) FROM passage"), 70) << "the numbers were not given again";
  EXPECT_GT(compare(database, 30, {}, {}), 200U);
}

TEST_F(WordsTest, APassageFarBeyondTheOthersIsInIt) {
  auto database = open();
  put(database, "a", "one", 5);
  Transaction change(database);
  database.execute(
      "INSERT INTO passage SELECT 100000000, document, kind, prior, title, names, text, part, parts, "
      "first, last FROM passage WHERE id = 1");
  database.execute(
      "INSERT INTO passage_words(rowid, own, summary, head, body, uses, errors) "
      "VALUES(100000000, 'rare', '', '', 'word2 word3', '', '')");
  database.execute("UPDATE meta SET value = value + 1 WHERE key = 'generation'");
  change.commit();
  const auto file = read_words(database);
  const auto found = by_words(database, file.rows(), "rare", {}, {}, {}, 5).value();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].passage, 100000000);
  EXPECT_NEAR(found[0].score, by_words(database, word_query(database, "rare", {}, {}), {}, {}, 5).at(0).score, 1e-5);
}

TEST_F(WordsTest, AnEmptyBaseHasNone) {
  auto database = open();
  const auto file = read_words(database);
  EXPECT_THAT(by_words(database, file.rows(), "word", {}, {}, {}, 5).value(), IsEmpty());
  EXPECT_THAT(by_words(database, file.rows(), "", {}, {}, {}, 5).value(), IsEmpty());
}

TEST_F(WordsTest, AnOldOrBrokenFileIsNotUsed) {
  auto database = open();
  EXPECT_EQ(WordFile::map(words_file(folder_)).generation(), -1);
  put(database, "a", "one", 5);
  publish_words(database, folder_);
  const auto first = WordFile::map(words_file(folder_));
  EXPECT_EQ(first.generation(), generation_of(database));
  put(database, "a", "two", 5);
  EXPECT_NE(WordFile::map(words_file(folder_)).generation(), generation_of(database));
  publish_words(database, folder_);
  EXPECT_EQ(WordFile::map(words_file(folder_)).rows().passages.size(), 10U);
  EXPECT_EQ(first.rows().passages.size(), 5U) << "who has mapped it keeps it";
  fs::resize_file(words_file(folder_), fs::file_size(words_file(folder_)) - 1);
  EXPECT_EQ(WordFile::map(words_file(folder_)).generation(), -1);
}

TEST_F(WordsTest, AFileWithWrongNumbersIsReadNowhereElse) {
  auto database = open();
  put(database, "a", "one", 5);
  publish_words(database, folder_);
  const auto whole = base::read_file(words_file(folder_), "test");
  for (std::size_t at = 48; at < whole.size(); at += 61) {
    auto broken = whole;
    for (std::size_t i = at; i < std::min(at + 8, whole.size()); ++i) broken[i] = '\x7f';
    base::write_file_atomic(words_file(folder_), broken, "test");
    const auto file = WordFile::map(words_file(folder_));
    for (const auto* text : {"word1", "word3 word5", "find_word1", "nothing"})
      EXPECT_TRUE(by_words(database, file.rows(), text, {}, {}, {}, 5).has_value());
  }
}

}  // namespace
}  // namespace gpiot::store
