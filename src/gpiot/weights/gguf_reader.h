#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace gpiot::weights {

static_assert(std::endian::native == std::endian::little, "GGUF is read as little-endian memory");

/// Reads a GGUF header from front to back, and never a byte beyond the file's end: each read names what it is for,
/// so that a cut file is reported as such. Errors: NotFound, Io, Format ("is cut short").
class GgufReader {
 public:
  explicit GgufReader(const std::filesystem::path& path);
  GgufReader(const GgufReader&) = delete;
  GgufReader& operator=(const GgufReader&) = delete;
  ~GgufReader();

  template <typename T>
  [[nodiscard]] T number(std::string_view what) {
    T value{};
    bytes(&value, sizeof(T), what);
    return value;
  }
  /// A string with its 8-byte length before it. Errors: Format also when it is longer than `limit`.
  [[nodiscard]] std::string text(std::string_view what, std::uint64_t limit);
  void bytes(void* destination, std::uint64_t count, std::string_view what);
  void skip(std::uint64_t count, std::string_view what);
  /// The first bytes of the file, at most 16, without moving.
  [[nodiscard]] std::string peek();

  [[nodiscard]] std::uint64_t position() const { return position_; }
  [[nodiscard]] std::uint64_t file_bytes() const { return file_bytes_; }
  [[nodiscard]] std::uint64_t remaining() const { return file_bytes_ - position_; }
  [[noreturn]] void fail(std::string_view problem) const;
  /// `needed` bytes were expected in the whole file.
  [[noreturn]] void fail_cut(std::uint64_t needed, std::string_view what) const;

 private:
  void require(std::uint64_t count, std::string_view what) const;
  void fill();

  std::filesystem::path path_;
  int file_ = -1;
  std::uint64_t file_bytes_ = 0;
  std::uint64_t position_ = 0;  ///< of the next byte in the file
  std::vector<char> buffer_;
  std::uint64_t buffer_start_ = 0;  ///< position in the file of buffer_[0]
};

}  // namespace gpiot::weights
