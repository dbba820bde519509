#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "gpiot/base/error.h"
#include "gpiot/base/files.h"
#include "gpiot/core/requirement.h"

namespace gpiot::eval {

/// The folder of the repository.
inline std::filesystem::path repository() {
  const char* set = std::getenv("GPIOT_ROOT");
  return set != nullptr ? set : ".";
}

/// What examples/heartbeat-detection asks for; the parser is of another module.
inline core::Requirement heartbeat() {
  core::Requirement requirement;
  requirement.data = {"data", "wfdb", "*.hea", "MLII", 360, {{"ecg", "numpy.ndarray", "float64", "(n,)", "mV", ""}}};
  requirement.labels = {"wfdb-annotations",
                        "*.atr",
                        {"N", "L", "R", "B", "A", "a", "J", "S", "V", "r", "F", "e", "j", "n", "E", "/", "f", "Q", "?"},
                        ""};
  requirement.result.variable.name = "r_peaks";
  requirement.evaluator = {"events", 150, 0.95, 0.95};
  return requirement;
}

/// A project folder that vanishes with the test.
class TestProject : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "gpiot-eval-XXXXXX").string();
    folder_ = std::filesystem::canonical(::mkdtemp(name.data()));
    std::filesystem::create_directories(folder_ / "data");
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  void put(const std::string& file, std::string_view content) const {
    base::write_file_atomic(folder_ / file, content, "test");
  }
  template <typename Action>
  static void expect_error(base::ErrorCode code, const std::string& part, Action action) {
    try {
      action();
      ADD_FAILURE() << "expected an error with: " << part;
    } catch (const base::Error& error) {
      EXPECT_EQ(error.code(), code) << error.what();
      EXPECT_THAT(error.what(), testing::HasSubstr(part));
    }
  }
  std::filesystem::path folder_;
};

}  // namespace gpiot::eval
