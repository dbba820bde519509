#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "gpiot/llm/gguf_weights.h"
#include "gpiot/tune/frozen_matrix.h"

namespace gpiot::tune {

/// How RoPE pairs the numbers of a head: i with i + width/2 (Qwen2), or 2i with 2i + 1 (Llama: the GGUF converter
/// permuted the rows of q and k for it).
enum class RopePairs { halves, neighbours };

/// The sizes of a decoder of the Llama family, from the header of its GGUF file.
struct ModelShape {
  std::string architecture;  ///< "llama" or "qwen2"
  std::int64_t layers = 0;
  std::int64_t width = 0;       ///< of the hidden state
  std::int64_t heads = 0;       ///< of the queries
  std::int64_t kv_heads = 0;    ///< of keys and values
  std::int64_t head_width = 0;  ///< numbers of one head
  std::int64_t ffn_width = 0;
  std::int64_t ffn_padding = 0;  ///< how many of those do nothing: the last rows of gate and up, and columns of down,
                                 ///< that are zero in every block (a widened copy)
  std::int64_t vocabulary = 0;
  std::int64_t context = 0;  ///< tokens it was trained for
  double rope_base = 10000.0;
  double rope_scale = 1.0;  ///< positions are divided by it (linear scaling)
  double norm_eps = 1e-5;
  RopePairs rope_pairs = RopePairs::halves;
  bool own_head = false;  ///< the head is a matrix of its own, not the embedding

  [[nodiscard]] std::int64_t query_width() const { return heads * head_width; }
  [[nodiscard]] std::int64_t kv_width() const { return kv_heads * head_width; }
  /// Rows of the joined q, k and v.
  [[nodiscard]] std::int64_t qkv_width() const { return query_width() + 2 * kv_width(); }
};

/// One decoder block, frozen. Norms are float, the bias is in the type of computation.
struct BlockWeights {
  at::Tensor attention_norm;   ///< [width]
  FrozenMatrix qkv;            ///< [qkv_width, width]: q, k, v one below the other
  at::Tensor qkv_bias;         ///< [qkv_width]; undefined where the family has none
  FrozenMatrix attention_out;  ///< [width, query_width]
  at::Tensor ffn_norm;         ///< [width]
  FrozenMatrix gate_up;        ///< [2 ffn_width, width]: gate, then up
  FrozenMatrix down;           ///< [width, ffn_width]
};

/// A base model in memory, frozen: the numbers of the GGUF file it will run on, dequantised, or those nearest to them
/// in int8.
struct BaseModel {
  ModelShape shape;
  FrozenMatrix embedding;  ///< [vocabulary, width]
  std::vector<BlockWeights> blocks;
  at::Tensor final_norm;    ///< [width], float
  FrozenMatrix head;        ///< [vocabulary, width]; the embedding where the file has no output.weight
  at::Tensor rope_factors;  ///< [head_width / 2] float, undefined where there are none: frequencies are divided by it

  [[nodiscard]] at::ScalarType type() const { return embedding.type(); }
  [[nodiscard]] at::Device device() const { return embedding.device(); }
};

/// Reads and checks the sizes. Errors: Format where one is missing or they do not fit together; Unsupported for other
/// families, mixtures of experts, and RoPE scalings that are not none, linear or by factors.
[[nodiscard]] ModelShape read_shape(const llm::GgufWeights& file);

/// Reads all weights, some rows of a tensor at a time: beside the model itself nothing large is held. `on_progress`
/// hears 0 ... 1. Errors: as read_shape; Format where a tensor has another shape than the sizes say, or, in int8, a
/// number that is not finite.
[[nodiscard]] BaseModel load_base(const llm::GgufWeights& file, const MatrixFormat& format,
                                  const std::function<void(double)>& on_progress = {});

}  // namespace gpiot::tune
