#include "gpiot/weights/gguf_writer.h"

#include <fmt/format.h>

#include <bit>

#include "gpiot/base/error.h"
#include "gpiot/weights/tensor_types.h"

namespace gpiot::weights {
namespace {

static_assert(std::endian::native == std::endian::little, "GGUF is written as little-endian memory");

constexpr std::size_t kAlignment = 32;

// Numbers of gguf_type.
constexpr std::uint32_t kCount = 4;
constexpr std::uint32_t kInteger = 5;
constexpr std::uint32_t kFloat = 6;
constexpr std::uint32_t kFlag = 7;
constexpr std::uint32_t kText = 8;
constexpr std::uint32_t kList = 9;

template <typename T>
void put(std::string& out, T value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

void put_text(std::string& out, std::string_view value) {
  put<std::uint64_t>(out, value.size());
  out += value;
}

void pad(std::string& out) { out.resize((out.size() + kAlignment - 1) / kAlignment * kAlignment, '\0'); }

}  // namespace

void GgufWriter::key(std::string_view name, std::uint32_t kind) {
  put_text(keys_, name);
  put(keys_, kind);
  ++key_count_;
}

void GgufWriter::text(std::string_view name, std::string_view value) {
  key(name, kText);
  put_text(keys_, value);
}

void GgufWriter::count(std::string_view name, std::uint32_t value) {
  key(name, kCount);
  put(keys_, value);
}

void GgufWriter::number(std::string_view name, float value) {
  key(name, kFloat);
  put(keys_, value);
}

void GgufWriter::flag(std::string_view name, bool value) {
  key(name, kFlag);
  put<std::uint8_t>(keys_, value ? 1 : 0);
}

void GgufWriter::texts(std::string_view name, std::span<const std::string> values) {
  key(name, kList);
  put(keys_, kText);
  put<std::uint64_t>(keys_, values.size());
  for (const std::string& value : values) put_text(keys_, value);
}

void GgufWriter::integers(std::string_view name, std::span<const std::int32_t> values) {
  key(name, kList);
  put(keys_, kInteger);
  put<std::uint64_t>(keys_, values.size());
  for (const std::int32_t value : values) put(keys_, value);
}

void GgufWriter::tensor(std::string_view name, std::span<const std::uint64_t> dimensions, std::uint32_t type,
                        std::string_view data) {
  const TensorType* kind = find_tensor_type(type);
  std::uint64_t elements = 1;
  for (const std::uint64_t size : dimensions) elements *= size;
  const bool whole = kind != nullptr && !dimensions.empty() && dimensions[0] % kind->block_elements == 0;
  const std::uint64_t expected = whole ? elements / kind->block_elements * kind->block_bytes : 0;
  if (!whole || data.size() != expected) {
    throw base::Error(base::ErrorCode::InvalidArgument, "weights.write",
                      fmt::format("tensor '{}' of type {} does not fit its dimensions: got {} bytes, expected {}", name,
                                  type, data.size(), expected));
  }
  put_text(tensors_, name);
  put(tensors_, static_cast<std::uint32_t>(dimensions.size()));
  for (const std::uint64_t size : dimensions) put(tensors_, size);
  put(tensors_, type);
  put<std::uint64_t>(tensors_, data_.size());
  data_ += data;
  pad(data_);
  ++tensor_count_;
}

std::string GgufWriter::bytes() const {
  std::string out = "GGUF";
  out.reserve(keys_.size() + tensors_.size() + data_.size() + 2 * kAlignment);
  put<std::uint32_t>(out, 3);
  put(out, tensor_count_);
  put(out, key_count_);
  out += keys_;
  out += tensors_;
  pad(out);
  out += data_;
  return out;
}

}  // namespace gpiot::weights
