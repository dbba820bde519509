#include "gpiot/store/vector_file.h"

#include <cstring>
#include <string>
#include <utility>

#include "gpiot/base/files.h"

namespace gpiot::store {
namespace {

constexpr char kMagic[8] = {'g', 'p', 'i', 'o', 't', 'v', '8', '\3'};

/// After it: vectors, passages, log_priors, scales, components, rests.
struct Header {
  char magic[8];
  std::uint64_t dimension;
  std::uint64_t rows;
  std::int64_t generation;
};

std::uint64_t bytes_of(std::uint64_t rows, std::uint64_t dimension) {
  return sizeof(Header) + rows * (2 * sizeof(std::int64_t) + 2 * sizeof(float) + 2 * dimension);
}

}  // namespace

VectorFile VectorFile::map(const std::filesystem::path& file) {
  VectorFile out;
  out.mapped_ = MappedFile::map(file);
  const auto bytes = out.mapped_.bytes();
  if (bytes.size() < sizeof(Header)) return out;
  Header header{};
  std::memcpy(&header, bytes.data(), sizeof(header));
  const bool sound = std::memcmp(header.magic, kMagic, sizeof(kMagic)) == 0 && header.dimension < (1U << 16) &&
                     header.rows < (1U << 30) && bytes_of(header.rows, header.dimension) == bytes.size();
  if (!sound) return out;
  ColumnReader columns(bytes.subspan(sizeof(Header)));
  out.rows_.dimension = header.dimension;
  columns.take(out.rows_.vectors, header.rows);
  columns.take(out.rows_.passages, header.rows);
  columns.take(out.rows_.log_priors, header.rows);
  columns.take(out.rows_.scales, header.rows);
  columns.take(out.rows_.components, header.rows * header.dimension);
  columns.take(out.rows_.rests, header.rows * header.dimension);
  out.generation_ = header.generation;
  return out;
}

VectorFile VectorFile::hold(std::size_t dimension, std::int64_t generation, Columns columns) {
  VectorFile out;
  out.columns_ = std::move(columns);
  const auto& own = out.columns_;
  out.rows_ = {dimension, own.vectors, own.passages, own.log_priors, own.scales, own.components, own.rests};
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
  append_column<Header>(bytes, {&header, 1});
  append_column(bytes, rows_.vectors);
  append_column(bytes, rows_.passages);
  append_column(bytes, rows_.log_priors);
  append_column(bytes, rows_.scales);
  append_column(bytes, rows_.components);
  append_column(bytes, rows_.rests);
  base::write_file_atomic(file, bytes, "store.vectors");
}

}  // namespace gpiot::store
