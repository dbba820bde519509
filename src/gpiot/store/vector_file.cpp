#include "gpiot/store/vector_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bit>
#include <cstring>
#include <string>
#include <utility>

#include "gpiot/base/files.h"

namespace gpiot::store {
namespace {

static_assert(std::endian::native == std::endian::little, "the file is little-endian");

constexpr char kMagic[8] = {'g', 'p', 'i', 'o', 't', 'v', '8', '\2'};

/// After it: vectors, passages, log_priors, scales, components.
struct Header {
  char magic[8];
  std::uint64_t dimension;
  std::uint64_t rows;
  std::int64_t generation;
};

std::uint64_t bytes_of(std::uint64_t rows, std::uint64_t dimension) {
  return sizeof(Header) + rows * (2 * sizeof(std::int64_t) + 2 * sizeof(float) + dimension);
}

template <typename T>
void append(std::string& out, std::span<const T> values) {
  out.append(reinterpret_cast<const char*>(values.data()), values.size_bytes());
}

}  // namespace

VectorFile::~VectorFile() {
  if (mapped_ != nullptr) ::munmap(mapped_, mapped_bytes_);
}

VectorFile::VectorFile(VectorFile&& other) noexcept { *this = std::move(other); }

VectorFile& VectorFile::operator=(VectorFile&& other) noexcept {
  std::swap(rows_, other.rows_);  // vectors keep their addresses when they are swapped
  std::swap(generation_, other.generation_);
  std::swap(mapped_, other.mapped_);
  std::swap(mapped_bytes_, other.mapped_bytes_);
  std::swap(columns_, other.columns_);
  return *this;
}

VectorFile VectorFile::map(const std::filesystem::path& file) {
  VectorFile out;
  const int handle = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (handle < 0) return out;
  struct stat state{};
  const bool known = ::fstat(handle, &state) == 0 && S_ISREG(state.st_mode);
  const auto size = known ? static_cast<std::size_t>(state.st_size) : 0;
  void* bytes = size >= sizeof(Header) ? ::mmap(nullptr, size, PROT_READ, MAP_SHARED, handle, 0) : MAP_FAILED;
  ::close(handle);
  if (bytes == MAP_FAILED) return out;
  out.mapped_ = bytes;
  out.mapped_bytes_ = size;
  Header header{};
  std::memcpy(&header, bytes, sizeof(header));
  const bool sound = std::memcmp(header.magic, kMagic, sizeof(kMagic)) == 0 && header.dimension < (1U << 16) &&
                     header.rows < (1U << 30) && bytes_of(header.rows, header.dimension) == size;
  if (!sound) return out;
  const auto* at = static_cast<const char*>(bytes) + sizeof(Header);
  out.rows_.dimension = header.dimension;
  const auto take = [&]<typename T>(std::span<const T>& column, std::size_t count) {
    column = {reinterpret_cast<const T*>(at), count};
    at += column.size_bytes();
  };
  take(out.rows_.vectors, header.rows);
  take(out.rows_.passages, header.rows);
  take(out.rows_.log_priors, header.rows);
  take(out.rows_.scales, header.rows);
  take(out.rows_.components, header.rows * header.dimension);
  out.generation_ = header.generation;
  return out;
}

VectorFile VectorFile::hold(std::size_t dimension, std::int64_t generation, Columns columns) {
  VectorFile out;
  out.columns_ = std::move(columns);
  const auto& own = out.columns_;
  out.rows_ = {dimension, own.vectors, own.passages, own.log_priors, own.scales, own.components};
  out.generation_ = generation;
  return out;
}

void VectorFile::write(const std::filesystem::path& file) const {
  Header header{};
  std::memcpy(header.magic, kMagic, sizeof(kMagic));
  header.dimension = rows_.dimension;
  header.rows = rows_.count();
  header.generation = generation_;
  std::string bytes;
  bytes.reserve(bytes_of(header.rows, header.dimension));
  append<Header>(bytes, {&header, 1});
  append(bytes, rows_.vectors);
  append(bytes, rows_.passages);
  append(bytes, rows_.log_priors);
  append(bytes, rows_.scales);
  append(bytes, rows_.components);
  base::write_file_atomic(file, bytes, "store.vectors");
}

}  // namespace gpiot::store
