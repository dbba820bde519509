#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "gpiot/store/mapped_file.h"
#include "gpiot/store/vector_scan.h"

namespace gpiot::store {

/// All vectors of a store in eight bits, and what those leave in eight more, held in memory or mapped from the file
/// beside it. The file is made from the database and may be missing or old at any time: `generation` says which state
/// of the database it shows.
class VectorFile {
 public:
  /// Maps the file; empty (no rows, generation -1) where there is none, or where it is not whole.
  [[nodiscard]] static VectorFile map(const std::filesystem::path& file);
  /// Takes the rows over into memory.
  struct Columns {
    std::vector<std::int64_t> vectors, passages;
    std::vector<float> log_priors, scales;
    std::vector<std::int8_t> components, rests;
  };
  [[nodiscard]] static VectorFile hold(std::size_t dimension, std::int64_t generation, Columns columns);
  /// Writes them beside `file` and renames: who has mapped the old one keeps it. Errors: Io.
  void write(const std::filesystem::path& file) const;

  [[nodiscard]] const VectorRows& rows() const { return rows_; }
  [[nodiscard]] std::int64_t generation() const { return generation_; }

 private:
  VectorRows rows_;
  std::int64_t generation_ = -1;
  MappedFile mapped_;
  Columns columns_;  // vectors keep their addresses when they are moved
};

}  // namespace gpiot::store
