#include "gpiot/llm/derive.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "gpiot/base/error.h"
#include "gpiot/llm/llama_generator.h"
#include "gpiot/llm/llama_model.h"
#include "gpiot/weights/gguf_check.h"

namespace gpiot::llm {
namespace {

using base::Error;
using base::ErrorCode;

class Derive : public testing::Test {
 protected:
  void SetUp() override {
    if (std::getenv("GPIOT_TEST_MODEL") == nullptr) GTEST_SKIP() << "GPIOT_TEST_MODEL names no model";
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  static std::filesystem::path model() { return std::getenv("GPIOT_TEST_MODEL"); }
  ErrorCode failure(const std::function<void()>& action) {
    try {
      action();
    } catch (const Error& error) {
      EXPECT_FALSE(std::filesystem::exists(out_.string() + ".partial")) << error.what();
      return error.code();
    }
    return ErrorCode::Internal;
  }
  std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("gpiot_derive_" + std::to_string(::getpid()));
  std::filesystem::path out_ = folder_ / "out.gguf";
};

TEST_F(Derive, copy_in_another_format_answers) {
  double last = 0;
  derive_model(model(), out_, "q4_0", [&](double progress) {
    EXPECT_GE(progress, last);
    last = progress;
  });
  EXPECT_EQ(last, 1.0);
  EXPECT_FALSE(std::filesystem::exists(out_.string() + ".partial"));
  const auto before = weights::check_gguf(model());
  const auto after = weights::check_gguf(out_);
  EXPECT_EQ(after.architecture, before.architecture);
  EXPECT_EQ(after.parameters, before.parameters);
  EXPECT_EQ(after.file_type, 2);
  LlamaGeneratorOptions options;
  options.context_tokens = 256;
  LlamaGenerator generator(out_, options);
  core::GenerationRequest request;
  request.messages = {{"user", "What is the capital of France?"}};
  request.sampling.max_tokens = 12;
  const base::CancelToken cancel;
  EXPECT_NE(generator.generate(std::span(&request, 1), {}, cancel)[0].text.find("Paris"), std::string::npos);
}

TEST_F(Derive, widened_copy_is_all_f32) {
  derive_model(model(), out_, "f32");
  EXPECT_EQ(weights::check_gguf(out_).file_type, 0);
  EXPECT_GT(std::filesystem::file_size(out_), 4 * weights::check_gguf(out_).parameters);
}

TEST_F(Derive, bad_calls_are_refused) {
  EXPECT_EQ(failure([&] { derive_model(model(), out_, "q3"); }), ErrorCode::InvalidArgument);
  EXPECT_EQ(failure([&] { derive_model(model(), model(), "q8_0"); }), ErrorCode::InvalidArgument);
  EXPECT_EQ(failure([&] { derive_model("/nowhere.gguf", out_, "q8_0"); }), ErrorCode::NotFound);
  std::ofstream(folder_ / "bad.gguf") << "GGUF and no more than that";
  EXPECT_EQ(failure([&] { derive_model(folder_ / "bad.gguf", out_, "q8_0"); }), ErrorCode::Format);
}

}  // namespace
}  // namespace gpiot::llm
