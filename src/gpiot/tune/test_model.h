#pragma once

#include <ATen/ATen.h>

#include <vector>

#include "gpiot/tune/adapters.h"
#include "gpiot/tune/base_model.h"
#include "gpiot/tune/batch.h"

namespace gpiot::tune::testing {

inline ModelShape tiny_shape(RopePairs pairs) {
  ModelShape shape;
  shape.architecture = pairs == RopePairs::halves ? "qwen2" : "llama";
  shape.layers = 2;
  shape.width = 24;
  shape.heads = 4;
  shape.kv_heads = 2;
  shape.head_width = 8;  // not width / heads, to find a mix-up
  shape.ffn_width = 40;
  shape.vocabulary = 50;
  shape.context = 1024;
  shape.rope_base = 100.0;
  shape.rope_pairs = pairs;
  shape.own_head = true;
  return shape;
}

/// Random weights; q, k, v have biases where the pairs are halves, as Qwen2. In int8 the buffer holds a few rows, so
/// that every product is taken in parts, and rows have several scales.
inline BaseModel tiny_model(RopePairs pairs, at::ScalarType type = at::kDouble,
                            BaseStorage storage = BaseStorage::same) {
  at::manual_seed(11);
  BaseModel model;
  model.shape = tiny_shape(pairs);
  const ModelShape& s = model.shape;
  MatrixFormat format{.type = type};
  if (storage == BaseStorage::int8) {
    format.buffer = at::empty({13 * s.ffn_width}, type);
    format.scale_columns = 16;
  }
  const auto random = [&](std::int64_t out, std::int64_t in, double scale) {
    FrozenMatrix matrix(out, in, format);
    matrix.set_rows(0, at::randn({out, in}, at::kDouble) * scale);
    return matrix;
  };
  const auto norm = [&] {
    return (at::rand({s.width}, at::kDouble) + 0.5).to(type == at::kDouble ? at::kDouble : at::kFloat);
  };
  model.embedding = random(s.vocabulary, s.width, 1.0);
  model.head = random(s.vocabulary, s.width, 0.3);
  model.final_norm = norm();
  for (std::int64_t i = 0; i < s.layers; ++i) {
    BlockWeights block;
    block.attention_norm = norm();
    block.qkv = random(s.qkv_width(), s.width, 0.3);
    if (pairs == RopePairs::halves) block.qkv_bias = (at::randn({s.qkv_width()}, at::kDouble) * 0.5).to(type);
    block.attention_out = random(s.width, s.query_width(), 0.2);
    block.ffn_norm = norm();
    block.gate_up = random(2 * s.ffn_width, s.width, 0.3);
    block.down = random(s.width, s.ffn_width, 0.2);
    model.blocks.push_back(block);
  }
  return model;
}

/// Two documents of each task with their answers; the last one has `longest` tokens.
inline std::vector<Example> tiny_examples(int longest = 21) {
  std::vector<Example> examples;
  std::uint32_t word = 7;
  for (int i = 0; i < 4; ++i) {
    Example example;
    example.task = i % 2 == 0 ? Task::tdd : Task::cgd;
    const int length = i == 3 ? longest : 9 + 4 * i;
    for (int k = 0; k < length; ++k) {
      word = word * 1664525U + 1013904223U;
      example.tokens.push_back(static_cast<std::int32_t>((word >> 16) % 50));
    }
    example.answer_start = static_cast<std::size_t>(length / 2);
    examples.push_back(example);
  }
  return examples;
}

inline std::vector<const Example*> pointers(const std::vector<Example>& examples) {
  std::vector<const Example*> out;
  for (const Example& example : examples) out.push_back(&example);
  return out;
}

/// Adapters whose B and `down` are not zero, so that every gradient shows.
inline Adapters tiny_adapters(const ModelShape& shape, const AdapterOptions& options,
                              at::ScalarType type = at::kDouble) {
  Adapters adapters(shape, options, 5, type, at::kCPU);
  at::manual_seed(3);
  adapters.values().add_(at::randn({adapters.values().numel()}, at::kDouble).to(type), 0.05);
  return adapters;
}

}  // namespace gpiot::tune::testing
