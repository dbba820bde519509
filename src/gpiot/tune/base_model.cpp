#include "gpiot/tune/base_model.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "gpiot/base/error.h"

namespace gpiot::tune {
namespace {

using base::Error;
using base::ErrorCode;

constexpr std::string_view kWhere = "tune.base";

double need(const llm::GgufWeights& file, const std::string& key) {
  const auto value = file.number(key);
  if (!value || *value <= 0)
    throw Error(ErrorCode::Format, kWhere, fmt::format("{} has no {}", file.path().string(), key));
  return *value;
}

std::int64_t need_count(const llm::GgufWeights& file, const std::string& key) {
  return static_cast<std::int64_t>(need(file, key));
}

void refuse(const llm::GgufWeights& file, const std::string& what) {
  throw Error(ErrorCode::Unsupported, kWhere, fmt::format("{} cannot be tuned: {}", file.path().string(), what),
              "use a model of the Llama or Qwen2 family");
}

void check_family(const llm::GgufWeights& file, const ModelShape& shape) {
  if (file.number(shape.architecture + ".expert_count").value_or(0) > 0) refuse(file, "it is a mixture of experts");
  const std::string scaling = file.text(shape.architecture + ".rope.scaling.type").value_or("none");
  if (scaling != "none" && scaling != "linear") refuse(file, "its RoPE scaling is '" + scaling + "'");
  const auto rope_width = file.number(shape.architecture + ".rope.dimension_count");
  if (rope_width && static_cast<std::int64_t>(*rope_width) != shape.head_width) {
    refuse(file, "RoPE turns only a part of each head");
  }
  for (const char* extra : {"blk.0.attn_q_norm.weight", "blk.0.attn_output.bias", "blk.0.ffn_down.bias"}) {
    if (file.has(extra)) refuse(file, fmt::format("it has '{}', which Llama and Qwen2 have not", extra));
  }
  if (shape.heads % shape.kv_heads != 0 || shape.head_width < 2 || shape.head_width % 2 != 0) {
    throw Error(ErrorCode::Format, kWhere,
                fmt::format("{}: heads do not fit together: got {} for queries, {} for keys, {} numbers each",
                            file.path().string(), shape.heads, shape.kv_heads, shape.head_width));
  }
}

/// Numbers of a matrix that are floats at a time: 16 MB.
constexpr std::int64_t kNumbersAtATime = 4 << 20;

/// Ends as soon as one tensor has no zeros at its end; so for files that were not widened it reads one tensor.
std::int64_t count_padding(const llm::GgufWeights& file, const ModelShape& shape) {
  std::int64_t padding = shape.ffn_width;
  std::vector<float> values(static_cast<std::size_t>(shape.ffn_width * shape.width));
  for (std::int64_t layer = 0; layer < shape.layers; ++layer) {
    for (const char* part : {"down", "gate", "up"}) {
      const std::string name = fmt::format("blk.{}.ffn_{}.weight", layer, part);
      const bool down = part[0] == 'd';
      const std::vector<std::int64_t> wanted =
          down ? std::vector{shape.width, shape.ffn_width} : std::vector{shape.ffn_width, shape.width};
      if (!file.has(name) || file.shape(name) != wanted) return 0;  // load_base says what is wrong
      file.read(name, values);
      const at::Tensor matrix = at::from_blob(values.data(), wanted, at::kFloat);
      const at::Tensor used = matrix.ne(0).any(down ? 0 : 1).nonzero();
      const std::int64_t end = used.numel() == 0 ? 0 : used.max().item<std::int64_t>() + 1;
      padding = std::min(padding, shape.ffn_width - end);
      if (padding == 0) return 0;
    }
  }
  return padding;
}

/// Reads tensors into the type and place of computation, checking their shapes.
class Reader {
 public:
  /// A tensor of a matrix and its rows.
  struct Part {
    std::string name;
    std::int64_t rows;
  };

  Reader(const llm::GgufWeights& file, MatrixFormat format) : file_(file), format_(std::move(format)) {}

  at::Tensor floats(const std::string& name, std::int64_t width) const {
    check(name, {width});
    at::Tensor tensor = at::empty({width}, at::kFloat);
    file_.read(name, {tensor.data_ptr<float>(), static_cast<std::size_t>(width)});
    return tensor;
  }
  /// The parts one below the other.
  FrozenMatrix matrix(const std::vector<Part>& parts, std::int64_t columns) const {
    std::int64_t rows = 0;
    for (const Part& part : parts) {
      check(part.name, {part.rows, columns});
      rows += part.rows;
    }
    FrozenMatrix matrix(rows, columns, format_);
    std::int64_t first = 0;
    for (const Part& part : parts) {
      fill(matrix, first, part, columns);
      first += part.rows;
    }
    return matrix;
  }
  at::Tensor norm(const std::string& name, std::int64_t width) const {
    const at::Tensor values = floats(name, width);
    return (format_.type == at::kDouble ? values.to(at::kDouble) : values).to(format_.device);
  }
  at::Tensor bias(const std::string& name, std::int64_t width) const {
    return floats(name, width).to(format_.type).to(format_.device);
  }

 private:
  void check(const std::string& name, const std::vector<std::int64_t>& shape) const {
    if (file_.shape(name) == shape) return;
    throw Error(ErrorCode::Format, kWhere,
                fmt::format("'{}' has another shape: got [{}], expected [{}]", name, fmt::join(file_.shape(name), ", "),
                            fmt::join(shape, ", ")));
  }
  void fill(FrozenMatrix& matrix, std::int64_t first, const Part& part, std::int64_t columns) const {
    const std::int64_t at_a_time = std::max<std::int64_t>(1, std::min(part.rows, kNumbersAtATime / columns));
    const at::Tensor room = at::empty({at_a_time, columns}, at::kFloat);
    for (std::int64_t row = 0; row < part.rows; row += at_a_time) {
      const at::Tensor values = room.narrow(0, 0, std::min(at_a_time, part.rows - row));
      file_.read_rows(part.name, row, {values.data_ptr<float>(), static_cast<std::size_t>(values.numel())});
      if (format_.storage() == BaseStorage::int8 && !values.isfinite().all().item<bool>()) {
        throw Error(ErrorCode::Format, kWhere,
                    fmt::format("'{}' has a number that is not finite, expected finite ones for base_storage = int8",
                                part.name));
      }
      matrix.set_rows(first + row, values);
    }
  }

  const llm::GgufWeights& file_;
  MatrixFormat format_;
};

BlockWeights read_block(const llm::GgufWeights& file, const Reader& reader, const ModelShape& shape,
                        std::int64_t layer) {
  const std::string prefix = fmt::format("blk.{}.", layer);
  const std::int64_t q = shape.query_width();
  const std::int64_t kv = shape.kv_width();
  BlockWeights block;
  block.attention_norm = reader.norm(prefix + "attn_norm.weight", shape.width);
  block.qkv = reader.matrix(
      {{prefix + "attn_q.weight", q}, {prefix + "attn_k.weight", kv}, {prefix + "attn_v.weight", kv}}, shape.width);
  if (file.has(prefix + "attn_q.bias")) {
    block.qkv_bias = at::cat({reader.bias(prefix + "attn_q.bias", q), reader.bias(prefix + "attn_k.bias", kv),
                              reader.bias(prefix + "attn_v.bias", kv)});
  }
  block.attention_out = reader.matrix({{prefix + "attn_output.weight", shape.width}}, q);
  block.ffn_norm = reader.norm(prefix + "ffn_norm.weight", shape.width);
  block.gate_up = reader.matrix(
      {{prefix + "ffn_gate.weight", shape.ffn_width}, {prefix + "ffn_up.weight", shape.ffn_width}}, shape.width);
  block.down = reader.matrix({{prefix + "ffn_down.weight", shape.width}}, shape.ffn_width);
  return block;
}

}  // namespace

ModelShape read_shape(const llm::GgufWeights& file) {
  ModelShape shape;
  shape.architecture = file.text("general.architecture").value_or("");
  const std::string& arch = shape.architecture;
  if (arch != "llama" && arch != "qwen2") refuse(file, "its architecture is '" + arch + "'");
  shape.rope_pairs = arch == "llama" ? RopePairs::neighbours : RopePairs::halves;
  shape.layers = need_count(file, arch + ".block_count");
  shape.width = need_count(file, arch + ".embedding_length");
  shape.heads = need_count(file, arch + ".attention.head_count");
  shape.kv_heads = static_cast<std::int64_t>(
      file.number(arch + ".attention.head_count_kv").value_or(static_cast<double>(shape.heads)));
  if (shape.kv_heads <= 0) refuse(file, "its layers have different numbers of heads");
  shape.head_width = static_cast<std::int64_t>(
      file.number(arch + ".attention.key_length").value_or(static_cast<double>(shape.width / shape.heads)));
  shape.ffn_width = need_count(file, arch + ".feed_forward_length");
  shape.context = need_count(file, arch + ".context_length");
  shape.vocabulary = file.shape("token_embd.weight").at(0);
  shape.norm_eps = need(file, arch + ".attention.layer_norm_rms_epsilon");
  shape.rope_base = file.number(arch + ".rope.freq_base").value_or(10000.0);
  if (file.text(arch + ".rope.scaling.type").value_or("none") == "linear") {
    shape.rope_scale = file.number(arch + ".rope.scaling.factor").value_or(1.0);
  }
  shape.own_head = file.has("output.weight");
  check_family(file, shape);
  shape.ffn_padding = count_padding(file, shape);
  return shape;
}

BaseModel load_base(const llm::GgufWeights& file, const MatrixFormat& format,
                    const std::function<void(double)>& on_progress) {
  BaseModel model;
  model.shape = read_shape(file);
  const ModelShape& shape = model.shape;
  const Reader reader(file, format);
  const auto hear = [&](std::int64_t done) {
    if (on_progress) on_progress(static_cast<double>(done) / static_cast<double>(shape.layers + 1));
  };
  model.embedding = reader.matrix({{"token_embd.weight", shape.vocabulary}}, shape.width);
  model.final_norm = reader.norm("output_norm.weight", shape.width);
  model.head = shape.own_head ? reader.matrix({{"output.weight", shape.vocabulary}}, shape.width) : model.embedding;
  if (file.has("rope_freqs.weight")) model.rope_factors = reader.floats("rope_freqs.weight", shape.head_width / 2);
  hear(1);
  for (std::int64_t layer = 0; layer < shape.layers; ++layer) {
    model.blocks.push_back(read_block(file, reader, shape, layer));
    hear(layer + 2);
  }
  return model;
}

}  // namespace gpiot::tune
