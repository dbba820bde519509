#include "gpiot/pipeline/freshness.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "gpiot/base/files.h"

namespace gpiot::pipeline {
namespace {

namespace fs = std::filesystem;

class DataState : public ::testing::Test {
 protected:
  void SetUp() override { put("data/a.csv", "x\n1\n"); }
  void TearDown() override { fs::remove_all(project_); }

  void put(const std::string& file, const std::string& text) { base::write_file_atomic(project_ / file, text, "test"); }
  [[nodiscard]] std::string state(const std::string& path = "data") const {
    core::Requirement requirement;
    requirement.data.path = path;
    return data_state(requirement, project_);
  }

  fs::path project_ = fs::temp_directory_path() / ("gpiot-freshness-" + std::to_string(::getpid()));
};

TEST_F(DataState, ChangesWithNamesAndContents) {
  const auto first = state();
  EXPECT_EQ(state(), first);
  put("data/a.csv", "x\n2\n");
  const auto other = state();
  EXPECT_NE(other, first);
  put("data/below/b.csv", "x\n1\n");
  EXPECT_NE(state(), other);
  fs::remove_all(project_ / "data/below");
  put("data/a.csv", "x\n1\n");
  EXPECT_EQ(state(), first);
}

TEST_F(DataState, WhatGpiotWritesBesideTheDataDoesNotCount) {
  const auto first = state(".");
  for (const auto* file : {".gpiot/chosen.json", "app/main.py", "runs/0001/report.json", "specs/01.md", "subtasks.md"})
    put(file, "anything");
  EXPECT_EQ(state("."), first);
  put("more.csv", "x\n");
  EXPECT_NE(state("."), first);
}

TEST_F(DataState, ALinkToNothingHidesNoFile) {
  fs::create_symlink("nowhere", project_ / "data/Z");
  fs::create_directory(project_ / "data/Z2");
  const auto first = state();
  put("data/Z2/b.csv", "x\n");
  put("data/z.csv", "x\n");
  EXPECT_NE(state(), first);
}

}  // namespace
}  // namespace gpiot::pipeline
