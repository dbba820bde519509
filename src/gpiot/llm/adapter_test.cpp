#include "gpiot/llm/adapter.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "gpiot/base/error.h"
#include "gpiot/base/hash.h"
#include "gpiot/llm/llama_generator.h"

namespace gpiot::llm {
namespace {

using base::Error;
using base::ErrorCode;

/// A LoRA of rank 4 on the first layer's q, written byte by byte; `b` is the value of all of B.
std::string adapter_bytes(const std::string& architecture, std::uint64_t width, float b) {
  constexpr std::uint64_t kRank = 4;
  std::string data = "GGUF";
  const auto number = [&](auto value) { data.append(reinterpret_cast<const char*>(&value), sizeof(value)); };
  const auto text = [&](const std::string& value) {
    number(std::uint64_t{value.size()});
    data += value;
  };
  const auto text_key = [&](const std::string& key, const std::string& value) {
    text(key);
    number(std::uint32_t{8});
    text(value);
  };
  const auto tensor = [&](const std::string& name, std::uint64_t columns, std::uint64_t rows, std::uint64_t offset) {
    text(name);
    number(std::uint32_t{2});
    number(columns);
    number(rows);
    number(std::uint32_t{0});
    number(offset);
  };
  number(std::uint32_t{3});
  number(std::uint64_t{2});
  number(std::uint64_t{4});
  text_key("general.architecture", architecture);
  text_key("general.type", "adapter");
  text_key("adapter.type", "lora");
  text("adapter.lora.alpha");
  number(std::uint32_t{6});
  number(4.0F);
  tensor("blk.0.attn_q.weight.lora_a", width, kRank, 0);
  tensor("blk.0.attn_q.weight.lora_b", kRank, width, width * kRank * 4);
  data.resize((data.size() + 31) / 32 * 32);
  for (std::uint64_t i = 0; i < width * kRank; ++i) number(static_cast<float>(i % 7) - 3.0F);
  for (std::uint64_t i = 0; i < width * kRank; ++i) number(i % 3 == 0 ? b : -b);
  return data;
}

class AdapterTest : public testing::Test {
 protected:
  void SetUp() override {
    if (std::getenv("GPIOT_TEST_MODEL") == nullptr) GTEST_SKIP() << "GPIOT_TEST_MODEL names no model";
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  static std::shared_ptr<const LlamaModel> model() {
    static const auto shared = std::make_shared<const LlamaModel>(std::getenv("GPIOT_TEST_MODEL"));
    return shared;
  }
  void write(const std::string& architecture, float b) {
    const auto width = static_cast<std::uint64_t>(model()->summary().embedding_length);
    std::ofstream(path_, std::ios::binary) << adapter_bytes(architecture, width, b);
  }
  void write_manifest(const std::string& text) { std::ofstream(path_.string() + ".json") << text; }
  std::string answer(const std::filesystem::path& adapter) {
    LlamaGeneratorOptions options;
    options.context_tokens = 256;
    options.adapter_path = adapter;
    LlamaGenerator generator(model(), options);
    core::GenerationRequest request;
    request.messages = {{"user", "What is the capital of France?"}};
    request.sampling.max_tokens = 12;
    const base::CancelToken cancel;
    return generator.generate(std::span(&request, 1), {}, cancel)[0].text;
  }
  std::string problem(ErrorCode expected) {
    try {
      (void)load_adapter(*model(), path_, {});
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), expected) << error.what();
      return error.what();
    }
    ADD_FAILURE() << "no error";
    return {};
  }
  std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("gpiot_adapter_" + std::to_string(::getpid()));
  std::filesystem::path path_ = folder_ / "adapter.gguf";
};

TEST_F(AdapterTest, zero_changes_nothing_and_another_does) {
  const std::string base = answer({});
  write("llama", 0.0F);
  EXPECT_EQ(answer(path_), base);
  write("llama", 5.0F);
  EXPECT_NE(answer(path_), base);
}

TEST_F(AdapterTest, manifest_must_name_the_base) {
  write("llama", 0.0F);
  const std::string sha256 = base::sha256_file(model()->path(), "test");
  write_manifest(R"({"base_sha256": ")" + sha256 + "\"}");
  EXPECT_NE(load_adapter(*model(), path_, {}), nullptr);
  EXPECT_NE(load_adapter(*model(), path_, sha256), nullptr);
  write_manifest(R"({"base_sha256": "00ff"})");
  const std::string message = problem(ErrorCode::Model);
  EXPECT_NE(message.find("00ff"), std::string::npos) << message;
  EXPECT_NE(message.find(sha256), std::string::npos) << message;
  write_manifest(R"({"base": 3})");
  (void)problem(ErrorCode::Format);
}

TEST_F(AdapterTest, on_the_original_of_its_widened_base_the_copy_is_named) {
  write("llama", 0.0F);
  const std::string sha256 = base::sha256_file(model()->path(), "test");
  const auto remedy = [&](const std::string& base, const std::string& parent, const std::string& recipe) {
    write_manifest(R"({"base_sha256": "00ff", "base": ")" + base + R"(", "base_parent_sha256": ")" + parent +
                   R"(", "base_recipe": ")" + recipe + "\"}");
    try {
      (void)load_adapter(*model(), path_, sha256);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::Model);
      return error.remedy();
    }
    return std::string("no error");
  };
  const std::string derive = "gpiot model derive " + model()->path().string() + " --widen=64";
  const std::string good = remedy("smol-wide64", sha256, "widen ffn by 64");
  EXPECT_NE(good.find("--model smol-wide64;"), std::string::npos) << good;
  EXPECT_NE(good.find(derive + " --name smol-wide64"), std::string::npos) << good;
  // What an unknown manifest says is no command to repeat.
  const std::string odd = remedy("x; rm -rf ~", sha256, "widen ffn by 64");
  EXPECT_EQ(odd.find("rm"), std::string::npos) << odd;
  EXPECT_NE(odd.find(derive), std::string::npos) << odd;
  for (const auto& [parent, recipe] : {std::pair{sha256, "widen ffn by 6;4"}, std::pair{sha256, "format q4_0"},
                                       std::pair{std::string("ffff"), "widen ffn by 64"}}) {
    EXPECT_NE(remedy("smol-wide64", parent, recipe).find("a requantised copy is another base"), std::string::npos);
  }
}

TEST_F(AdapterTest, what_does_not_fit_is_refused) {
  write("qwen2", 0.0F);
  EXPECT_NE(problem(ErrorCode::Model).find("qwen2"), std::string::npos);
  std::ofstream(path_, std::ios::binary) << adapter_bytes("llama", 64, 0.0F);
  EXPECT_NE(problem(ErrorCode::Model).find("cannot load"), std::string::npos);
  std::filesystem::remove(path_);
  (void)problem(ErrorCode::NotFound);
  std::filesystem::create_symlink(model()->path(), path_);
  EXPECT_NE(problem(ErrorCode::Model).find("not a LoRA adapter"), std::string::npos);
  std::filesystem::remove(path_);
  write("llama", 0.0F);
  EXPECT_THROW(LlamaModel{path_}, Error);
}

}  // namespace
}  // namespace gpiot::llm
