#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <vector>

#include "gpiot/core/embedder.h"

namespace gpiot::retrieve {

/// Turns the vector of a question towards those of what answers it: q + (q down) up, of length 1 again. An encoder puts
/// likes beside likes, and a question is not like its answer. Learnt from the usage notes of functions alone
/// (bench/knowledge/query_map.py; docs/decisions/0008, 13), for one encoder; for documents it is no use.
class QueryMap {
 public:
  /// FOLDER/HASH.safetensors, where HASH is the first 16 digits of the encoder's; one that changes nothing where there
  /// is none. Errors: Format where it does not fit the encoder; those of SafeTensorsReader.
  [[nodiscard]] static QueryMap load(const std::filesystem::path& folder, const core::Embedder& embedder);

  [[nodiscard]] bool empty() const { return down_.empty(); }
  /// `query` [dimension].
  void apply(std::span<float> query) const;

 private:
  std::vector<float> down_;  // [dimension, rank]
  std::vector<float> up_;    // [rank, dimension]
};

}  // namespace gpiot::retrieve
