#include "gpiot/weights/widen.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <functional>

#include "gpiot/base/error.h"
#include "gpiot/base/files.h"
#include "gpiot/weights/gguf_layout.h"
#include "gpiot/weights/gguf_writer.h"

namespace gpiot::weights {
namespace {

using base::Error;
using base::ErrorCode;
using Dimensions = std::vector<std::uint64_t>;

constexpr std::uint64_t kWidth = 32;
constexpr std::uint64_t kFfn = 256;
constexpr std::uint32_t kF32 = 0;

/// A model of one block that no program could run: bytes that tell where they came from.
struct Model {
  std::string family = "qwen2";
  std::uint32_t gate = 2;   ///< types: q4_0 ...
  std::uint32_t up = 8;     ///< ... q8_0 ...
  std::uint32_t down = 14;  ///< ... and q6_K
  bool biases = false;
  std::uint32_t experts = 0;
  std::string more;  ///< a tensor besides, of 32 floats

  [[nodiscard]] std::string bytes() const {
    GgufWriter file;
    file.text("general.architecture", family);
    file.count(family + ".feed_forward_length", kFfn);
    file.count(family + ".embedding_length", kWidth);
    file.count(family + ".block_count", 1);
    if (experts > 0) file.count(family + ".expert_count", experts);
    add(file, "token_embd.weight", {kWidth, 3}, kF32);
    add(file, "blk.0.ffn_down.weight", {kFfn, kWidth}, down);
    add(file, "blk.0.ffn_norm.weight", {kWidth}, kF32);
    add(file, "blk.0.ffn_gate.weight", {kWidth, kFfn}, gate);
    if (biases) add(file, "blk.0.ffn_up.bias", {kFfn}, kF32);
    add(file, "blk.0.ffn_up.weight", {kWidth, kFfn}, up);
    if (!more.empty()) add(file, more, {32}, kF32);
    add(file, "output_norm.weight", {kWidth}, kF32);
    return file.bytes();
  }
  static void add(GgufWriter& file, const std::string& name, const Dimensions& dimensions, std::uint32_t type) {
    std::uint64_t elements = 1;
    for (const std::uint64_t size : dimensions) elements *= size;
    const TensorType& kind = *find_tensor_type(type);
    std::string data(elements / kind.block_elements * kind.block_bytes, '\0');
    for (std::size_t i = 0; i < data.size(); ++i) data[i] = static_cast<char>(1 + (i * 7 + name.size()) % 255);
    file.tensor(name, dimensions, type, data);
  }
};

struct Content {
  GgufSummary summary;
  GgufLayout layout;
  std::string bytes;

  [[nodiscard]] const GgufLayout::Tensor& tensor(std::string_view name) const {
    for (const auto& one : layout.tensors) {
      if (one.name == name) return one;
    }
    throw std::runtime_error("no tensor");
  }
  [[nodiscard]] std::string data(std::string_view name) const {
    return bytes.substr(summary.data_offset + tensor(name).offset, tensor(name).bytes);
  }
};

class Widen : public testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directories(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  static Content read(const std::filesystem::path& path) {
    Content content;
    content.summary = check_gguf(path, content.layout);
    content.bytes = base::read_file(path, "test");
    return content;
  }
  void write(const std::string& bytes) { std::ofstream(in_, std::ios::binary | std::ios::trunc) << bytes; }
  Content widened(const Model& model, std::uint64_t width) {
    write(model.bytes());
    std::filesystem::remove(out_);
    widen_ffn(in_, out_, width);
    return read(out_);
  }
  ErrorCode failure(const std::function<void()>& action, std::string_view part) {
    try {
      action();
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
      EXPECT_FALSE(std::filesystem::exists(out_.string() + ".partial")) << error.what();
      return error.code();
    }
    return ErrorCode::Internal;
  }
  ErrorCode failure(const Model& model, std::string_view part) {
    write(model.bytes());
    return failure([&] { widen_ffn(in_, out_, 64); }, part);
  }
  std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("gpiot_widen_" + std::to_string(::getpid()));
  std::filesystem::path in_ = folder_ / "in.gguf";
  std::filesystem::path out_ = folder_ / "out.gguf";
};

TEST_F(Widen, rows_and_columns_of_zeros_and_all_else_byte_by_byte) {
  const Content after = widened({}, 64);
  const Content before = read(in_);
  EXPECT_EQ(after.layout.integers.at("qwen2.feed_forward_length").value, 512);  // a block of q6_K
  EXPECT_EQ(after.layout.integers.at("qwen2.embedding_length").value, 32);
  EXPECT_EQ(after.tensor("blk.0.ffn_gate.weight").dimensions, (Dimensions{kWidth, 512}));
  EXPECT_EQ(after.tensor("blk.0.ffn_down.weight").dimensions, (Dimensions{512, kWidth}));
  for (const char* name : {"blk.0.ffn_gate.weight", "blk.0.ffn_up.weight"}) {
    const std::string rows = before.data(name);
    EXPECT_EQ(after.data(name), rows + std::string(rows.size(), '\0')) << name;
  }
  std::string columns;
  for (std::uint64_t row = 0; row < kWidth; ++row)
    columns += before.data("blk.0.ffn_down.weight").substr(row * 210, 210) + std::string(210, '\0');
  EXPECT_EQ(after.data("blk.0.ffn_down.weight"), columns);
  for (const char* name : {"token_embd.weight", "blk.0.ffn_norm.weight", "output_norm.weight"})
    EXPECT_EQ(after.data(name), before.data(name)) << name;
  EXPECT_EQ(after.bytes.size(), plan_widening(in_, 64).file_bytes);
}

TEST_F(Widen, width_is_rounded_up_to_blocks_of_down) {
  for (const auto& [type, width, added] :
       {std::array<std::uint32_t, 3>{14, 257, 512}, {3, 64, 64}, {3, 65, 96}, {0, 1, 32}, {30, 40, 64}, {8, 32, 32}}) {
    Model model;
    model.down = type;
    EXPECT_EQ(widened(model, width).tensor("blk.0.ffn_up.weight").dimensions[1], kFfn + added) << type << " " << width;
    EXPECT_EQ(plan_widening(in_, width).added, added);
  }
}

TEST_F(Widen, biases_grow_too) {
  Model model;
  model.biases = true;
  const std::string data = widened(model, 1).data("blk.0.ffn_up.bias");
  EXPECT_EQ(data, read(in_).data("blk.0.ffn_up.bias") + std::string(256 * sizeof(float), '\0'));
}

TEST_F(Widen, progress_is_heard_and_an_error_leaves_nothing) {
  write(Model{}.bytes());
  EXPECT_EQ(failure([&] { widen_ffn(in_, out_, 64, [](double) { throw Error(ErrorCode::Cancelled, "a.b", "stop"); }); },
                    "stop"),
            ErrorCode::Cancelled);
  EXPECT_FALSE(std::filesystem::exists(out_));
  double last = 0;
  widen_ffn(in_, out_, 64, [&](double share) {
    EXPECT_GT(share, last);
    last = share;
  });
  EXPECT_EQ(last, 1.0);
}

TEST_F(Widen, existing_file_is_never_replaced) {
  write(Model{}.bytes());
  std::ofstream(out_) << "mine";
  EXPECT_EQ(failure([&] { widen_ffn(in_, out_, 64); }, "is there already"), ErrorCode::InvalidArgument);
  EXPECT_EQ(base::read_file(out_, "test"), "mine");
  std::filesystem::remove(out_);
  // One that appears while the copy is written.
  const auto late = [&](double share) {
    if (share == 1.0) std::ofstream(out_) << "mine";
  };
  EXPECT_EQ(failure([&] { widen_ffn(in_, out_, 64, late); }, "is there already"), ErrorCode::InvalidArgument);
  EXPECT_EQ(base::read_file(out_, "test"), "mine");
  EXPECT_EQ(failure([&] { widen_ffn(in_, in_, 64); }, "is there already"), ErrorCode::InvalidArgument);
}

TEST_F(Widen, what_it_cannot_widen_is_refused) {
  Model model;
  model.family = "bert";
  EXPECT_EQ(failure(model, "its architecture is 'bert'"), ErrorCode::Unsupported);
  model = {};
  model.experts = 8;
  EXPECT_EQ(failure(model, "mixture of experts"), ErrorCode::Unsupported);
  model = {};
  model.more = "blk.0.ffn_gate_inp.weight";
  EXPECT_EQ(failure(model, "'blk.0.ffn_gate_inp.weight'"), ErrorCode::Unsupported);
  model = {};
  model.up = 24;
  EXPECT_EQ(failure(model, "stored as i8"), ErrorCode::Unsupported);
  GgufWriter hollow;
  hollow.text("general.architecture", "llama");
  hollow.count("llama.embedding_length", 4);
  hollow.count("llama.block_count", 1);
  write(hollow.bytes());
  EXPECT_EQ(failure([&] { widen_ffn(in_, out_, 64); }, "no single number"), ErrorCode::Unsupported);
  hollow.count("llama.feed_forward_length", 4);
  write(hollow.bytes());
  EXPECT_EQ(failure([&] { widen_ffn(in_, out_, 64); }, "it has no 'blk.0.ffn_gate.weight'"), ErrorCode::Unsupported);
  write(Model{}.bytes());
  EXPECT_EQ(failure([&] { widen_ffn(in_, out_, 0); }, "got 0"), ErrorCode::InvalidArgument);
  EXPECT_EQ(failure([&] { widen_ffn(folder_ / "none.gguf", out_, 64); }, "no such model"), ErrorCode::NotFound);
  std::string other = Model{}.bytes();
  const std::string key = "qwen2.feed_forward_length";
  other[other.find(key) + key.size() + 4] = 1;  // 257
  write(other);
  EXPECT_EQ(failure([&] { widen_ffn(in_, out_, 64); }, "another shape"), ErrorCode::Format);
  write(Model{}.bytes().substr(0, 9000));
  EXPECT_EQ(failure([&] { widen_ffn(in_, out_, 64); }, "cut short"), ErrorCode::Format);
}

}  // namespace
}  // namespace gpiot::weights
