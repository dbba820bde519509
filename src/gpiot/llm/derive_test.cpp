#include "gpiot/llm/derive.h"

#include <ggml.h>
#include <gtest/gtest.h>
#include <llama.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>

#include "gpiot/base/error.h"
#include "gpiot/llm/llama_generator.h"
#include "gpiot/llm/llama_log.h"
#include "gpiot/llm/llama_model.h"
#include "gpiot/llm/logits.h"
#include "gpiot/weights/gguf_layout.h"
#include "gpiot/weights/tensor_types.h"
#include "gpiot/weights/widen.h"

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
  [[nodiscard]] std::filesystem::path in_blocks_of_256() const;
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

TEST_F(Derive, copy_in_f32_is_all_f32) {
  derive_model(model(), out_, "f32");
  EXPECT_EQ(weights::check_gguf(out_).file_type, 0);
  EXPECT_GT(std::filesystem::file_size(out_), 4 * weights::check_gguf(out_).parameters);
}

/// The test model with some of its tensors in Q4_K and Q6_K.
std::filesystem::path Derive::in_blocks_of_256() const {
  const auto original = folder_ / "original.gguf";
  llama_model_quantize_params parameters = llama_model_quantize_default_params();
  parameters.ftype = LLAMA_FTYPE_MOSTLY_Q4_K_M;
  parameters.allow_requantize = true;
  parameters.nthread = 2;
  start_backend();
  EXPECT_EQ(llama_model_quantize(model().c_str(), original.c_str(), &parameters), 0U);
  return original;
}

std::string bytes_of(const std::filesystem::path& file, const weights::GgufSummary& summary,
                     const weights::GgufLayout::Tensor& tensor) {
  std::ifstream in(file, std::ios::binary);
  in.seekg(static_cast<std::streamoff>(summary.data_offset + tensor.offset));
  std::string bytes(tensor.bytes, '\0');
  in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  return bytes;
}

TEST_F(Derive, batch_copy_changes_q6_k_alone) {
  const auto original = in_blocks_of_256();
  EXPECT_GT(q6_k_share(original), 0.05);
  derive_model(original, out_, kBatchFormat);
  EXPECT_EQ(q6_k_share(out_), 0);
  weights::GgufLayout before;
  weights::GgufLayout after;
  const auto old_summary = weights::check_gguf(original, before);
  const auto new_summary = weights::check_gguf(out_, after);
  EXPECT_EQ(new_summary.file_type, old_summary.file_type);
  ASSERT_EQ(after.tensors.size(), before.tensors.size());
  int changed = 0;
  for (const auto& tensor : before.tensors) {
    const auto copy = std::ranges::find(after.tensors, tensor.name, &weights::GgufLayout::Tensor::name);
    ASSERT_NE(copy, after.tensors.end()) << tensor.name;
    if (tensor.type->id == GGML_TYPE_Q6_K) {
      EXPECT_EQ(copy->type->id, static_cast<std::uint32_t>(GGML_TYPE_Q8_0)) << tensor.name;
      ++changed;
    } else {
      EXPECT_EQ(bytes_of(original, old_summary, tensor), bytes_of(out_, new_summary, *copy)) << tensor.name;
    }
  }
  EXPECT_GT(changed, 0);
  EXPECT_EQ(failure([&] { derive_model(out_, folder_ / "again.gguf", kBatchFormat); }), ErrorCode::InvalidArgument);
}

/// Relative (L2) to the logits of `exact`.
double distance(const LlamaModel& exact, const LlamaModel& other) {
  const auto tokens =
      exact.tokens_of("Find every heel strike in three axes at 100 Hz: import numpy as np", true, false);
  const std::vector<float> wanted = logits_of(exact, {}, tokens, 0);
  const std::vector<float> got = logits_of(other, {}, tokens, 0);
  EXPECT_EQ(got.size(), wanted.size());
  double difference = 0;
  double size = 0;
  for (std::size_t i = 0; i < std::min(got.size(), wanted.size()); ++i) {
    difference += (got[i] - wanted[i]) * (got[i] - wanted[i]);
    size += wanted[i] * wanted[i];
  }
  return std::sqrt(difference / size);
}

TEST_F(Derive, batch_copy_is_as_near_to_the_exact_numbers_as_its_original) {
  const auto original = in_blocks_of_256();
  const auto exact = folder_ / "f32.gguf";
  derive_model(original, exact, "f32");
  derive_model(original, out_, kBatchFormat);
  const LlamaModel truth(exact);
  const double before = distance(truth, LlamaModel(original));
  const double after = distance(truth, LlamaModel(out_));
  EXPECT_GT(before, 0) << "libllama rounds what it multiplies with";
  EXPECT_LT(after, 1.2 * before);
}

TEST_F(Derive, bad_calls_are_refused) {
  EXPECT_EQ(failure([&] { derive_model(model(), out_, "q3"); }), ErrorCode::InvalidArgument);
  EXPECT_EQ(failure([&] { derive_model(model(), model(), "q8_0"); }), ErrorCode::InvalidArgument);
  std::ofstream(out_) << "the user's";
  EXPECT_EQ(failure([&] { derive_model(model(), out_, "q8_0"); }), ErrorCode::InvalidArgument)
      << "it would be replaced";
  EXPECT_EQ(std::filesystem::file_size(out_), 10U);
  std::filesystem::remove(out_);
  EXPECT_EQ(failure([&] { derive_model("/nowhere.gguf", out_, "q8_0"); }), ErrorCode::NotFound);
  std::ofstream(folder_ / "bad.gguf") << "GGUF and no more than that";
  EXPECT_EQ(failure([&] { derive_model(folder_ / "bad.gguf", out_, "q8_0"); }), ErrorCode::Format);
}

/// The file and its copy with a wider FFN, on the same tokens.
void expect_same_logits(const std::filesystem::path& original, const std::filesystem::path& copy) {
  const LlamaModel before(original);
  const LlamaModel after(copy);
  const auto tokens =
      before.tokens_of("Find every heel strike in three axes at 100 Hz: import numpy as np", true, false);
  const std::vector<float> wanted = logits_of(before, {}, tokens, 0);
  const std::vector<float> got = logits_of(after, {}, tokens, 0);
  ASSERT_EQ(wanted.size(), tokens.size() * static_cast<std::size_t>(before.vocabulary_size()));
  ASSERT_EQ(got.size(), wanted.size());
  EXPECT_TRUE(std::ranges::equal(got, wanted)) << original;
}

TEST_F(Derive, ffn_padded_with_zeros_gives_the_very_logits) {
  weights::widen_ffn(model(), out_, 64);
  expect_same_logits(model(), out_);
  for (const char* format : {"q4_0", "q8_0", "f16", "f32"}) {
    const auto original = folder_ / "original.gguf";
    std::filesystem::remove(original);
    derive_model(model(), original, format);
    std::filesystem::remove(out_);
    weights::widen_ffn(original, out_, 64);
    expect_same_logits(original, out_);
  }
}

TEST_F(Derive, so_it_does_with_blocks_of_256) {
  const auto original = in_blocks_of_256();
  weights::widen_ffn(original, out_, 64);
  EXPECT_EQ(weights::plan_widening(original, 64).added, 256U);
  expect_same_logits(original, out_);
}

TEST(TensorTypes, all_zero_bytes_are_zeros_in_every_type_of_weights) {
  for (const weights::TensorType& type : weights::tensor_types()) {
    const ggml_type_traits* traits = ggml_get_type_traits(static_cast<ggml_type>(type.id));
    const bool has_numbers = traits->to_float != nullptr || type.name == "f32";
    constexpr std::string_view kRefused[] = {"i8", "i16", "i32", "i64", "f64", "q8_1", "q8_K"};  // by widen_ffn
    EXPECT_TRUE(has_numbers || std::ranges::find(kRefused, type.name) != std::end(kRefused)) << type.name;
    if (traits->to_float == nullptr) continue;
    const std::string block(type.block_bytes, '\0');
    std::vector<float> numbers(type.block_elements, 1.0F);
    traits->to_float(block.data(), numbers.data(), static_cast<std::int64_t>(numbers.size()));
    for (const float number : numbers) EXPECT_EQ(number, 0.0F) << type.name;
  }
}

}  // namespace
}  // namespace gpiot::llm
