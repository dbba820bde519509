#include "gpiot/models/derived.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "gpiot/base/error.h"
#include "gpiot/base/files.h"
#include "gpiot/base/hash.h"
#include "gpiot/weights/gguf_layout.h"
#include "gpiot/weights/gguf_writer.h"

namespace gpiot::models {
namespace {

namespace fs = std::filesystem;
using base::Error;
using base::ErrorCode;

/// A header with one block of zeros, all in float.
std::string tiny_model() {
  weights::GgufWriter file;
  file.text("general.architecture", "llama");
  file.count("llama.embedding_length", 4);
  file.count("llama.feed_forward_length", 8);
  file.count("llama.block_count", 1);
  for (const char* part : {"gate", "up", "down"}) {
    const bool down = std::string_view(part) == "down";
    const std::uint64_t dimensions[] = {down ? 8U : 4U, down ? 4U : 8U};
    file.tensor(std::string("blk.0.ffn_") + part + ".weight", dimensions, 0, std::string(32 * sizeof(float), 'x'));
  }
  return file.bytes();
}

class DerivedTest : public ::testing::Test {
 protected:
  DerivedTest() {
    fs::remove_all(root_);
    base::write_file_atomic(root_ / "tiny.gguf", tiny_model(), "test");
    parent_ = {"tiny.gguf", root_ / "tiny.gguf", base::sha256_file(root_ / "tiny.gguf", "test")};
    store_.record({"mine", parent_.path, fs::file_size(parent_.path), parent_.sha256, "test", "MIT", "", "", "", ""});
  }
  ~DerivedTest() override { fs::remove_all(root_); }
  ErrorCode failure(const std::function<void()>& action) {
    try {
      action();
    } catch (const Error& error) {
      return error.code();
    }
    return ErrorCode::Internal;
  }
  fs::path root_ = fs::temp_directory_path() / ("gpiot-derived-" + std::to_string(::getpid()));
  Store store_{root_ / "models", root_ / "state" / "models.lock.json"};
  ResolvedModel parent_;
  const WidenOrder order_{.name = "", .width = 40, .tool = "gpiot test"};
};

TEST_F(DerivedTest, widened_copy_has_a_record_of_its_origin) {
  const InstalledModel model = widen(store_, parent_, order_);
  EXPECT_EQ(model.name, "tiny-wide64");
  EXPECT_EQ(model.path, root_ / "models" / "tiny.wide64.gguf");
  EXPECT_EQ(model.sha256, base::sha256_file(model.path, "test"));
  EXPECT_EQ(model.bytes, fs::file_size(model.path));
  EXPECT_EQ(model.parent, parent_.sha256);
  EXPECT_EQ(model.recipe, "widen ffn by 64");
  EXPECT_EQ(model.tool, "gpiot test");
  EXPECT_EQ(model.licence, "MIT");
  EXPECT_EQ(store_.find("tiny-wide64")->sha256, model.sha256);
  EXPECT_EQ(widened_by(model), 64U);
  EXPECT_EQ(find_by_hash(store_, model.sha256)->name, "tiny-wide64");
  EXPECT_EQ(find_by_hash(store_, parent_.sha256)->name, "mine");
  EXPECT_FALSE(find_by_hash(store_, "none"));
  weights::GgufLayout layout;
  (void)weights::check_gguf(model.path, layout);
  EXPECT_EQ(layout.integers.at("llama.feed_forward_length").value, 72);
}

TEST_F(DerivedTest, copy_in_another_format_is_written_once) {
  int written = 0;
  const auto write = [&](const fs::path& file) {
    EXPECT_FALSE(fs::exists(file)) << "what no record names is not used";
    base::write_file_atomic(file, fmt::format("copy {}", ++written), "test");
  };
  base::write_file_atomic(root_ / "models" / "tiny.q8.gguf", "half a copy of a process that was killed", "test");
  const InstalledModel first = find_or_derive(store_, parent_, "q8", "gpiot test", write);
  EXPECT_EQ(first.name, "tiny-q8");
  EXPECT_EQ(first.path, root_ / "models" / "tiny.q8.gguf");
  EXPECT_EQ(first.parent, parent_.sha256);
  EXPECT_EQ(first.recipe, "format q8");
  EXPECT_EQ(base::read_file(first.path, "test"), "copy 1");
  EXPECT_EQ(find_or_derive(store_, parent_, "q8", "gpiot test", write).sha256, first.sha256);
  EXPECT_EQ(written, 1);
  EXPECT_EQ(find_or_derive(store_, parent_, "q4", "gpiot test", write).name, "tiny-q4")
      << "another format is another copy";
  fs::remove(first.path);
  EXPECT_NE(find_or_derive(store_, parent_, "q8", "gpiot test", write).sha256, first.sha256)
      << "a missing one is made anew";
  EXPECT_EQ(written, 3);
  base::write_file_atomic(first.path, "changed", "test");
  EXPECT_EQ(failure([&] { (void)find_or_derive(store_, parent_, "q8", "gpiot test", write); }), ErrorCode::Model);
  EXPECT_EQ(base::read_file(first.path, "test"), "changed");
}

TEST_F(DerivedTest, copy_that_is_there_is_found_and_no_other) {
  const InstalledModel first = find_or_widen(store_, parent_, order_);
  const auto time = fs::last_write_time(first.path);
  EXPECT_EQ(find_or_widen(store_, parent_, {.name = "other", .width = 64, .tool = ""}).name, first.name);
  EXPECT_EQ(fs::last_write_time(first.path), time);
  EXPECT_EQ(find_or_widen(store_, parent_, {.name = "", .width = 65, .tool = ""}).name, "tiny-wide96");
  EXPECT_EQ(failure([&] { (void)widen(store_, parent_, order_); }), ErrorCode::InvalidArgument);

  fs::remove(first.path);
  EXPECT_EQ(find_or_widen(store_, parent_, {.name = "", .width = 97, .tool = ""}).name, "tiny-wide128");
  EXPECT_EQ(find_or_widen(store_, parent_, order_).name, "tiny-wide128") << "a wider one will do";
}

TEST_F(DerivedTest, copy_that_was_changed_is_refused) {
  const InstalledModel model = find_or_widen(store_, parent_, order_);
  base::append_line(model.path, "more", "test");
  EXPECT_EQ(failure([&] { (void)find_or_widen(store_, parent_, order_); }), ErrorCode::Model);
}

TEST_F(DerivedTest, recipes_of_other_kinds_are_not_widened) {
  InstalledModel model;
  for (const char* recipe : {"", "format q4_0", "widen ffn by ", "widen ffn by x", "widen ffn by 64 or so"}) {
    model.recipe = recipe;
    EXPECT_FALSE(widened_by(model)) << recipe;
  }
}

}  // namespace
}  // namespace gpiot::models
