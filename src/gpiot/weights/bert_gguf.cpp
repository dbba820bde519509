#include "gpiot/weights/bert_gguf.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "gpiot/base/error.h"
#include "gpiot/base/files.h"
#include "gpiot/base/json.h"
#include "gpiot/base/strings.h"
#include "gpiot/weights/gguf_writer.h"
#include "gpiot/weights/safetensors_reader.h"

namespace gpiot::weights {
namespace {

using base::Error;
using base::ErrorCode;

constexpr std::string_view kWhere = "weights.bert";
constexpr std::int32_t kOrdinaryToken = 1;  // numbers of llama_token_type
constexpr std::int32_t kControlToken = 3;

[[noreturn]] void fail(const std::filesystem::path& file, const std::string& problem,
                       ErrorCode code = ErrorCode::Format) {
  throw Error(code, kWhere, fmt::format("{}: {}", file.string(), problem),
              "fetch the publisher's files again, all of one model");
}

struct BertConfig {
  std::uint32_t layers = 0;
  std::uint32_t heads = 0;
  std::uint32_t hidden = 0;
  std::uint32_t inner = 0;
  std::uint32_t positions = 0;
  std::uint32_t token_types = 0;
  std::uint32_t vocabulary = 0;
  float norm_epsilon = 0;
};

std::uint32_t count_in(const base::Json& config, const std::filesystem::path& file, const char* key,
                       std::uint32_t most) {
  const auto found = config.find(key);
  if (found == config.end() || !found->is_number_unsigned()) fail(file, fmt::format("{} is missing or no count", key));
  const auto value = found->get<std::uint64_t>();
  if (value == 0 || value > most) fail(file, fmt::format("{}: got {}, expected 1 to {}", key, value, most));
  return static_cast<std::uint32_t>(value);
}

void expect_text(const base::Json& config, const std::filesystem::path& file, const char* key,
                 std::string_view expected) {
  const auto found = config.find(key);
  if (found == config.end()) return;
  const std::string got = found->is_string() ? found->get<std::string>() : std::string("no text");
  if (got == expected) return;
  fail(file, fmt::format("{}: got '{}', expected '{}'", key, base::printable(got), expected), ErrorCode::Unsupported);
}

BertConfig read_config(const std::filesystem::path& file) {
  const auto config = base::parse_json(base::read_file(file, kWhere, 1U << 20), kWhere, file.string());
  if (!config.is_object()) fail(file, "it is no JSON object");
  expect_text(config, file, "model_type", "bert");
  expect_text(config, file, "hidden_act", "gelu");
  expect_text(config, file, "position_embedding_type", "absolute");
  BertConfig result;
  result.layers = count_in(config, file, "num_hidden_layers", 256);
  result.heads = count_in(config, file, "num_attention_heads", 1024);
  result.hidden = count_in(config, file, "hidden_size", 1U << 16);
  result.inner = count_in(config, file, "intermediate_size", 1U << 18);
  result.positions = count_in(config, file, "max_position_embeddings", 1U << 16);
  result.token_types = count_in(config, file, "type_vocab_size", 64);
  result.vocabulary = count_in(config, file, "vocab_size", 1U << 20);
  const auto epsilon = config.find("layer_norm_eps");
  if (epsilon == config.end() || !epsilon->is_number()) fail(file, "layer_norm_eps is missing or no number");
  result.norm_epsilon = epsilon->get<float>();
  if (result.hidden % result.heads != 0) {
    fail(file, fmt::format("hidden_size {} cannot be shared by {} heads", result.hidden, result.heads));
  }
  return result;
}

struct Vocabulary {
  std::vector<std::string> tokens;  ///< as libllama wants them: U+2581 before those that begin a word
  std::vector<std::int32_t> types;
  std::array<std::uint32_t, 5> special{};  ///< where the tokens of kSpecial are
};
constexpr std::array<std::string_view, 5> kSpecial = {"[CLS]", "[SEP]", "[UNK]", "[PAD]", "[MASK]"};

Vocabulary read_vocabulary(const std::filesystem::path& file, std::size_t expected) {
  const std::string text = base::read_file(file, kWhere, 32U << 20);
  if (!base::is_valid_utf8(text)) fail(file, "it is no UTF-8 text");
  auto lines = base::split(text, '\n');
  if (!lines.empty() && lines.back().empty()) lines.pop_back();
  if (lines.size() != expected) fail(file, fmt::format("got {} tokens, expected {}", lines.size(), expected));
  Vocabulary vocabulary;
  std::array<bool, kSpecial.size()> found{};
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto* const special = std::ranges::find(kSpecial, lines[i]);
    if (special != kSpecial.end()) {
      const auto which = static_cast<std::size_t>(special - kSpecial.begin());
      found[which] = true;
      vocabulary.special[which] = static_cast<std::uint32_t>(i);
    }
    const bool control = special != kSpecial.end();
    vocabulary.types.push_back(control ? kControlToken : kOrdinaryToken);
    vocabulary.tokens.push_back(control                      ? lines[i]
                                : lines[i].starts_with("##") ? lines[i].substr(2)
                                                             : "\u2581" + lines[i]);
  }
  for (std::size_t i = 0; i < kSpecial.size(); ++i) {
    if (!found[i]) fail(file, fmt::format("the token {} is missing", kSpecial[i]));
  }
  return vocabulary;
}

/// One tensor: its two names, its shape and whether it takes the wanted format.
struct Part {
  std::string from;
  std::string to;
  std::vector<std::uint64_t> shape;  ///< rows first, as safetensors has it
  bool matrix = false;
};

void add_pair(std::vector<Part>& parts, const std::string& from, const std::string& to, std::uint64_t rows,
              std::uint64_t columns) {
  parts.push_back({from + ".weight", to + ".weight", {rows, columns}, true});
  parts.push_back({from + ".bias", to + ".bias", {rows}});
}

void add_norm(std::vector<Part>& parts, const std::string& from, const std::string& to, std::uint64_t size) {
  parts.push_back({from + ".weight", to + ".weight", {size}});
  parts.push_back({from + ".bias", to + ".bias", {size}});
}

std::vector<Part> parts_of(const BertConfig& config) {
  const std::uint64_t hidden = config.hidden;
  std::vector<Part> parts;
  parts.push_back({"embeddings.word_embeddings.weight", "token_embd.weight", {config.vocabulary, hidden}, true});
  parts.push_back({"embeddings.position_embeddings.weight", "position_embd.weight", {config.positions, hidden}});
  parts.push_back({"embeddings.token_type_embeddings.weight", "token_types.weight", {config.token_types, hidden}});
  add_norm(parts, "embeddings.LayerNorm", "token_embd_norm", hidden);
  for (std::uint32_t i = 0; i < config.layers; ++i) {
    const auto from = fmt::format("encoder.layer.{}.", i);
    const auto to = fmt::format("blk.{}.", i);
    add_pair(parts, from + "attention.self.query", to + "attn_q", hidden, hidden);
    add_pair(parts, from + "attention.self.key", to + "attn_k", hidden, hidden);
    add_pair(parts, from + "attention.self.value", to + "attn_v", hidden, hidden);
    add_pair(parts, from + "attention.output.dense", to + "attn_output", hidden, hidden);
    add_norm(parts, from + "attention.output.LayerNorm", to + "attn_output_norm", hidden);
    add_pair(parts, from + "intermediate.dense", to + "ffn_up", config.inner, hidden);
    add_pair(parts, from + "output.dense", to + "ffn_down", hidden, config.inner);
    add_norm(parts, from + "output.LayerNorm", to + "layer_output_norm", hidden);
  }
  return parts;
}

/// All numbers of the model: "23M".
std::string size_label(const BertConfig& config) {
  double numbers = 0;
  for (const Part& part : parts_of(config)) {
    double size = 1;
    for (const std::uint64_t length : part.shape) size *= static_cast<double>(length);
    numbers += size;
  }
  return numbers < 1e6 ? fmt::format("{:.0f}K", numbers / 1e3) : fmt::format("{:.0f}M", numbers / 1e6);
}

void put_keys(GgufWriter& out, const BertConfig& config, const BertFacts& facts, WeightFormat format) {
  out.text("general.architecture", "bert");
  out.text("general.type", "model");
  out.text("general.name", facts.name);
  out.text("general.organization", facts.organization);
  out.text("general.size_label", size_label(config));
  out.text("general.license", facts.licence);
  out.count("bert.block_count", config.layers);
  out.count("bert.context_length", config.positions);
  out.count("bert.embedding_length", config.hidden);
  out.count("bert.feed_forward_length", config.inner);
  out.count("bert.attention.head_count", config.heads);
  out.number("bert.attention.layer_norm_epsilon", config.norm_epsilon);
  out.count("general.file_type", facts_of(format).file_type);
  out.flag("bert.attention.causal", false);
  out.count("bert.pooling_type", 1);  // the mean of all tokens
  out.count("general.quantization_version", 2);
}

void put_vocabulary(GgufWriter& out, const Vocabulary& vocabulary, std::uint32_t token_types) {
  const auto& [cls, sep, unknown, padding, mask] = vocabulary.special;
  out.count("tokenizer.ggml.token_type_count", token_types);
  out.text("tokenizer.ggml.model", "bert");
  out.text("tokenizer.ggml.pre", "jina-v2-en");  // what llama.cpp's converter writes; WordPiece does not look at it
  out.texts("tokenizer.ggml.tokens", vocabulary.tokens);
  out.integers("tokenizer.ggml.token_type", vocabulary.types);
  out.count("tokenizer.ggml.bos_token_id", cls);
  out.count("tokenizer.ggml.eos_token_id", sep);
  out.count("tokenizer.ggml.unknown_token_id", unknown);
  out.count("tokenizer.ggml.seperator_token_id", sep);  // spelt so in llama.cpp
  out.count("tokenizer.ggml.padding_token_id", padding);
  out.count("tokenizer.ggml.mask_token_id", mask);
  out.flag("tokenizer.ggml.add_bos_token", true);
  out.flag("tokenizer.ggml.add_eos_token", true);
  out.flag("tokenizer.ggml.add_sep_token", false);
  out.flag("tokenizer.ggml.normalizer.lowercase", true);
}

void put_tensor(GgufWriter& out, SafeTensorsReader& tensors, const std::filesystem::path& file, const Part& part,
                WeightFormat wanted) {
  const SafeTensor* tensor = tensors.find(part.from);
  if (tensor == nullptr) fail(file, fmt::format("tensor '{}' is missing", part.from));
  if (tensor->shape != part.shape) {
    fail(file, fmt::format("tensor '{}' does not fit config.json: got shape [{}], expected [{}]", part.from,
                           fmt::join(tensor->shape, ", "), fmt::join(part.shape, ", ")));
  }
  const auto format = part.matrix ? wanted : WeightFormat::F32;
  if (format == WeightFormat::Q8_0 && part.shape.back() % 32 != 0) {
    fail(file,
         fmt::format("tensor '{}' cannot be stored in q8_0: got rows of {}, expected a multiple of 32", part.from,
                     part.shape.back()),
         ErrorCode::Unsupported);
  }
  const std::vector<std::uint64_t> dimensions(part.shape.rbegin(), part.shape.rend());
  out.tensor(part.to, dimensions, facts_of(format).tensor_type, encode(tensors.floats(*tensor), format));
}

}  // namespace

void write_bert_gguf(const BertFiles& files, const BertFacts& facts, WeightFormat format,
                     const std::filesystem::path& out) {
  const BertConfig config = read_config(files.config);
  const Vocabulary vocabulary = read_vocabulary(files.vocabulary, config.vocabulary);
  SafeTensorsReader tensors(files.tensors);
  GgufWriter writer;
  put_keys(writer, config, facts, format);
  put_vocabulary(writer, vocabulary, config.token_types);
  for (const Part& part : parts_of(config)) put_tensor(writer, tensors, files.tensors, part, format);
  base::write_file_atomic(out, writer.bytes(), kWhere);
}

}  // namespace gpiot::weights
