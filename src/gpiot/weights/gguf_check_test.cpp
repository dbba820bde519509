#include "gpiot/weights/gguf_check.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <random>

#include "gpiot/base/error.h"

namespace gpiot::weights {
namespace {

using base::Error;
using base::ErrorCode;

/// Builds GGUF bytes by hand, so that each field can be made wrong.
class Bytes {
 public:
  template <typename T>
  Bytes& number(T value) {
    data.append(reinterpret_cast<const char*>(&value), sizeof(T));
    return *this;
  }
  Bytes& text(const std::string& value) {
    number<std::uint64_t>(value.size());
    data += value;
    return *this;
  }
  Bytes& text_key(const std::string& key, const std::string& value) {
    return text(key).number<std::uint32_t>(8).text(value);
  }
  Bytes& integer_key(const std::string& key, std::uint32_t value) {
    return text(key).number<std::uint32_t>(4).number(value);
  }
  Bytes& header(std::uint64_t tensors, std::uint64_t keys, std::uint32_t version = 3) {
    data += "GGUF";
    return number(version).number(tensors).number(keys);
  }
  Bytes& tensor(const std::string& name, const std::vector<std::uint64_t>& dims, std::uint32_t type,
                std::uint64_t offset) {
    text(name).number(static_cast<std::uint32_t>(dims.size()));
    for (const auto size : dims) number(size);
    return number(type).number(offset);
  }
  Bytes& pad(std::size_t extra) {
    data.resize((data.size() + 31) / 32 * 32 + extra, 'x');
    return *this;
  }
  std::string data;
};

std::string good_file() {
  Bytes bytes;
  bytes.header(2, 6)
      .text_key("general.architecture", "llama")
      .text_key("general.name", "tiny")
      .integer_key("general.file_type", 2)
      .integer_key("llama.context_length", 2048)
      .integer_key("general.alignment", 32);
  bytes.text("tokenizer.ggml.tokens").number<std::uint32_t>(9).number<std::uint32_t>(8).number<std::uint64_t>(3);
  bytes.text("a").text("b").text("c");
  bytes.tensor("first", {32, 4}, 0, 0).tensor("second", {64, 2}, 2, 512);
  return bytes.pad(512 + 4 * 18 + 24).data;
}

class GgufCheck : public testing::Test {
 protected:
  void TearDown() override { std::filesystem::remove(path_); }
  GgufSummary check(const std::string& bytes) {
    std::ofstream(path_, std::ios::binary | std::ios::trunc) << bytes;
    return check_gguf(path_);
  }
  /// The message of the error, or "" where the file was taken.
  std::string problem(const std::string& bytes) {
    try {
      (void)check(bytes);
      return {};
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::Format) << error.what();
      return error.what();
    }
  }
  void expect_problem(const std::string& bytes, const std::string& part) {
    EXPECT_NE(problem(bytes).find(part), std::string::npos) << "got: " << problem(bytes);
  }
  std::filesystem::path path_ =
      std::filesystem::temp_directory_path() / ("gguf_check_" + std::to_string(::getpid()) + ".gguf");
};

Bytes one_tensor(std::uint32_t keys = 1) {
  Bytes bytes;
  bytes.header(1, keys).text_key("general.architecture", "llama");
  return bytes;
}

TEST_F(GgufCheck, good_file_gives_its_facts) {
  const GgufSummary summary = check(good_file());
  EXPECT_EQ(summary.version, 3u);
  EXPECT_EQ(summary.architecture, "llama");
  EXPECT_EQ(summary.name, "tiny");
  EXPECT_EQ(summary.file_type, 2);
  EXPECT_EQ(summary.context_length, 2048);
  EXPECT_EQ(summary.vocabulary_size, 3);
  EXPECT_EQ(summary.parameters, 256u);
  EXPECT_EQ(summary.tensor_count, 2u);
  EXPECT_EQ(summary.data_offset % 32, 0u);
  EXPECT_FALSE(summary.is_adapter());
}

TEST_F(GgufCheck, missing_file_is_not_found) {
  try {
    (void)check_gguf("/nowhere/model.gguf");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::NotFound);
  }
}

TEST_F(GgufCheck, another_kind_of_file_is_named) {
  expect_problem(std::string("PK\x03\x04") + std::string(60, 'z'), "zip archive");
  expect_problem("\x80\x04\x95 and so on", "Python pickle");
  expect_problem(std::string("\x40\0\0\0\0\0\0\0{\"a\":1}   ", 18), "safetensors");
  expect_problem("<!DOCTYPE html><html>", "web page");
  expect_problem("version https://git-lfs.github.com/spec/v1", "Git LFS");
  expect_problem("", "empty file");
  expect_problem("hello", "'hell'");
}

TEST_F(GgufCheck, every_cut_says_that_the_file_is_cut) {
  const std::string good = good_file();
  const std::size_t needed = good.size() - 24;
  for (std::size_t size = 4; size < needed; ++size) {
    const std::string message = problem(good.substr(0, size));
    ASSERT_NE(message.find("is cut short"), std::string::npos) << size << ": " << message;
    ASSERT_NE(message.find("got " + std::to_string(size) + " bytes, expected at least"), std::string::npos) << message;
  }
  EXPECT_EQ(problem(good.substr(0, needed)), "");
}

TEST_F(GgufCheck, bad_header_is_refused) {
  expect_problem(Bytes().header(0, 0, 1).data, "got 1, expected 2 or 3");
  expect_problem(Bytes().header(0, 0, 0x03000000).data, "big-endian");
  expect_problem(Bytes().header(~0ULL, 0).data, "number of tensors is not sane");
  expect_problem(Bytes().header(1ULL << 62, 1).data, "number of tensors is not sane");
  expect_problem(Bytes().header(0, 1ULL << 63).data, "number of keys is not sane");
  expect_problem(Bytes().header(100000, 0).data, "cut short in the number of tensors");
  expect_problem(Bytes().header(0, 0).data, "general.architecture");
}

TEST_F(GgufCheck, bad_keys_are_refused) {
  const auto with = [](const std::function<void(Bytes&)>& add) {
    Bytes bytes;
    bytes.header(0, 1);
    add(bytes);
    return bytes.pad(64).data;
  };
  expect_problem(with([](Bytes& b) { b.number(1ULL << 63); }), "cut short");
  expect_problem(with([](Bytes& b) { b.number(~0ULL); }), "cut short");
  expect_problem(with([](Bytes& b) { b.text(""); }), "has no name");
  expect_problem(with([](Bytes& b) { b.text("\xff\xfe"); }), "bad name");
  expect_problem(with([](Bytes& b) { b.text(std::string(70000, 'k')); }), "too long");
  expect_problem(with([](Bytes& b) { b.text("k").number(13u); }), "unknown type");
  expect_problem(with([](Bytes& b) { b.text("k").number(8u).number(~0ULL - 3); }), "cut short");
  expect_problem(with([](Bytes& b) { b.text("k").number(9u).number(9u).number(1ULL); }), "nested");
  expect_problem(with([](Bytes& b) { b.text("k").number(9u).number(77u).number(1ULL); }), "unknown type");
  expect_problem(with([](Bytes& b) { b.text("k").number(9u).number(10u).number(1ULL << 61); }), "not sane");
  expect_problem(with([](Bytes& b) { b.text("k").number(9u).number(8u).number(1ULL << 20); }), "cut short");
  expect_problem(Bytes().header(0, 2).text_key("a", "b").text_key("a", "b").data, "given twice");
  for (const std::uint32_t alignment : {0u, 1u, 24u, 1u << 31}) {
    Bytes bytes;
    bytes.header(0, 2).text_key("general.architecture", "x").integer_key("general.alignment", alignment);
    expect_problem(bytes.data, "alignment is wrong");
  }
}

TEST_F(GgufCheck, bad_tensors_are_refused) {
  const auto with = [](const std::string& name, const std::vector<std::uint64_t>& dims, std::uint32_t type,
                       std::uint64_t offset) { return one_tensor().tensor(name, dims, type, offset).pad(256).data; };
  EXPECT_EQ(problem(with("t", {64}, 0, 0)), "");
  expect_problem(with(std::string(64, 't'), {64}, 0, 0), "too long");
  expect_problem(with("", {64}, 0, 0), "bad name");
  expect_problem(with("t", {}, 0, 0), "number of dimensions: got 0");
  expect_problem(with("t", {1, 1, 1, 1, 1}, 0, 0), "number of dimensions: got 5");
  expect_problem(with("t", {64, 0}, 0, 0), "empty dimension");
  expect_problem(with("t", {1ULL << 32, 1ULL << 32}, 0, 0), "overflows");
  expect_problem(with("t", {1ULL << 31, 1ULL << 31, 2, 2}, 0, 0), "overflows");
  expect_problem(with("t", {1ULL << 63, 2}, 0, 0), "overflows");
  expect_problem(with("t", {1ULL << 61, 2}, 0, 0), "size in bytes overflows");
  expect_problem(with("t", {64}, 4, 0), "unknown type");
  expect_problem(with("t", {64}, 43, 0), "unknown type");
  expect_problem(with("t", {33}, 2, 0), "multiple of 32");
  expect_problem(with("t", {64}, 0, 16), "not aligned");
  expect_problem(with("t", {64}, 0, 32), "cut short");
  expect_problem(with("t", {64}, 0, 1ULL << 63), "outside the file");
  expect_problem(with("t", {64}, 0, ~0ULL - 31), "outside the file");
}

TEST_F(GgufCheck, two_tensors_must_differ_in_name_and_place) {
  const auto with = [](const std::string& second, std::uint64_t offset) {
    Bytes bytes;
    bytes.header(2, 1).text_key("general.architecture", "llama");
    return bytes.tensor("t", {32}, 0, 0).tensor(second, {32}, 0, offset).pad(512).data;
  };
  EXPECT_EQ(problem(with("u", 128)), "");
  expect_problem(with("t", 128), "given twice");
  expect_problem(with("u", 64), "overlap");
  expect_problem(with("u", 0), "overlap");
}

TEST_F(GgufCheck, mutated_files_are_refused_or_summarised) {
  const std::string good = good_file();
  std::mt19937 random(7);
  const std::uint64_t edges[] = {0, 1, 0x7F, 0xFF, 0x7FFFFFFF, 0xFFFFFFFF, 1ULL << 32, 1ULL << 62, 1ULL << 63, ~0ULL};
  int refused = 0;
  for (int round = 0; round < 1500; ++round) {
    std::string bytes = good;
    const int edits = 1 + static_cast<int>(random() % 3);
    for (int i = 0; i < edits; ++i) {
      const std::size_t at = random() % (bytes.size() - 8);
      if (random() % 2 == 0) {
        std::memcpy(bytes.data() + at, &edges[random() % std::size(edges)], random() % 2 == 0 ? 4 : 8);
      } else {
        bytes[at] = static_cast<char>(random());
      }
    }
    if (!problem(bytes).empty()) ++refused;
  }
  EXPECT_GT(refused, 200);
}

}  // namespace
}  // namespace gpiot::weights
