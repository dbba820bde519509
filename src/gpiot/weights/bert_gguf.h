#pragma once

#include <filesystem>
#include <string>

#include "gpiot/weights/weight_format.h"

namespace gpiot::weights {

/// The files of a BERT encoder as its publisher has them.
struct BertFiles {
  std::filesystem::path tensors;     ///< model.safetensors, F32
  std::filesystem::path vocabulary;  ///< vocab.txt: a WordPiece token a line
  std::filesystem::path config;      ///< config.json
};

/// What the new file says of itself.
struct BertFacts {
  std::string name;
  std::string organization;
  std::string licence;  ///< SPDX, lower case as on the hub
};

/// Writes the GGUF file of an uncased BERT sentence encoder with mean pooling: keys and tensors are those of
/// llama.cpp's own converter. Matrices take `format`; norms, biases, positions and token types stay F32. Same input:
/// same bytes. `out` is replaced when whole. Errors: NotFound; Io; Format where a file does not hold together or does
/// not fit the others; Unsupported where the encoder is of another kind.
void write_bert_gguf(const BertFiles& files, const BertFacts& facts, WeightFormat format,
                     const std::filesystem::path& out);

}  // namespace gpiot::weights
