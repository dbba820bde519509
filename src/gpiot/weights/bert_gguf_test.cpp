#include "gpiot/weights/bert_gguf.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <fstream>
#include <limits>
#include <map>

#include "gpiot/base/error.h"
#include "gpiot/base/files.h"
#include "gpiot/weights/gguf_check.h"
#include "gpiot/weights/gguf_writer.h"

namespace gpiot::weights {
namespace {

using base::Error;
using base::ErrorCode;

constexpr auto kConfig =
    R"({"model_type": "bert", "hidden_act": "gelu", "hidden_size": 32, "intermediate_size": 64, "layer_norm_eps": 1e-12,
        "max_position_embeddings": 8, "num_attention_heads": 2, "num_hidden_layers": 1, "type_vocab_size": 2,
        "vocab_size": 7})";
constexpr auto kVocabulary = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nsun\n##ny\n";

std::map<std::string, std::vector<std::uint64_t>> tiny_shapes() {
  const std::string layer = "encoder.layer.0.";
  std::map<std::string, std::vector<std::uint64_t>> shapes = {{"embeddings.word_embeddings.weight", {7, 32}},
                                                              {"embeddings.position_embeddings.weight", {8, 32}},
                                                              {"embeddings.token_type_embeddings.weight", {2, 32}},
                                                              {layer + "intermediate.dense.weight", {64, 32}},
                                                              {layer + "intermediate.dense.bias", {64}},
                                                              {layer + "output.dense.weight", {32, 64}},
                                                              {layer + "output.dense.bias", {32}},
                                                              {"pooler.dense.bias", {32}}};
  for (const std::string part :
       {"attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense"}) {
    shapes[layer + part + ".weight"] = {32, 32};
    shapes[layer + part + ".bias"] = {32};
  }
  for (const std::string& norm : {std::string("embeddings."), layer + "attention.output.", layer + "output."}) {
    shapes[norm + "LayerNorm.weight"] = {32};
    shapes[norm + "LayerNorm.bias"] = {32};
  }
  return shapes;
}

std::string safetensors_of(const std::map<std::string, std::vector<std::uint64_t>>& shapes) {
  std::string header = "{";
  std::string data;
  for (const auto& [name, shape] : shapes) {
    std::uint64_t count = 1;
    std::string sizes;
    for (const auto size : shape) {
      count *= size;
      sizes += (sizes.empty() ? "" : ",") + std::to_string(size);
    }
    const auto first = data.size();
    for (std::uint64_t i = 0; i < count; ++i) {
      const float value = std::sin(static_cast<float>(data.size()));
      data.append(reinterpret_cast<const char*>(&value), sizeof value);
    }
    header += (header.size() == 1 ? "\"" : ",\"") + name + "\":{\"dtype\":\"F32\",\"shape\":[" + sizes +
              "],\"data_offsets\":[" + std::to_string(first) + "," + std::to_string(data.size()) + "]}";
  }
  header += "}";
  const std::uint64_t length = header.size();
  return std::string(reinterpret_cast<const char*>(&length), sizeof length) + header + data;
}

class BertGguf : public testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directories(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  void put(const std::string& name, const std::string& content) {
    std::ofstream(folder_ / name, std::ios::binary | std::ios::trunc) << content;
  }
  void put_all() {
    put("config.json", kConfig);
    put("vocab.txt", kVocabulary);
    put("model.safetensors", safetensors_of(tiny_shapes()));
  }
  void write(WeightFormat format = WeightFormat::F32) {
    write_bert_gguf({folder_ / "model.safetensors", folder_ / "vocab.txt", folder_ / "config.json"},
                    {"tiny", "tests", "mit"}, format, out_);
  }
  ErrorCode failure(const std::string& part, WeightFormat format = WeightFormat::F32) {
    try {
      write(format);
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
      EXPECT_FALSE(std::filesystem::exists(out_));
      return error.code();
    }
    ADD_FAILURE() << "taken, expected: " << part;
    return ErrorCode::Internal;
  }
  std::filesystem::path folder_ = std::filesystem::temp_directory_path() / ("gpiot_bert_" + std::to_string(::getpid()));
  std::filesystem::path out_ = folder_ / "out.gguf";
};

TEST_F(BertGguf, the_file_passes_our_own_check) {
  put_all();
  for (const auto format : {WeightFormat::F32, WeightFormat::F16, WeightFormat::Bf16, WeightFormat::Q8_0}) {
    write(format);
    const auto summary = check_gguf(out_);
    EXPECT_EQ(summary.architecture, "bert");
    EXPECT_EQ(summary.tensor_count, 21u);  // the pooler is left out
    EXPECT_EQ(summary.vocabulary_size, 7);
    EXPECT_EQ(summary.embedding_length, 32);
    EXPECT_EQ(summary.file_type, static_cast<std::int64_t>(facts_of(format).file_type));
  }
}

TEST_F(BertGguf, same_input_gives_the_same_bytes) {
  put_all();
  write(WeightFormat::Q8_0);
  const auto first = base::read_file(out_, "test");
  write(WeightFormat::Q8_0);
  EXPECT_EQ(base::read_file(out_, "test"), first);
}

TEST_F(BertGguf, beginnings_of_words_are_marked) {
  put_all();
  write();
  const auto bytes = base::read_file(out_, "test");
  EXPECT_NE(bytes.find("\u2581sun"), std::string::npos);
  EXPECT_NE(bytes.find(std::string("\x02\0\0\0\0\0\0\0ny", 10)), std::string::npos);
  EXPECT_EQ(bytes.find("##ny"), std::string::npos);
  EXPECT_EQ(bytes.find("\u2581[CLS]"), std::string::npos);
}

TEST_F(BertGguf, tensors_that_do_not_fit_are_refused) {
  put_all();
  auto shapes = tiny_shapes();
  shapes["encoder.layer.0.output.dense.weight"] = {64, 32};
  put("model.safetensors", safetensors_of(shapes));
  EXPECT_EQ(failure("does not fit config.json"), ErrorCode::Format);
  shapes.erase("encoder.layer.0.output.dense.weight");
  put("model.safetensors", safetensors_of(shapes));
  EXPECT_EQ(failure("is missing"), ErrorCode::Format);
}

TEST_F(BertGguf, vocabularies_that_do_not_fit_are_refused) {
  put_all();
  put("vocab.txt", "[PAD]\n[UNK]\n");
  EXPECT_EQ(failure("got 2 tokens, expected 7"), ErrorCode::Format);
  put("vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\na\nsun\n##ny\n");
  EXPECT_EQ(failure("[MASK] is missing"), ErrorCode::Format);
  put("vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nsun\n\xff\n");
  EXPECT_EQ(failure("no UTF-8"), ErrorCode::Format);
}

TEST_F(BertGguf, other_encoders_are_refused) {
  put_all();
  const std::string config = kConfig;
  const auto with = [&](const std::string& from, const std::string& to) {
    auto text = config;
    return text.replace(text.find(from), from.size(), to);
  };
  put("config.json", with("\"bert\"", "\"roberta\""));
  EXPECT_EQ(failure("model_type"), ErrorCode::Unsupported);
  put("config.json", with("\"num_attention_heads\": 2", "\"num_attention_heads\": 3"));
  EXPECT_EQ(failure("cannot be shared"), ErrorCode::Format);
  put("config.json", with("\"num_hidden_layers\": 1", "\"num_hidden_layers\": 1000000"));
  EXPECT_EQ(failure("num_hidden_layers"), ErrorCode::Format);
  put("config.json", with("\"num_hidden_layers\": 1", "\"num_hidden_layers\": -1"));
  EXPECT_EQ(failure("num_hidden_layers"), ErrorCode::Format);
}

TEST(WeightFormatTest, halves_are_rounded_to_the_nearest) {
  const std::vector<float> values = {1.0F,  -2.0F, 65504.0F, 65520.0F, 1.0F + 1.0F / 2048, 1.0F + 3.0F / 2048,
                                     6e-8F, 0.1F};
  const std::vector<std::uint16_t> expected = {0x3c00, 0xc000, 0x7bff, 0x7c00, 0x3c00, 0x3c02, 0x0001, 0x2e66};
  const auto bytes = encode(values, WeightFormat::F16);
  EXPECT_EQ(bytes, std::string(reinterpret_cast<const char*>(expected.data()), expected.size() * 2));
  const auto brain = encode(std::vector<float>{1.0F, 0.1F}, WeightFormat::Bf16);
  EXPECT_EQ(brain, std::string("\x80\x3f\xcd\x3d", 4));
}

TEST(WeightFormatTest, q8_0_has_a_step_a_block) {
  std::vector<float> values(32, 0.0F);
  values[0] = -127.0F;
  values[1] = 63.6F;
  const auto bytes = encode(values, WeightFormat::Q8_0);
  ASSERT_EQ(bytes.size(), 34u);
  EXPECT_EQ(bytes.substr(0, 4), std::string("\0\x3c\x81\x40", 4));
  EXPECT_EQ(encode(std::vector<float>(32, 0.0F), WeightFormat::Q8_0), std::string(34, '\0'));
  EXPECT_THROW((void)encode(std::vector<float>(31, 0.0F), WeightFormat::Q8_0), Error);
}

TEST(GgufWriterTest, data_that_does_not_fit_is_refused) {
  GgufWriter writer;
  const std::vector<std::uint64_t> dimensions = {32, 2};
  EXPECT_NO_THROW(writer.tensor("a", dimensions, 8, std::string(68, 'x')));
  EXPECT_THROW(writer.tensor("b", dimensions, 8, std::string(67, 'x')), Error);
  EXPECT_THROW(writer.tensor("b", dimensions, 5, std::string(68, 'x')), Error);
}

}  // namespace
}  // namespace gpiot::weights
