#include "gpiot/llm/gguf_weights.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <ggml.h>
#include <gguf.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "gpiot/base/error.h"
#include "gpiot/base/files.h"
#include "gpiot/llm/handles.h"
#include "gpiot/weights/gguf_check.h"

namespace gpiot::llm {
namespace {

using base::Error;
using base::ErrorCode;

constexpr std::string_view kWhere = "llm.weights";

/// A file as memory; pages come when they are read.
class MappedFile {
 public:
  MappedFile(const std::filesystem::path& path, std::uint64_t bytes) : bytes_(bytes) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) throw base::io_error(kWhere, "cannot open " + path.string(), errno);
    memory_ = ::mmap(nullptr, bytes_, PROT_READ, MAP_PRIVATE, file, 0);
    const int failure = errno;
    ::close(file);
    if (memory_ == MAP_FAILED) throw base::io_error(kWhere, "cannot map " + path.string(), failure);
  }
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  ~MappedFile() { ::munmap(memory_, bytes_); }
  [[nodiscard]] const char* at(std::uint64_t offset) const { return static_cast<const char*>(memory_) + offset; }
  /// What was read stays in the system's cache, but no longer counts as memory of this process.
  void forget(std::uint64_t offset, std::uint64_t bytes) const {
    const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    const std::uint64_t begin = offset / page * page;
    ::madvise(static_cast<char*>(memory_) + begin, std::min(offset + bytes, bytes_) - begin, MADV_DONTNEED);
  }

 private:
  void* memory_ = nullptr;
  std::uint64_t bytes_;
};

}  // namespace

struct GgufWeights::Impl {
  std::filesystem::path path;
  GgufHandle header;
  GgmlHandle tensors;  ///< their shapes; no data
  std::unique_ptr<MappedFile> file;

  [[nodiscard]] std::int64_t find(std::string_view name) const {
    return gguf_find_tensor(header.get(), std::string(name).c_str());
  }
  [[nodiscard]] const ggml_tensor& tensor(std::string_view name) const {
    const ggml_tensor* found = ggml_get_tensor(tensors.get(), std::string(name).c_str());
    if (found == nullptr) {
      throw Error(ErrorCode::Format, kWhere, fmt::format("{} has no tensor '{}'", path.string(), name));
    }
    return *found;
  }
};

GgufWeights::GgufWeights(const std::filesystem::path& path) : impl_(std::make_unique<Impl>()) {
  const weights::GgufSummary summary = weights::check_gguf(path);
  impl_->path = path;
  ggml_context* tensors = nullptr;
  impl_->header.reset(gguf_init_from_file(path.c_str(), {.no_alloc = true, .ctx = &tensors}));
  impl_->tensors.reset(tensors);
  if (!impl_->header || tensors == nullptr) {
    throw Error(ErrorCode::Format, kWhere, "ggml cannot read the header of " + path.string());
  }
  impl_->file = std::make_unique<MappedFile>(path, summary.file_bytes);
}

GgufWeights::~GgufWeights() = default;

const std::filesystem::path& GgufWeights::path() const { return impl_->path; }
bool GgufWeights::has(std::string_view tensor) const { return impl_->find(tensor) >= 0; }

std::vector<std::int64_t> GgufWeights::shape(std::string_view name) const {
  const ggml_tensor& tensor = impl_->tensor(name);
  std::vector<std::int64_t> shape(tensor.ne, tensor.ne + ggml_n_dims(&tensor));
  std::reverse(shape.begin(), shape.end());
  return shape;
}

void GgufWeights::read(std::string_view name, std::span<float> out) const {
  const std::int64_t count = ggml_nelements(&impl_->tensor(name));
  if (static_cast<std::int64_t>(out.size()) != count) {
    throw Error(ErrorCode::Internal, kWhere,
                fmt::format("room for '{}': got {}, expected {}", name, out.size(), count));
  }
  read_rows(name, 0, out);
}

void GgufWeights::read_rows(std::string_view name, std::int64_t first, std::span<float> out) const {
  const ggml_tensor& tensor = impl_->tensor(name);
  const auto count = static_cast<std::int64_t>(out.size());
  const std::int64_t rows = ggml_nrows(&tensor);
  if (first < 0 || count % tensor.ne[0] != 0 || first > rows - count / tensor.ne[0]) {
    throw Error(ErrorCode::Internal, kWhere,
                fmt::format("rows of '{}': got {} numbers from row {}, expected whole ones of {} x {}", name, count,
                            first, rows, tensor.ne[0]));
  }
  const ggml_type_traits* traits = ggml_get_type_traits(tensor.type);
  if (tensor.type != GGML_TYPE_F32 && traits->to_float == nullptr) {
    throw Error(
        ErrorCode::Unsupported, kWhere,
        fmt::format("'{}' is stored as {}, which ggml cannot turn into numbers", name, ggml_type_name(tensor.type)),
        "gpiot model derive --format f32 writes a copy that can be read");
  }
  const std::uint64_t row_bytes = ggml_row_size(tensor.type, tensor.ne[0]);
  const std::uint64_t offset = gguf_get_data_offset(impl_->header.get()) +
                               gguf_get_tensor_offset(impl_->header.get(), impl_->find(name)) +
                               static_cast<std::uint64_t>(first) * row_bytes;
  const char* data = impl_->file->at(offset);
  if (tensor.type == GGML_TYPE_F32) {
    std::memcpy(out.data(), data, out.size_bytes());
  } else {
    traits->to_float(data, out.data(), count);
  }
  impl_->file->forget(offset, static_cast<std::uint64_t>(count / tensor.ne[0]) * row_bytes);
}

std::optional<double> GgufWeights::number(std::string_view key) const {
  const gguf_context* header = impl_->header.get();
  const std::int64_t id = gguf_find_key(header, std::string(key).c_str());
  if (id < 0) return std::nullopt;
  switch (gguf_get_kv_type(header, id)) {
    case GGUF_TYPE_UINT8:
      return gguf_get_val_u8(header, id);
    case GGUF_TYPE_INT8:
      return gguf_get_val_i8(header, id);
    case GGUF_TYPE_UINT16:
      return gguf_get_val_u16(header, id);
    case GGUF_TYPE_INT16:
      return gguf_get_val_i16(header, id);
    case GGUF_TYPE_UINT32:
      return gguf_get_val_u32(header, id);
    case GGUF_TYPE_INT32:
      return gguf_get_val_i32(header, id);
    case GGUF_TYPE_FLOAT32:
      return static_cast<double>(gguf_get_val_f32(header, id));
    case GGUF_TYPE_UINT64:
      return static_cast<double>(gguf_get_val_u64(header, id));
    case GGUF_TYPE_INT64:
      return static_cast<double>(gguf_get_val_i64(header, id));
    case GGUF_TYPE_FLOAT64:
      return gguf_get_val_f64(header, id);
    default:
      return std::nullopt;
  }
}

std::optional<std::string> GgufWeights::text(std::string_view key) const {
  const gguf_context* header = impl_->header.get();
  const std::int64_t id = gguf_find_key(header, std::string(key).c_str());
  if (id < 0 || gguf_get_kv_type(header, id) != GGUF_TYPE_STRING) return std::nullopt;
  return gguf_get_val_str(header, id);
}

}  // namespace gpiot::llm
