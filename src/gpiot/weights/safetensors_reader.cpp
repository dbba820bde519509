#include "gpiot/weights/safetensors_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <limits>

#include "gpiot/base/error.h"
#include "gpiot/base/json.h"
#include "gpiot/base/strings.h"

namespace gpiot::weights {
namespace {

using base::Error;
using base::ErrorCode;

constexpr std::string_view kWhere = "weights.safetensors";
constexpr std::uint64_t kMostHeaderBytes = 8U << 20;
constexpr std::size_t kMostDimensions = 8;

static_assert(std::endian::native == std::endian::little, "safetensors files are read as little-endian memory");

/// 0 where the type is not known.
std::uint64_t element_bytes(std::string_view type) {
  struct Size {
    std::string_view type;
    std::uint64_t bytes;
  };
  constexpr auto kSizes = std::to_array<Size>({{"BOOL", 1},
                                               {"U8", 1},
                                               {"I8", 1},
                                               {"F8_E4M3", 1},
                                               {"F8_E5M2", 1},
                                               {"U16", 2},
                                               {"I16", 2},
                                               {"F16", 2},
                                               {"BF16", 2},
                                               {"U32", 4},
                                               {"I32", 4},
                                               {"F32", 4},
                                               {"U64", 8},
                                               {"I64", 8},
                                               {"F64", 8}});
  const auto* const found = std::ranges::find(kSizes, type, &Size::type);
  return found == kSizes.end() ? 0 : found->bytes;
}

/// What `shape` takes in the file, or nothing where the product overflows.
bool bytes_of(const SafeTensor& tensor, std::uint64_t& bytes) {
  bytes = element_bytes(tensor.type);
  for (const std::uint64_t size : tensor.shape) {
    if (size != 0 && bytes > std::numeric_limits<std::uint64_t>::max() / size) return false;
    bytes *= size;
  }
  return true;
}

bool is_count(const base::Json& value) { return value.is_number_unsigned(); }

bool all_counts(const base::Json& entry, const char* key, std::size_t most) {
  const auto found = entry.find(key);
  return found != entry.end() && found->is_array() && found->size() <= most && std::ranges::all_of(*found, is_count);
}

}  // namespace

SafeTensorsReader::SafeTensorsReader(const std::filesystem::path& path) : path_(path) {
  std::error_code failure;
  if (!std::filesystem::exists(path, failure)) {
    throw Error(ErrorCode::NotFound, kWhere, fmt::format("no such file: {}", path.string()));
  }
  if (!std::filesystem::is_regular_file(path, failure)) fail("got a folder or device, expected a file");
  const std::uint64_t file_bytes = std::filesystem::file_size(path, failure);
  file_.open(path, std::ios::binary);
  if (failure || !file_) throw Error(ErrorCode::Io, kWhere, fmt::format("cannot open {}", path.string()));
  read_header(file_bytes);
}

void SafeTensorsReader::fail(const std::string& problem) const {
  throw Error(ErrorCode::Format, kWhere, fmt::format("{}: {}", path_.string(), problem),
              "fetch the file again: it is broken or not a safetensors file");
}

void SafeTensorsReader::read_header(std::uint64_t file_bytes) {
  std::uint64_t length = 0;
  if (file_bytes < sizeof length) fail(fmt::format("it is cut short: got {} bytes, expected at least 8", file_bytes));
  file_.read(reinterpret_cast<char*>(&length), sizeof length);
  if (length > kMostHeaderBytes) {
    fail(fmt::format("the header is too long: got {} bytes, expected at most {}", length, kMostHeaderBytes));
  }
  if (length > file_bytes - sizeof length) {
    fail(fmt::format("it is cut short in the header: got {} bytes, expected {}", file_bytes, length + sizeof length));
  }
  std::string text(length, '\0');
  file_.read(text.data(), static_cast<std::streamsize>(length));
  if (!file_) throw Error(ErrorCode::Io, kWhere, fmt::format("cannot read {}", path_.string()));
  const auto header = base::parse_json(text, kWhere, path_.string());
  if (!header.is_object()) fail("the header is no JSON object");
  const std::uint64_t data_start = sizeof length + length;
  for (const auto& [name, entry] : header.items()) {
    if (name == "__metadata__") continue;
    const std::string shown = base::printable(name);
    if (!entry.is_object() || !entry.contains("dtype") || !entry["dtype"].is_string()) {
      fail(fmt::format("tensor '{}' has no dtype", shown));
    }
    if (!all_counts(entry, "shape", kMostDimensions)) fail(fmt::format("tensor '{}' has no valid shape", shown));
    if (!all_counts(entry, "data_offsets", 2) || entry["data_offsets"].size() != 2) {
      fail(fmt::format("tensor '{}' has no valid data_offsets", shown));
    }
    SafeTensor tensor{name, entry["dtype"].get<std::string>(), entry["shape"].get<std::vector<std::uint64_t>>()};
    const auto first = entry["data_offsets"][0].get<std::uint64_t>();
    const auto last = entry["data_offsets"][1].get<std::uint64_t>();
    if (first > last || last > file_bytes - data_start) {
      fail(fmt::format("tensor '{}' leaves the file: got bytes {} to {}, expected at most {}", shown, first, last,
                       file_bytes - data_start));
    }
    tensor.offset = data_start + first;
    tensor.bytes = last - first;
    tensors_.push_back(std::move(tensor));
  }
  check_layout(data_start, file_bytes);
}

void SafeTensorsReader::check_layout(std::uint64_t data_start, std::uint64_t file_bytes) {
  std::ranges::stable_sort(tensors_, {},
                           [](const SafeTensor& tensor) { return std::pair(tensor.offset, tensor.bytes); });
  std::uint64_t next = data_start;
  for (const SafeTensor& tensor : tensors_) {
    const std::string shown = base::printable(tensor.name);
    if (element_bytes(tensor.type) == 0) {
      fail(fmt::format("tensor '{}' is of an unknown type: got '{}'", shown, base::printable(tensor.type)));
    }
    std::uint64_t bytes = 0;
    if (!bytes_of(tensor, bytes) || bytes != tensor.bytes) {
      fail(fmt::format("tensor '{}' does not fill its place: got {} bytes, expected those of its shape", shown,
                       tensor.bytes));
    }
    if (tensor.offset != next) {
      fail(fmt::format("tensor '{}' {} the one before it: got offset {}, expected {}", shown,
                       tensor.offset < next ? "overlaps" : "leaves a hole after", tensor.offset, next));
    }
    next = tensor.offset + tensor.bytes;
  }
  if (next != file_bytes) fail(fmt::format("bytes follow the last tensor: got {}, expected {}", file_bytes, next));
}

const SafeTensor* SafeTensorsReader::find(std::string_view name) const {
  const auto found = std::ranges::find(tensors_, name, &SafeTensor::name);
  return found == tensors_.end() ? nullptr : &*found;
}

std::vector<float> SafeTensorsReader::floats(const SafeTensor& tensor) {
  if (tensor.type != "F32") {
    fail(
        fmt::format("tensor '{}' is of another type: got {}, expected F32", base::printable(tensor.name), tensor.type));
  }
  std::vector<float> values(tensor.bytes / sizeof(float));
  file_.clear();
  file_.seekg(static_cast<std::streamoff>(tensor.offset));
  file_.read(reinterpret_cast<char*>(values.data()), static_cast<std::streamsize>(tensor.bytes));
  if (!file_) throw Error(ErrorCode::Io, kWhere, fmt::format("cannot read {}", path_.string()));
  return values;
}

}  // namespace gpiot::weights
