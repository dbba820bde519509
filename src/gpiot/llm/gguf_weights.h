#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gpiot::llm {

/// The numbers of a model file: its tensors, dequantised, and the values of its header. The file is mapped, so that a
/// tensor costs memory only while it is read. Read-only and thread-safe.
class GgufWeights {
 public:
  /// Checks the file first (weights::check_gguf). Errors: NotFound, Io, Format.
  explicit GgufWeights(const std::filesystem::path& path);
  GgufWeights(const GgufWeights&) = delete;
  GgufWeights& operator=(const GgufWeights&) = delete;
  ~GgufWeights();

  [[nodiscard]] const std::filesystem::path& path() const;
  [[nodiscard]] bool has(std::string_view tensor) const;
  /// As numpy would say it: a matrix is [rows, columns], row after row. Errors: Format where there is no such tensor.
  [[nodiscard]] std::vector<std::int64_t> shape(std::string_view tensor) const;
  /// All elements as float, by ggml's own dequantisation. Errors: Format; Unsupported where ggml has none for the type.
  void read(std::string_view tensor, std::span<float> out) const;
  /// As read, rows `first` ... of a matrix, as many as `out` holds.
  void read_rows(std::string_view tensor, std::int64_t first, std::span<float> out) const;

  /// Numbers of any integer or float type; nothing where the key is missing or of another type.
  [[nodiscard]] std::optional<double> number(std::string_view key) const;
  [[nodiscard]] std::optional<std::string> text(std::string_view key) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace gpiot::llm
