#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

namespace gpiot::tune {

/// A file of scalars as TensorBoard reads it (events.out.tfevents.*): length-framed records with masked CRC-32C, each a
/// protocol buffer of time, step and named numbers. Errors: Io.
class EventFile {
 public:
  /// Makes the folder and a new file in it; the name holds the time, so that a resumed run adds a second one.
  explicit EventFile(const std::filesystem::path& folder);
  void add(std::int64_t step, const std::vector<std::pair<std::string, double>>& scalars);

 private:
  void write(const std::string& event);

  std::filesystem::path path_;
  std::ofstream file_;
};

/// CRC-32C (Castagnoli) of bytes; open for tests.
[[nodiscard]] std::uint32_t crc32c(const std::string& bytes);

}  // namespace gpiot::tune
