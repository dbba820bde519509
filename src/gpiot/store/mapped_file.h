#pragma once

#include <bit>
#include <cstddef>
#include <filesystem>
#include <span>
#include <string>

namespace gpiot::store {

/// The bytes of a file, mapped to be read. Who replaces the file by a rename leaves them as they are.
class MappedFile {
 public:
  MappedFile() = default;
  ~MappedFile();
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;

  /// Empty where there is none, where it is no regular file, and where it cannot be read.
  [[nodiscard]] static MappedFile map(const std::filesystem::path& file);
  [[nodiscard]] std::span<const std::byte> bytes() const { return bytes_; }

 private:
  std::span<std::byte> bytes_;
};

static_assert(std::endian::native == std::endian::little, "files of columns are little-endian");

/// Columns of numbers that stand in a file one after the other.
class ColumnReader {
 public:
  /// Whoever calls has made sure that the columns fit `bytes`, and that each begins where its type may.
  explicit ColumnReader(std::span<const std::byte> bytes) : left_(bytes) {}
  template <typename T>
  void take(std::span<const T>& column, std::size_t count) {
    column = {reinterpret_cast<const T*>(left_.data()), count};
    left_ = left_.subspan(column.size_bytes());
  }

 private:
  std::span<const std::byte> left_;
};

template <typename T>
void append_column(std::string& out, std::span<const T> values) {
  out.append(reinterpret_cast<const char*>(values.data()), values.size_bytes());
}

}  // namespace gpiot::store
