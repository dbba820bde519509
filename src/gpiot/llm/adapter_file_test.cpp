#include "gpiot/llm/adapter_file.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "gpiot/base/error.h"
#include "gpiot/llm/gguf_weights.h"

namespace gpiot::llm {
namespace {

class AdapterFile : public ::testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directories(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  /// The pair of a matrix [3, 4] of rank 2.
  static LoraPair pair(bool half, float first) {
    LoraPair one{"blk.0.ffn_up.weight", 4, 3, 2, std::vector<float>(8, 0.1F), std::vector<float>(6, -2.0F), half};
    one.a[0] = first;
    return one;
  }
  [[nodiscard]] std::vector<float> a_of(const std::filesystem::path& path) const {
    std::vector<float> values(8);
    GgufWeights(path).read("blk.0.ffn_up.weight.lora_a", values);
    return values;
  }
  const std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("gpiot_adapter_file_" + std::to_string(::getpid()));
};

TEST_F(AdapterFile, floats_are_kept_as_they_are_and_halves_rounded) {
  write_adapter(folder_ / "float.gguf", "llama", {pair(false, 1e6F)});
  EXPECT_EQ(a_of(folder_ / "float.gguf"), pair(false, 1e6F).a);
  write_adapter(folder_ / "half.gguf", "llama", {pair(true, 1.0F)});
  const std::vector<float> halves = a_of(folder_ / "half.gguf");
  EXPECT_EQ(halves[0], 1.0F);
  EXPECT_NE(halves[1], 0.1F);
  EXPECT_NEAR(halves[1], 0.1F, 0.1F / 2048);
}

TEST_F(AdapterFile, what_no_half_holds_is_refused_and_no_file_left) {
  try {
    write_adapter(folder_ / "half.gguf", "llama", {pair(true, 1e6F)});
    FAIL() << "1e6 was written as a half float";
  } catch (const base::Error& error) {
    EXPECT_NE(std::string(error.what()).find("expected at most 65504"), std::string::npos) << error.what();
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder_));
}

}  // namespace
}  // namespace gpiot::llm
