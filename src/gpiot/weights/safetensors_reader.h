#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

namespace gpiot::weights {

/// One tensor of a safetensors file, row-major.
struct SafeTensor {
  std::string name;
  std::string type;  ///< as in the file: "F32", "BF16", "I64"
  std::vector<std::uint64_t> shape;
  std::uint64_t offset = 0;  ///< of its first byte in the file
  std::uint64_t bytes = 0;
};

/// A safetensors file, whose header is checked before anything is read by it: lengths within the file, shapes that
/// give the bytes they claim, data that neither overlaps nor leaves holes. Not for several threads at once.
class SafeTensorsReader {
 public:
  /// Errors: NotFound; Io; Format (naming the tensor at fault, and a cut file as cut).
  explicit SafeTensorsReader(const std::filesystem::path& path);

  /// In the order of their data.
  [[nodiscard]] const std::vector<SafeTensor>& tensors() const { return tensors_; }
  /// nullptr where the file has no tensor of that name.
  [[nodiscard]] const SafeTensor* find(std::string_view name) const;
  /// The numbers of a tensor of type F32. Errors: Format where it is of another type; Io.
  [[nodiscard]] std::vector<float> floats(const SafeTensor& tensor);

 private:
  void read_header(std::uint64_t file_bytes);
  void check_layout(std::uint64_t data_start, std::uint64_t file_bytes);
  [[noreturn]] void fail(const std::string& problem) const;

  std::filesystem::path path_;
  std::ifstream file_;
  std::vector<SafeTensor> tensors_;
};

}  // namespace gpiot::weights
