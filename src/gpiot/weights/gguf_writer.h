#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gpiot::weights {

/// Puts a GGUF file (version 3, little-endian, aligned to 32 bytes) together in memory. Same calls: same bytes.
class GgufWriter {
 public:
  void text(std::string_view key, std::string_view value);
  void count(std::string_view key, std::uint32_t value);
  void number(std::string_view key, float value);
  void flag(std::string_view key, bool value);
  void texts(std::string_view key, std::span<const std::string> values);
  void integers(std::string_view key, std::span<const std::int32_t> values);
  /// `dimensions` as GGUF has them: the one whose elements lie side by side first. `type` is an id of tensor_types.h.
  /// Errors: InvalidArgument where `data` is not what the dimensions and the type take.
  void tensor(std::string_view name, std::span<const std::uint64_t> dimensions, std::uint32_t type,
              std::string_view data);

  [[nodiscard]] std::string bytes() const;

 private:
  void key(std::string_view name, std::uint32_t kind);

  std::string keys_;
  std::string tensors_;
  std::string data_;
  std::uint64_t key_count_ = 0;
  std::uint64_t tensor_count_ = 0;
};

}  // namespace gpiot::weights
