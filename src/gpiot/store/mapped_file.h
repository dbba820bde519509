#pragma once

#include <cstddef>
#include <filesystem>
#include <span>

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

}  // namespace gpiot::store
