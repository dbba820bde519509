#include "gpiot/retrieve/query_map.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <fstream>

#include "gpiot/base/error.h"

namespace gpiot::retrieve {
namespace {

namespace fs = std::filesystem;

class TinyEncoder : public core::Embedder {
 public:
  [[nodiscard]] int dimension() const override { return 2; }
  [[nodiscard]] int max_tokens() const override { return 8; }
  [[nodiscard]] core::EmbedderIdentity identity() const override { return {"tiny", "0123456789abcdef99", 8}; }
  [[nodiscard]] std::vector<float> embed(std::span<const std::string>, const base::CancelToken&) override { return {}; }
};

class QueryMapTest : public ::testing::Test {
 protected:
  void SetUp() override { fs::create_directories(folder_); }
  void TearDown() override { fs::remove_all(folder_); }

  void write(const std::string& header, const std::vector<float>& numbers) {
    std::ofstream file(folder_ / "0123456789abcdef.safetensors", std::ios::binary);
    const std::uint64_t size = header.size();
    file.write(reinterpret_cast<const char*>(&size), sizeof size);
    file << header;
    file.write(reinterpret_cast<const char*>(numbers.data()), static_cast<std::streamsize>(4 * numbers.size()));
  }

  fs::path folder_ = fs::temp_directory_path() / ("gpiot-query-map-" + std::to_string(::getpid()));
  TinyEncoder encoder_;
};

TEST_F(QueryMapTest, AQuestionIsTurnedAndKeepsItsLength) {
  write(R"({"down":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},)"
        R"("up":{"dtype":"F32","shape":[1,2],"data_offsets":[8,16]}})",
        {1, 0, 0.5F, 1});
  const auto map = QueryMap::load(folder_, encoder_);
  std::vector<float> query = {0.6F, 0.8F};  // + 0.6 * (0.5, 1) = (0.9, 1.4)
  map.apply(query);
  EXPECT_NEAR(query[0], 0.9 / std::sqrt(0.81 + 1.96), 1e-6);
  EXPECT_NEAR(query[1], 1.4 / std::sqrt(0.81 + 1.96), 1e-6);
}

TEST_F(QueryMapTest, WithoutAFileForTheEncoderNothingChanges) {
  std::vector<float> query = {0.6F, 0.8F};
  QueryMap::load(folder_, encoder_).apply(query);
  QueryMap::load({}, encoder_).apply(query);
  EXPECT_EQ(query, (std::vector<float>{0.6F, 0.8F}));
}

TEST_F(QueryMapTest, AFileOfAnotherShapeIsRefused) {
  write(R"({"down":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},)"
        R"("up":{"dtype":"F32","shape":[1,2],"data_offsets":[8,16]}})",
        {1, 0, 0, 1});
  EXPECT_THROW((void)QueryMap::load(folder_, encoder_), base::Error);
}

}  // namespace
}  // namespace gpiot::retrieve
