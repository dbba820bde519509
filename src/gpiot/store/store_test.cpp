#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <random>
#include <thread>

#include "gpiot/base/error.h"
#include "gpiot/store/identifier_tokenizer.h"
#include "gpiot/store/knowledge_database.h"
#include "gpiot/store/knowledge_reader.h"
#include "gpiot/store/knowledge_writer.h"
#include "gpiot/store/test_vectors.h"
#include "gpiot/store/vectors.h"

namespace gpiot::store {
namespace {

namespace fs = std::filesystem;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const Making kMaking{"tiny.gguf", "abc", 8, 256, 1000};

Passage passage(std::string title, std::vector<std::string> names, std::string text) {
  Passage p;
  p.kind = "function";
  p.own = title;
  p.body = text;
  p.embedded = {{{title, 0.5F}, {text, 0.5F}}};
  p.title = std::move(title);
  p.names = std::move(names);
  p.text = std::move(text);
  return p;
}

class StoreTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("gpiot-store-" + std::to_string(::getpid()));
    fs::remove_all(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  /// A source with one document of the given passages.
  std::int64_t put(Database& database, const std::string& source, const std::string& document,
                   const std::vector<Passage>& passages, const std::vector<Object>& objects = {}) {
    Transaction change(database);
    KnowledgeWriter writer(database);
    Source facts;
    facts.kind = "package";
    facts.name = source;
    facts.version = "1.0";
    facts.licence = source == "secret" ? "none" : "BSD";
    const auto id = writer.put_source(facts);
    writer.put_document(id, {document, "hash", "", "package", "character", ""}, passages, objects);
    writer.drop_unused_vectors();
    change.commit();
    return id;
  }

  std::vector<std::string> titles(Database& database, const std::string& text, const Filter& filter = {},
                                  std::int64_t most = 0) {
    std::vector<std::int64_t> ids;
    for (const auto& s : by_words(database, word_query(database, text, {}, {.each = most}), {}, filter, 10))
      ids.push_back(s.passage);
    std::vector<std::string> out;
    for (const auto& found : read_passages(database, ids)) out.push_back(found.passage.title);
    return out;
  }

  fs::path folder_;
};

TEST(Identifiers, ArePartedWhereAReaderPartsThem) {
  const auto parts = [](std::string_view text) {
    std::vector<std::string> out;
    for (const auto& identifier : identifiers_of(text))
      for (const auto& part : identifier.parts) out.emplace_back(text.substr(part.begin, part.end - part.begin));
    return out;
  };
  EXPECT_THAT(parts("find_peaks findPeaks"), ElementsAre("find", "peaks", "find", "Peaks"));
  EXPECT_THAT(parts("scipy.signal"), ElementsAre("scipy", "signal"));
  EXPECT_THAT(parts("__init__ FFTFilter rfft2"), ElementsAre("init", "FFT", "Filter", "rfft2"));
  EXPECT_THAT(parts("_ ."), IsEmpty());
  EXPECT_EQ(whole_token("Find_Peaks"), "findpeaks");
}

TEST_F(StoreTest, ManyPartsOfTheIndexOfWordsBecomeOne) {
  auto database = open_to_write(folder_, kMaking);
  database.execute("INSERT INTO passage_words(passage_words, rank) VALUES('automerge', 0)");
  const auto parts = [&] { return database.integer("SELECT count(DISTINCT segid) FROM passage_words_idx"); };
  for (int i = 0; i < 4; ++i)
    put(database, "s" + std::to_string(i), "d", {passage("peak" + std::to_string(i), {}, "")});
  merge_words(database);
  EXPECT_EQ(parts(), 4) << "a few stay as they are";
  put(database, "s4", "d", {passage("peak4", {}, "")});
  merge_words(database);
  EXPECT_EQ(parts(), 1);
  EXPECT_EQ(titles(database, "peak2"), std::vector<std::string>{"peak2"});
  EXPECT_THAT(faults_of(database), IsEmpty());
}

TEST_F(StoreTest, WordsFindIdentifiersInWhateverFormTheyAreWritten) {
  auto database = open_to_write(folder_, kMaking);
  put(database, "scipy", "scipy",
      {passage("scipy.signal.find_peaks", {"scipy.signal.find_peaks"}, "Find peaks inside a signal."),
       passage("sklearn.StandardScaler", {"sklearn.StandardScaler"}, "Standardize features."),
       passage("scipy.signal.detrend", {"scipy.signal.detrend"}, "Remove a linear trend: Gefäß.")});
  EXPECT_THAT(titles(database, "find_peaks"), ElementsAre("scipy.signal.find_peaks"));
  EXPECT_THAT(titles(database, "findPeaks"), ElementsAre("scipy.signal.find_peaks"));
  EXPECT_THAT(titles(database, "findpeaks"), ElementsAre("scipy.signal.find_peaks"));
  EXPECT_THAT(titles(database, "finding the peak"), ElementsAre("scipy.signal.find_peaks"));
  EXPECT_THAT(titles(database, "standard scaler"), ElementsAre("sklearn.StandardScaler"));
  EXPECT_THAT(titles(database, "\") OR NEAR( *:- trends"), ElementsAre("scipy.signal.detrend"));
  EXPECT_THAT(titles(database, "nothing of this"), IsEmpty());
  EXPECT_THAT(titles(database, ""), IsEmpty());
}

TEST_F(StoreTest, ADocumentIsReplacedWholeAndItsTextsKeepTheirVectors) {
  auto database = open_to_write(folder_, kMaking);
  const auto id = put(database, "a", "a", {passage("same", {}, "text"), passage("old", {}, "word")},
                      {{"a.f", "function", {"a.b.f"}, {{"signature", "(x)"}}}});
  KnowledgeWriter writer(database);
  auto pending = writer.pending(10);
  ASSERT_EQ(pending.size(), 2U);
  EXPECT_EQ(pending[0].texts[0].text, "same");
  const std::vector<float> ones(16, 0.25F);
  writer.put_vectors(std::vector<std::int64_t>{pending[0].vector, pending[1].vector}, ones);
  EXPECT_EQ(find_object(database, "a.b.f")->name, "a.f");

  put(database, "a", "a", {passage("same", {}, "text"), passage("new", {}, "word")});
  pending = writer.pending(10);
  ASSERT_EQ(pending.size(), 1U);
  EXPECT_EQ(pending[0].texts[0].text, "new");
  EXPECT_THAT(titles(database, "word"), ElementsAre("new"));
  EXPECT_FALSE(find_object(database, "a.f"));
  EXPECT_EQ(database.integer("SELECT count(*) FROM vector"), 2);
  EXPECT_THAT(faults_of(database), IsEmpty());
  const auto sources = sources_of(database);
  ASSERT_EQ(sources.size(), 1U);
  EXPECT_EQ(sources[0].passages, 2);
  EXPECT_EQ(sources[0].embedded, 1);

  Transaction change(database);
  writer.drop_source(id);
  writer.drop_unused_vectors();
  change.commit();
  EXPECT_THAT(titles(database, "word text"), IsEmpty());
  EXPECT_EQ(database.integer("SELECT count(*) FROM vector"), 0);
}

TEST_F(StoreTest, FiltersAreByPackageVersionKindAndLicence) {
  auto database = open_to_write(folder_, kMaking);
  put(database, "open", "x", {passage("open", {}, "peak")});
  put(database, "secret", "y", {passage("secret", {}, "peak")});
  EXPECT_THAT(titles(database, "peak"), ElementsAre("open", "secret"));
  EXPECT_THAT(titles(database, "peak", {.sources = {"secret", "other"}, .kinds = {}}), ElementsAre("secret"));
  EXPECT_THAT(titles(database, "peak", {.sources = {}, .kinds = {}, .licence = "BSD"}), ElementsAre("open"));
  EXPECT_THAT(titles(database, "peak", {.sources = {}, .kinds = {}, .version = "2"}), IsEmpty());
  EXPECT_THAT(titles(database, "peak", {.sources = {}, .kinds = {"class"}, .version = "1.0"}), IsEmpty());
}

TEST_F(StoreTest, AnotherEncoderIsRefusedByName) {
  {
    auto database = open_to_write(folder_, kMaking);
  }
  Making other = kMaking;
  other.encoder = "big.gguf";
  other.encoder_sha256 = "def";
  try {
    auto database = open_to_write(folder_, other);
    FAIL();
  } catch (const base::Error& error) {
    EXPECT_EQ(error.code(), base::ErrorCode::Model);
    EXPECT_THAT(error.what(), HasSubstr("big.gguf"));
    EXPECT_THAT(error.what(), HasSubstr("tiny.gguf"));
  }
}

TEST_F(StoreTest, FaultsAreFound) {
  auto database = open_to_write(folder_, kMaking);
  put(database, "a", "a", {passage("one", {}, "text")});
  database.execute("PRAGMA foreign_keys = OFF; DELETE FROM passage_words; DELETE FROM passage_vector");
  EXPECT_EQ(faults_of(database).size(), 3U);
}

TEST_F(StoreTest, AFileThatIsNoDatabaseIsRefused) {
  fs::create_directories(folder_);
  std::ofstream(database_file(folder_)) << std::string(5000, 'x');
  EXPECT_THROW((void)open_to_read(folder_), base::Error);
  EXPECT_THROW((void)open_to_write(folder_, kMaking), base::Error);
}

TEST_F(StoreTest, AReaderSeesOneStateWhileOthersWrite) {
  auto writer = open_to_write(folder_, kMaking);
  put(writer, "a", "a", {passage("first", {}, "peak")});
  auto reader = open_to_read(folder_);
  Transaction state(reader, Transaction::Kind::Read);
  EXPECT_THAT(titles(reader, "peak"), ElementsAre("first"));
  put(writer, "a", "a", {passage("second", {}, "peak")});
  EXPECT_THAT(titles(reader, "peak"), ElementsAre("first"));
  state.commit();
  EXPECT_THAT(titles(reader, "peak"), ElementsAre("second"));
}

TEST_F(StoreTest, TheTenNearestAreThoseOfTheExactScan) {
  constexpr std::size_t kRows = 3000, kDimension = 64;
  Making making = kMaking;
  making.dimension = kDimension;
  auto database = open_to_write(folder_, making);
  std::vector<Passage> passages;
  for (std::size_t i = 0; i < kRows; ++i) passages.push_back(passage(std::to_string(i), {}, "text"));
  put(database, "a", "a", passages);
  const auto vectors = random_vectors(kRows, kDimension, 1);
  KnowledgeWriter writer(database);
  const auto pending = writer.pending(kRows);
  std::vector<std::int64_t> ids;
  for (const auto& p : pending) ids.push_back(p.vector);
  {
    Transaction change(database);
    writer.put_vectors(ids, vectors);
    change.commit();
  }
  publish_vectors(database, folder_);
  const auto file = vectors_now(database, folder_);
  EXPECT_EQ(file.rows().count(), kRows);
  const auto queries = random_vectors(20, kDimension, 2);
  for (std::size_t q = 0; q < 20; ++q) {
    const auto query = std::span(queries).subspan(q * kDimension, kDimension);
    std::vector<std::pair<float, std::int64_t>> exact;
    for (std::size_t i = 0; i < kRows; ++i)
      exact.emplace_back(-dot_float(&vectors[i * kDimension], query.data(), kDimension),
                         static_cast<std::int64_t>(i) + 1);
    std::ranges::sort(exact);
    const auto found = by_vector(file.rows(), scan(file.rows(), query, 200), query, 10);
    ASSERT_EQ(found.size(), 10U);
    for (std::size_t k = 0; k < 10; ++k) EXPECT_EQ(found[k].passage, exact[k].second) << q << " " << k;
  }
  const auto none = kept_passages(database, file.rows().passages, {.sources = {"b"}, .kinds = {}});
  EXPECT_THAT(scan(file.rows(), std::span(queries).first(kDimension), 10, 0, none), IsEmpty());
  EXPECT_THAT(kept_passages(database, file.rows().passages, {.sources = {"a"}, .kinds = {}}), Each(1));
}

TEST_F(StoreTest, APassageCountsByAllOfItsVectorsAndMostByTheNearest) {
  auto database = open_to_write(folder_, kMaking);
  VectorFile::Columns columns;
  const auto add = [&](std::int64_t passage, std::int8_t score) {
    columns.vectors.push_back(static_cast<std::int64_t>(columns.vectors.size()));
    columns.passages.push_back(passage);
    columns.log_priors.push_back(0);
    columns.scales.push_back(0.01F);
    columns.components.push_back(score);
    columns.rests.push_back(0);
  };
  add(1, 80);
  for (int i = 0; i < 3; ++i) add(2, 78);
  for (int i = 0; i < 3; ++i) add(3, 50);
  const auto file = VectorFile::hold(1, 1, std::move(columns));
  const std::vector<float> query = {1};
  std::vector<std::int64_t> order;
  for (const auto& found : by_vector(file.rows(), scan(file.rows(), query, 10), query, 10))
    order.push_back(found.passage);
  EXPECT_THAT(order, ElementsAre(2, 1, 3));
}

TEST_F(StoreTest, AnOldOrBrokenFileOfVectorsIsNotUsed) {
  auto database = open_to_write(folder_, kMaking);
  put(database, "a", "a", {passage("one", {}, "text")});
  KnowledgeWriter writer(database);
  publish_vectors(database, folder_);
  writer.put_vectors(std::vector<std::int64_t>{1}, random_vectors(1, 8, 3));
  EXPECT_EQ(VectorFile::map(vectors_file(folder_)).rows().count(), 0U);
  EXPECT_EQ(vectors_now(database, folder_).rows().count(), 1U);
  publish_vectors(database, folder_);
  EXPECT_EQ(VectorFile::map(vectors_file(folder_)).rows().count(), 1U);
  fs::resize_file(vectors_file(folder_), fs::file_size(vectors_file(folder_)) - 1);
  EXPECT_EQ(VectorFile::map(vectors_file(folder_)).generation(), -1);
  EXPECT_EQ(vectors_now(database, folder_).rows().count(), 1U);
}

}  // namespace
}  // namespace gpiot::store
