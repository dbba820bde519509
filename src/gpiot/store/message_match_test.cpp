#include "gpiot/store/message_match.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "gpiot/store/knowledge_database.h"
#include "gpiot/store/knowledge_writer.h"

namespace gpiot::store {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class MessageMatch : public ::testing::Test {
 protected:
  void SetUp() override {
    fs::remove_all(folder_);
    database_ = std::make_unique<Database>(open_to_write(folder_, {"tiny.gguf", "abc", 8, 256, 1000}));
  }
  void TearDown() override {
    database_.reset();
    fs::remove_all(folder_);
  }

  static Passage passage(const std::string& title, std::vector<Message> messages, double prior = 1) {
    Passage out;
    out.kind = "function";
    out.title = out.own = title;
    out.messages = std::move(messages);
    out.prior = prior;
    out.embedded = {{{title, 1.0F}}};
    return out;
  }
  void put(const std::string& source, const std::vector<Passage>& passages) {
    Transaction change(*database_);
    KnowledgeWriter writer(*database_);
    Source facts;
    facts.name = source;
    const auto id = writer.put_source(facts);
    writer.put_document(id, {source, "hash", "", "package", "character", ""}, passages, {});
    writer.drop_unused_vectors();
    change.commit();
  }
  std::vector<std::string> found(const std::string& text, const Filter& filter = {}) {
    const auto query = word_query(*database_, text, {}, {.each = 1000, .together = 1000}, WordIndex::Messages);
    std::vector<std::int64_t> ids;
    for (const auto& one : by_messages(*database_, query, {.least = 0.5, .kept_per_call = 0.9}, filter, 10))
      ids.push_back(one.passage);
    std::vector<std::string> titles;
    for (const auto& one : read_passages(*database_, ids)) titles.push_back(one.passage.title);
    return titles;
  }

  fs::path folder_ = fs::temp_directory_path() / ("gpiot-messages-" + std::to_string(::getpid()));
  std::unique_ptr<Database> database_;
};

TEST_F(MessageMatch, TheFunctionThatSaysItComesBeforeThoseThatCallIt) {
  put("a", {passage("caller", {{"ValueError window longer than record", 2}}, 3),
            passage("near", {{"ValueError window longer than record", 1}}),
            passage("itself", {{"ValueError other thing", 0}, {"ValueError window longer than record", 0}}),
            passage("none", {{"TypeError order must be an integer", 0}})});
  EXPECT_THAT(found("ValueError: window (64) longer than record"), ElementsAre("itself", "near", "caller"));
  EXPECT_THAT(found("order must be an integer"), ElementsAre("none"));
  EXPECT_EQ(database_->integer("SELECT count(*) FROM message"), 3) << "each text once";
}

TEST_F(MessageMatch, OfEqualOnesThatWithTheHigherPriorComesFirst) {
  put("a",
      {passage("rare", {{"window longer than record", 0}}), passage("usual", {{"window longer than record", 0}}, 2)});
  EXPECT_THAT(found("window longer than record"), ElementsAre("usual", "rare"));
}

TEST_F(MessageMatch, AWishThatSharesWordsIsNoMessage) {
  put("a", {passage("taper", {{"ValueError window longer than record", 0}}),
            passage("other", {{"KeyError no such table", 0}})});
  EXPECT_THAT(found("how do I cut a record into pieces with a sliding window of two seconds"), IsEmpty());
  EXPECT_THAT(found("window"), IsEmpty()) << "one word";
  EXPECT_THAT(found(""), IsEmpty());
}

TEST_F(MessageMatch, OnlyPassagesThatTheFilterLetsThrough) {
  put("a", {passage("one", {{"window longer than record", 0}})});
  put("b", {passage("two", {{"window longer than record", 0}})});
  EXPECT_THAT(found("window longer than record", {.sources = {"b"}, .kinds = {}}), ElementsAre("two"));
}

TEST_F(MessageMatch, MessagesGoWithTheirDocument) {
  put("a", {passage("one", {{"window longer than record", 0}})});
  put("a", {passage("two", {{"record is empty", 0}})});
  EXPECT_THAT(found("window longer than record"), IsEmpty());
  EXPECT_THAT(found("record is empty"), ElementsAre("two"));
  EXPECT_THAT(faults_of(*database_), IsEmpty());
  EXPECT_EQ(database_->integer("SELECT count(*) FROM message_words_docsize"), 1);
}

}  // namespace
}  // namespace gpiot::store
