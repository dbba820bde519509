#include "gpiot/store/message_index.h"

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

class MessageIndexTest : public ::testing::Test {
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
    index_.bring_up_to_date(*database_);
    std::vector<std::int64_t> ids;
    for (const auto& one : index_.find(*database_, text, {}, limits_, filter, 10)) ids.push_back(one.passage);
    std::vector<std::string> titles;
    for (const auto& one : read_passages(*database_, ids)) titles.push_back(one.passage.title);
    return titles;
  }

  fs::path folder_ = fs::temp_directory_path() / ("gpiot-messages-" + std::to_string(::getpid()));
  std::unique_ptr<Database> database_;
  MessageIndex index_;
  MessageLimits limits_ = {.least = 0.5, .kept_per_call = 0.9, .words = {.each = 1000, .together = 1000}};
};

TEST_F(MessageIndexTest, TheFunctionThatSaysItComesBeforeThoseThatCallIt) {
  put("a", {passage("caller", {{"ValueError window longer than record", 2}}, 3),
            passage("near", {{"ValueError window longer than record", 1}}),
            passage("itself", {{"ValueError other thing", 0}, {"ValueError window longer than record", 0}}),
            passage("none", {{"TypeError order must be an integer", 0}})});
  EXPECT_THAT(found("ValueError: window (64) longer than record"), ElementsAre("itself", "near", "caller"));
  EXPECT_THAT(found("order must be an integer"), ElementsAre("none"));
  EXPECT_EQ(database_->integer("SELECT count(*) FROM message"), 3) << "each text once";
}

TEST_F(MessageIndexTest, OfEqualOnesThatWithTheHigherPriorComesFirst) {
  put("a",
      {passage("rare", {{"window longer than record", 0}}), passage("usual", {{"window longer than record", 0}}, 2)});
  EXPECT_THAT(found("window longer than record"), ElementsAre("usual", "rare"));
}

TEST_F(MessageIndexTest, AWishThatSharesWordsIsNoMessage) {
  put("a", {passage("taper", {{"ValueError window longer than record", 0}}),
            passage("other", {{"KeyError no such table", 0}})});
  EXPECT_THAT(found("how do I cut a record into pieces with a sliding window of two seconds"), IsEmpty());
  EXPECT_THAT(found("window"), IsEmpty()) << "one word";
  EXPECT_THAT(found(""), IsEmpty());
}

TEST_F(MessageIndexTest, OnlyPassagesThatTheFilterLetsThrough) {
  put("a", {passage("one", {{"window longer than record", 0}})});
  put("b", {passage("two", {{"window longer than record", 0}})});
  EXPECT_THAT(found("window longer than record", {.sources = {"b"}, .kinds = {}}), ElementsAre("two"));
}

TEST_F(MessageIndexTest, MessagesGoWithTheirDocument) {
  put("a", {passage("one", {{"window longer than record", 0}})});
  put("a", {passage("two", {{"record is empty", 0}})});
  EXPECT_THAT(found("window longer than record"), IsEmpty());
  EXPECT_THAT(found("record is empty"), ElementsAre("two"));
  EXPECT_THAT(faults_of(*database_), IsEmpty());
  EXPECT_EQ(database_->integer("SELECT count(*) FROM message"), 1);
}

TEST_F(MessageIndexTest, WordsMatchWithoutTheirEndingsAndNamesInPartsAndAsAWhole) {
  put("a", {passage("one", {{"ValueError max_iter windows exceeded", 0}}), passage("two", {{"record is empty", 0}})});
  EXPECT_THAT(found("window exceeds max_iter"), ElementsAre("one"));
  EXPECT_THAT(found("maxIter of windows"), ElementsAre("one"));
}

TEST_F(MessageIndexTest, WordsInMoreMessagesThanTheLimitSayNothing) {
  std::vector<Passage> passages;
  for (int i = 0; i < 5; ++i)
    passages.push_back(passage("p" + std::to_string(i), {{"got bad row" + std::to_string(i), 0}}));
  put("a", passages);
  EXPECT_EQ(found("got bad").size(), 5U);
  limits_.words.each = 4;
  EXPECT_THAT(found("got bad"), IsEmpty()) << "one word is left";
  EXPECT_THAT(found("got row3"), IsEmpty());
}

}  // namespace
}  // namespace gpiot::store
