#include "gpiot/base/files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>
#include <fstream>

namespace gpiot::base {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class Files : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "gpiot-files-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  void TearDown() override { fs::remove_all(folder_); }
  template <typename Action>
  static void expect_error(ErrorCode code, const std::string& part, Action action) {
    try {
      action();
      ADD_FAILURE() << "expected an error with: " << part;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), code) << error.what();
      EXPECT_THAT(error.what(), HasSubstr(part));
    }
  }
  fs::path folder_;
};

TEST_F(Files, ReadsBackWhatItWroteAndLeavesNothingElse) {
  write_file_atomic(folder_ / "sub" / "a.txt", "one", "test.files");
  write_file_atomic(folder_ / "sub" / "a.txt", "two", "test.files");
  EXPECT_EQ(read_file(folder_ / "sub" / "a.txt", "test.files"), "two");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_ / "sub"), fs::directory_iterator()), 1);
}

TEST_F(Files, AFailedWriteLeavesNoUnfinishedFile) {
  fs::create_directories(folder_ / "taken" / "full");  // a folder in the place of the file: the rename fails
  expect_error(ErrorCode::Io, "cannot rename", [&] { write_file_atomic(folder_ / "taken", "text", "test.files"); });
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()), 1);
}

TEST_F(Files, APipeIsRefusedAndNotWaitedFor) {
  ASSERT_EQ(::mkfifo((folder_ / "pipe").c_str(), 0600), 0);
  expect_error(ErrorCode::Format, "got a device or pipe", [&] { (void)read_file(folder_ / "pipe", "test.files"); });
  expect_error(ErrorCode::Format, "got a folder", [&] { (void)read_file(folder_, "test.files"); });
  expect_error(ErrorCode::NotFound, "no such file", [&] { (void)read_file(folder_ / "none", "test.files"); });
}

TEST_F(Files, CopiesContentAndNeverOverwrites) {
  const std::string content(200'000, 'x');
  write_file_atomic(folder_ / "a", content, "test.files");
  copy_file(folder_ / "a", folder_ / "b", "test.files");
  EXPECT_EQ(read_file(folder_ / "b", "test.files"), content);
  expect_error(ErrorCode::Io, "cannot write", [&] { copy_file(folder_ / "a", folder_ / "b", "test.files"); });
  expect_error(ErrorCode::Io, "cannot copy", [&] { copy_file(folder_, folder_ / "c", "test.files"); });
  EXPECT_FALSE(fs::exists(folder_ / "c")) << "nothing is left of a copy that failed";
}

TEST_F(Files, KnowsItsUnfinishedFiles) {
  EXPECT_TRUE(is_unfinished_file(".state.json.4711.partial"));
  EXPECT_FALSE(is_unfinished_file("state.json.4711.partial"));
  EXPECT_FALSE(is_unfinished_file(".state.json.partial"));
  EXPECT_FALSE(is_unfinished_file(".4711.partial"));
  EXPECT_FALSE(is_unfinished_file(".state.json.4711.partial.txt"));
}

TEST_F(Files, AppendedLinesAreNotSpoiltByACutOne) {
  std::ofstream(folder_ / "lines") << "whole\ncut sho";
  append_line(folder_ / "lines", "next", "test.files");
  append_line(folder_ / "lines", "last", "test.files");
  EXPECT_EQ(read_file(folder_ / "lines", "test.files"), "whole\ncut sho\nnext\nlast\n");
  expect_error(ErrorCode::Io, "cannot write", [&] { append_line(folder_ / "none" / "lines", "x", "test.files"); });
}

TEST_F(Files, IoErrorsSayWhyAndWhatToDo) {
  const Error full = io_error("test.files", "cannot write x", ENOSPC);
  EXPECT_STREQ(full.what(), "[test.files] cannot write x: the disk is full");
  EXPECT_THAT(full.remedy(), HasSubstr("free some space"));
  EXPECT_THAT(io_error("test.files", "x", EROFS).what(), HasSubstr("read-only"));
  EXPECT_THAT(io_error("test.files", "x", EACCES).what(), HasSubstr("no permission"));
  EXPECT_EQ(io_error("test.files", "x", EROFS, "elsewhere").remedy(), "elsewhere");
  EXPECT_EQ(io_error("test.files", "x", EIO).code(), ErrorCode::Io);
}

}  // namespace
}  // namespace gpiot::base
