#include "gpiot/llm/prompt_store.h"

#include <gtest/gtest.h>

#include <array>
#include <fstream>

#include "gpiot/base/files.h"

namespace gpiot::llm {
namespace {

namespace fs = std::filesystem;

class PromptStoreTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) /
              (std::string("prompts-") + testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::remove_all(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }
  [[nodiscard]] fs::path only_file() const { return fs::directory_iterator(folder_)->path(); }

  fs::path folder_;
  static constexpr std::array<std::int32_t, 3> kTokens = {1, 2, 300};
  static constexpr std::array<std::int32_t, 3> kOthers = {1, 2, 301};
};

TEST_F(PromptStoreTest, gives_back_what_was_kept_for_the_same_tokens_of_the_same_model) {
  const PromptStore store(folder_, "model a");
  EXPECT_FALSE(store.load(kTokens));
  store.save(kTokens, "state");
  EXPECT_EQ(store.load(kTokens), "state");
  EXPECT_FALSE(store.load(kOthers));
  EXPECT_FALSE(PromptStore(folder_, "model b").load(kTokens));
}

TEST_F(PromptStoreTest, a_damaged_file_is_not_used) {
  const PromptStore store(folder_, "model");
  store.save(kTokens, "state");
  auto content = base::read_file(only_file(), "test");
  content.back() = 'X';
  std::ofstream(only_file(), std::ios::binary) << content;
  EXPECT_FALSE(store.load(kTokens));
  std::ofstream(only_file(), std::ios::binary) << "short";
  EXPECT_FALSE(store.load(kTokens));
}

TEST_F(PromptStoreTest, makes_room_by_dropping_what_was_not_used_for_longest) {
  const PromptStore store(folder_, "model", 1000);
  store.save(kTokens, std::string(400, 'a'));
  fs::last_write_time(only_file(), fs::file_time_type::clock::now() - std::chrono::hours(1));
  store.save(kOthers, std::string(450, 'b'));
  const std::array<std::int32_t, 1> third = {7};
  store.save(third, std::string(100, 'c'));
  EXPECT_FALSE(store.load(kTokens));
  EXPECT_TRUE(store.load(kOthers));
  EXPECT_TRUE(store.load(third));
}

TEST_F(PromptStoreTest, without_a_folder_or_with_one_that_cannot_be_made_nothing_is_kept) {
  const PromptStore none({}, "model");
  none.save(kTokens, "state");
  EXPECT_FALSE(none.load(kTokens));
  std::ofstream(folder_) << "a file";
  const PromptStore blocked(folder_ / "below", "model");
  blocked.save(kTokens, "state");
  EXPECT_FALSE(blocked.load(kTokens));
}

}  // namespace
}  // namespace gpiot::llm
