#include "gpiot/weights/gguf_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <unordered_set>
#include <variant>
#include <vector>

#include "gpiot/base/strings.h"
#include "gpiot/weights/gguf_layout.h"
#include "gpiot/weights/gguf_reader.h"
#include "gpiot/weights/tensor_types.h"

namespace gpiot::weights {
namespace {

constexpr std::uint64_t kMaxTensors = 1 << 17;
constexpr std::uint64_t kMaxKeys = 1 << 16;
constexpr std::uint64_t kMaxKeyBytes = 65535;
constexpr std::uint64_t kMaxTensorNameBytes = 63;  // GGML_MAX_NAME with its final zero
constexpr std::uint64_t kMaxTextBytes = 16 << 20;
constexpr std::uint64_t kMaxArrayElements = 1 << 26;
constexpr std::uint32_t kMaxDimensions = 4;
constexpr std::uint32_t kMaxAlignment = 1 << 20;

enum ValueType : std::uint32_t {
  kUint32 = 4,
  kInt32 = 5,
  kBool = 7,
  kString = 8,
  kArray = 9,
  kUint64 = 10,
  kInt64 = 11
};
constexpr std::uint64_t kValueBytes[] = {1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};

struct ArrayLength {
  std::uint64_t count;
};
/// Only what a summary needs is kept: integers, texts and the lengths of arrays.
using Value = std::variant<std::monostate, std::int64_t, std::string, ArrayLength>;
using Values = std::map<std::string, Value, std::less<>>;

struct Span {
  std::uint64_t begin;
  std::uint64_t end;
  std::string name;
};

std::string describe_kind(const std::string& head) {
  const auto starts = [&](std::string_view text) { return std::string_view(head).starts_with(text); };
  if (starts("PK\x03\x04")) return "a zip archive (a PyTorch checkpoint, a wheel or a package)";
  if (head.size() > 1 && head[0] == '\x80' && head[1] >= 2 && head[1] <= 5) return "a Python pickle";
  if (head.size() > 9 && head[8] == '{' && head[7] == 0 && head[6] == 0) return "a safetensors file";
  if (starts("version https:")) return "a Git LFS pointer, not the file itself";
  if (starts("<!DOCTYPE") || starts("<html") || starts("<!doctype")) return "a web page";
  if (starts("\x1f\x8b")) return "a gzip archive";
  if (starts("lmgg") || starts("fmgg") || starts("tjgg")) return "a ggml file of the time before GGUF";
  if (starts("\x7f"
             "ELF"))
    return "a program";
  if (starts("{")) return "a JSON file";
  if (head.empty()) return "an empty file";
  return fmt::format("bytes that begin with '{}'", base::printable(head.substr(0, 4)));
}

void check_magic(GgufReader& reader) {
  const std::string head = reader.peek();
  if (!std::string_view(head).starts_with("GGUF")) {
    reader.fail(
        fmt::format("is not a GGUF model: got {}, expected a file that begins with 'GGUF'", describe_kind(head)));
  }
  reader.skip(4, "the magic");
}

std::uint32_t read_version(GgufReader& reader) {
  const auto version = reader.number<std::uint32_t>("the version");
  if ((version & 0xFFFF) == 0 && version != 0) {
    reader.fail("is a big-endian GGUF: got swapped bytes in the version, expected little-endian");
  }
  if (version != 2 && version != 3) {
    reader.fail(fmt::format("has an unknown GGUF version: got {}, expected 2 or 3", version));
  }
  return version;
}

std::uint64_t read_count(GgufReader& reader, std::string_view what, std::uint64_t limit, std::uint64_t least_bytes) {
  const auto count = reader.number<std::uint64_t>(what);
  if (count > limit) reader.fail(fmt::format("{} is not sane: got {}, expected at most {}", what, count, limit));
  // Each item takes some bytes at least, so a count that the file cannot hold is refused before the first is read.
  if (count * least_bytes > reader.remaining()) reader.fail_cut(reader.position() + count * least_bytes, what);
  return count;
}

Value read_array(GgufReader& reader, const std::string& key) {
  const std::string what = fmt::format("array '{}'", key);
  const auto type = reader.number<std::uint32_t>(what);
  if (type == kArray) reader.fail(fmt::format("{} is nested: got an array of arrays, expected plain values", what));
  if (type >= std::size(kValueBytes)) {
    reader.fail(fmt::format("{} has an unknown type: got {}, expected below {}", what, type, std::size(kValueBytes)));
  }
  const std::uint64_t least_bytes = type == kString ? 8 : kValueBytes[type];
  const std::uint64_t count = read_count(reader, what, kMaxArrayElements, least_bytes);
  if (type != kString) {
    reader.skip(count * least_bytes, what);
    return ArrayLength{count};
  }
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto length = reader.number<std::uint64_t>(what);
    if (length <= reader.remaining() && length > kMaxTextBytes) {
      reader.fail(
          fmt::format("text {} of {} is too long: got {} bytes, expected at most {}", i, what, length, kMaxTextBytes));
    }
    reader.skip(length, what);
  }
  return ArrayLength{count};
}

Value read_value(GgufReader& reader, const std::string& key) {
  const std::string what = fmt::format("key '{}'", key);
  const auto type = reader.number<std::uint32_t>(what);
  switch (type) {
    case kArray:
      return read_array(reader, key);
    case kString:
      return reader.text(what, kMaxTextBytes);
    case kUint32:
      return static_cast<std::int64_t>(reader.number<std::uint32_t>(what));
    case kInt32:
      return static_cast<std::int64_t>(reader.number<std::int32_t>(what));
    case kUint64:
    case kInt64:
      return reader.number<std::int64_t>(what);
    default:
      break;
  }
  if (type >= std::size(kValueBytes)) {
    reader.fail(fmt::format("{} has an unknown type: got {}, expected below {}", what, type, std::size(kValueBytes)));
  }
  reader.skip(kValueBytes[type], what);
  return {};
}

Values read_values(GgufReader& reader, std::uint64_t count, GgufLayout& layout) {
  Values values;
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::string key = reader.text(fmt::format("the name of key {}", i), kMaxKeyBytes);
    if (key.empty()) reader.fail(fmt::format("key {} has no name", i));
    if (!base::is_valid_utf8(key) || key.find('\0') != std::string::npos) {
      reader.fail(fmt::format("key {} has a bad name: got '{}', expected text", i, base::printable(key.substr(0, 80))));
    }
    if (values.contains(key)) reader.fail(fmt::format("key '{}' is given twice", key));
    const std::uint64_t begin = reader.position();
    const Value& value = values.emplace(key, read_value(reader, key)).first->second;
    if (const auto* number = std::get_if<std::int64_t>(&value)) {
      const std::uint64_t at = begin + sizeof(std::uint32_t);  // after the type
      layout.integers.emplace(key, GgufLayout::Integer{*number, at, reader.position() - at});
    }
  }
  return values;
}

std::string text_of(const Values& values, std::string_view key) {
  const auto found = values.find(key);
  if (found == values.end() || !std::holds_alternative<std::string>(found->second)) return {};
  return std::get<std::string>(found->second);
}

std::int64_t integer_of(const Values& values, std::string_view key) {
  const auto found = values.find(key);
  if (found == values.end() || !std::holds_alternative<std::int64_t>(found->second)) return -1;
  return std::get<std::int64_t>(found->second);
}

std::uint32_t read_alignment(const GgufReader& reader, const Values& values) {
  const auto found = values.find("general.alignment");
  if (found == values.end()) return 32;
  const auto* value = std::get_if<std::int64_t>(&found->second);
  const bool good = value != nullptr && *value >= 8 && *value <= kMaxAlignment && (*value & (*value - 1)) == 0;
  if (!good) {
    reader.fail(fmt::format("general.alignment is wrong: got {}, expected a power of two from 8 to {}",
                            value != nullptr ? std::to_string(*value) : "another type", kMaxAlignment));
  }
  return static_cast<std::uint32_t>(*value);
}

std::optional<std::uint64_t> multiply(std::uint64_t a, std::uint64_t b) {
  std::uint64_t product = 0;
  // libllama keeps sizes in signed 64 bits.
  if (__builtin_mul_overflow(a, b, &product) || product > (1ULL << 62)) return std::nullopt;
  return product;
}

/// Number of elements; `sizes` receives the dimensions.
std::uint64_t read_shape(GgufReader& reader, const std::string& what, std::vector<std::uint64_t>& sizes) {
  const auto dimensions = reader.number<std::uint32_t>(what);
  if (dimensions == 0 || dimensions > kMaxDimensions) {
    reader.fail(
        fmt::format("{} has a bad number of dimensions: got {}, expected 1 to {}", what, dimensions, kMaxDimensions));
  }
  std::uint64_t elements = 1;
  for (std::uint32_t i = 0; i < dimensions; ++i) {
    const auto size = reader.number<std::uint64_t>(what);
    if (size == 0) reader.fail(fmt::format("{} has an empty dimension {}", what, i));
    const auto product = multiply(elements, size);
    if (!product) reader.fail(fmt::format("{} is too large: its dimensions' product overflows at {}", what, size));
    elements = *product;
    sizes.push_back(size);
  }
  return elements;
}

GgufLayout::Tensor read_tensor(GgufReader& reader, std::uint64_t index, std::uint32_t alignment,
                               std::uint64_t& elements) {
  GgufLayout::Tensor tensor;
  tensor.name = reader.text(fmt::format("the name of tensor {}", index), kMaxTensorNameBytes);
  if (tensor.name.empty() || tensor.name.find('\0') != std::string::npos) {
    reader.fail(fmt::format("tensor {} has a bad name: got '{}'", index, base::printable(tensor.name)));
  }
  const std::string what = fmt::format("tensor '{}'", base::printable(tensor.name));
  tensor.dimensions_at = reader.position() + sizeof(std::uint32_t);  // after their number
  elements = read_shape(reader, what, tensor.dimensions);
  const auto type_id = reader.number<std::uint32_t>(what);
  tensor.type = find_tensor_type(type_id);
  if (tensor.type == nullptr) reader.fail(fmt::format("{} has an unknown type: got {}", what, type_id));
  if (tensor.dimensions[0] % tensor.type->block_elements != 0) {
    reader.fail(fmt::format("{} has rows that do not fit its type: got {} elements, expected a multiple of {} for {}",
                            what, tensor.dimensions[0], tensor.type->block_elements, tensor.type->name));
  }
  const auto bytes = multiply(elements / tensor.type->block_elements, tensor.type->block_bytes);
  if (!bytes) reader.fail(fmt::format("{} is too large: its size in bytes overflows", what));
  tensor.bytes = *bytes;
  tensor.offset_at = reader.position();
  tensor.offset = reader.number<std::uint64_t>(what);
  if (tensor.offset % alignment != 0) {
    reader.fail(
        fmt::format("{} is not aligned: got offset {}, expected a multiple of {}", what, tensor.offset, alignment));
  }
  if (tensor.offset > (1ULL << 62)) {
    reader.fail(fmt::format("{} lies outside the file: got offset {}", what, tensor.offset));
  }
  return tensor;
}

void check_spans(const GgufReader& reader, std::vector<Span>& spans, std::uint64_t data_offset) {
  std::ranges::sort(spans, {}, &Span::begin);
  for (std::size_t i = 1; i < spans.size(); ++i) {
    if (spans[i].begin >= spans[i - 1].end) continue;
    reader.fail(fmt::format("tensors '{}' and '{}' overlap: got offset {}, expected at least {}",
                            base::printable(spans[i - 1].name), base::printable(spans[i].name), spans[i].begin,
                            spans[i - 1].end));
  }
  if (spans.empty()) return;
  const Span& last = spans.back();
  if (data_offset + last.end > reader.file_bytes()) {
    reader.fail_cut(data_offset + last.end, fmt::format("tensor '{}'", base::printable(last.name)));
  }
}

void read_tensors(GgufReader& reader, GgufSummary& summary, GgufLayout& layout) {
  std::vector<Span> spans;
  std::unordered_set<std::string> names;
  for (std::uint64_t i = 0; i < summary.tensor_count; ++i) {
    std::uint64_t elements = 0;
    layout.tensors.push_back(read_tensor(reader, i, summary.alignment, elements));
    const GgufLayout::Tensor& tensor = layout.tensors.back();
    spans.push_back({tensor.offset, tensor.offset + tensor.bytes, tensor.name});
    if (!names.insert(tensor.name).second) {
      reader.fail(fmt::format("tensor '{}' is given twice", base::printable(tensor.name)));
    }
    if (__builtin_add_overflow(summary.parameters, elements, &summary.parameters)) {
      reader.fail("has too many elements: their sum overflows");
    }
  }
  const std::uint64_t mask = summary.alignment - 1;
  summary.data_offset = (reader.position() + mask) & ~mask;
  check_spans(reader, spans, summary.data_offset);
}

void collect(const Values& values, GgufSummary& summary) {
  summary.architecture = text_of(values, "general.architecture");
  summary.name = text_of(values, "general.name");
  summary.type = text_of(values, "general.type");
  summary.adapter_type = text_of(values, "adapter.type");
  summary.chat_template = text_of(values, "tokenizer.chat_template");
  summary.file_type = integer_of(values, "general.file_type");
  summary.context_length = integer_of(values, summary.architecture + ".context_length");
  summary.embedding_length = integer_of(values, summary.architecture + ".embedding_length");
  summary.block_count = integer_of(values, summary.architecture + ".block_count");
  const auto tokens = values.find("tokenizer.ggml.tokens");
  if (tokens == values.end()) return;
  if (const auto* length = std::get_if<ArrayLength>(&tokens->second)) {
    summary.vocabulary_size = static_cast<std::int64_t>(length->count);
  }
}

}  // namespace

GgufSummary check_gguf(const std::filesystem::path& path) {
  GgufLayout layout;
  return check_gguf(path, layout);
}

GgufSummary check_gguf(const std::filesystem::path& path, GgufLayout& layout) {
  layout = {};
  GgufReader reader(path);
  check_magic(reader);
  GgufSummary summary;
  summary.file_bytes = reader.file_bytes();
  summary.version = read_version(reader);
  summary.tensor_count = read_count(reader, "the number of tensors", kMaxTensors, 32);
  summary.key_count = read_count(reader, "the number of keys", kMaxKeys, 13);
  const Values values = read_values(reader, summary.key_count, layout);
  summary.alignment = read_alignment(reader, values);
  collect(values, summary);
  if (summary.architecture.empty())
    reader.fail("does not name its architecture: expected the key general.architecture");
  read_tensors(reader, summary, layout);
  return summary;
}

}  // namespace gpiot::weights
