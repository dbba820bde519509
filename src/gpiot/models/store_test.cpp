#include "gpiot/models/store.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <thread>

#include "gpiot/base/error.h"
#include "gpiot/base/files.h"
#include "gpiot/base/hash.h"
#include "gpiot/base/utc.h"
#include "gpiot/models/resolve.h"

namespace gpiot::models {
namespace {

namespace fs = std::filesystem;

class StoreTest : public ::testing::Test {
 protected:
  StoreTest() : root_(fs::temp_directory_path() / ("gpiot-store-" + std::to_string(::getpid()))) {
    fs::remove_all(root_);
    fs::create_directories(root_);
  }
  ~StoreTest() override { fs::remove_all(root_); }

  fs::path write(const std::string& name, const std::string& content) const {
    base::write_file_atomic(root_ / name, content, "test");
    return root_ / name;
  }
  InstalledModel model(const std::string& name, const fs::path& path) const {
    return {name, path, fs::file_size(path), "abc", "test", "MIT", base::utc_now(), "", "", ""};
  }

  fs::path root_;
  Store store_{root_ / "models", root_ / "state" / "models.lock.json"};
  Catalogue catalogue_ = Catalogue::parse(
      "[[model]]\nalias = 'known'\nfile = 'known.gguf'\nlicence = 'MIT'\nhf = 'o/r'\ndefault = true\n", "test.toml");
};

TEST_F(StoreTest, a_record_replaces_the_one_of_the_same_name) {
  EXPECT_TRUE(store_.list().empty());
  const auto file = write("a.gguf", "12345");
  auto first = model("a", file);
  store_.record(first);
  store_.record(model("b", file));
  first.sha256 = "def";
  first.parent = "abc";
  first.recipe = "format q4_0";
  store_.record(first);
  ASSERT_EQ(store_.list().size(), 2U);
  EXPECT_EQ(store_.find("a")->sha256, "def");
  EXPECT_EQ(store_.find("a")->recipe, "format q4_0");
  EXPECT_EQ(store_.find("b")->bytes, 5U);
}

TEST_F(StoreTest, records_of_several_threads_are_all_kept) {
  const auto file = write("a.gguf", "12345");
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] { store_.record(model("m" + std::to_string(i), file)); });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(store_.list().size(), 8U);
}

TEST_F(StoreTest, a_hash_is_taken_again_when_the_file_changed) {
  const auto file = write("a.gguf", "one");
  EXPECT_EQ(store_.hash_of(file), base::sha256_hex("one"));
  EXPECT_EQ(store_.hash_of(file), base::sha256_hex("one"));
  write("a.gguf", "two!");
  EXPECT_EQ(store_.hash_of(file), base::sha256_hex("two!"));
}

TEST_F(StoreTest, a_broken_lock_file_is_refused_with_a_remedy) {
  write("state/models.lock.json", "{\"version\": 7}");
  try {
    (void)store_.list();
    FAIL();
  } catch (const base::Error& error) {
    EXPECT_EQ(error.code(), base::ErrorCode::Format);
    EXPECT_FALSE(error.remedy().empty());
  }
}

TEST_F(StoreTest, resolve_knows_names_paths_and_what_is_missing) {
  const auto file = write("mine.gguf", "content");
  EXPECT_EQ(resolve(store_, catalogue_, file.string()).sha256, base::sha256_hex("content"));
  store_.record(model("mine", file));
  EXPECT_EQ(resolve(store_, catalogue_, "mine").path, file);
  for (const auto* missing : {"", "known", "hf.co/o/r:x.gguf"}) {
    try {
      (void)resolve(store_, catalogue_, missing);
      FAIL() << missing;
    } catch (const base::Error& error) {
      EXPECT_EQ(error.code(), base::ErrorCode::NotFound);
      EXPECT_NE(error.remedy().find("gpiot model pull"), std::string::npos);
    }
  }
  EXPECT_THROW((void)resolve(store_, catalogue_, "nonsense"), base::Error);
}

TEST_F(StoreTest, resolve_refuses_a_file_of_the_same_length_with_other_bytes) {
  const auto file = write("mine.gguf", "content");
  auto recorded = model("mine", file);
  recorded.sha256 = base::sha256_hex("content");
  store_.record(recorded);
  EXPECT_EQ(resolve(store_, catalogue_, "mine").sha256, recorded.sha256);
  write("mine.gguf", "CONTENT");
  try {
    (void)resolve(store_, catalogue_, "mine");
    FAIL();
  } catch (const base::Error& error) {
    EXPECT_EQ(error.code(), base::ErrorCode::Model);
    EXPECT_NE(std::string(error.what()).find("got sha256 " + base::sha256_hex("CONTENT")), std::string::npos);
    EXPECT_FALSE(error.remedy().empty());
  }
}

TEST_F(StoreTest, a_hash_is_told_where_it_cannot_be_kept) {
  const auto file = write("a.gguf", "one");
  const Store closed(root_ / "models", root_ / "a.gguf" / "models.lock.json");  // beneath a file: never a folder
  EXPECT_EQ(closed.hash_of(file), base::sha256_hex("one"));
  EXPECT_THROW(closed.record(model("a", file)), base::Error);
}

TEST_F(StoreTest, resolve_refuses_a_file_of_another_length) {
  const auto file = write("mine.gguf", "content");
  store_.record(model("mine", file));
  write("mine.gguf", "longer content");
  try {
    (void)resolve(store_, catalogue_, "mine");
    FAIL();
  } catch (const base::Error& error) {
    EXPECT_EQ(error.code(), base::ErrorCode::Model);
  }
}

}  // namespace
}  // namespace gpiot::models
