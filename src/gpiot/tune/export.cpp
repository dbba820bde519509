#include "gpiot/tune/export.h"

#include <fmt/format.h>

#include <algorithm>

#include "gpiot/base/error.h"
#include "gpiot/base/files.h"
#include "gpiot/base/json.h"
#include "gpiot/tune/safetensors.h"

namespace gpiot::tune {
namespace {

std::vector<float> numbers(const at::Tensor& matrix) {
  const at::Tensor plain = matrix.to(at::kCPU).to(at::kFloat).contiguous();
  const float* first = plain.const_data_ptr<float>();
  return {first, first + plain.numel()};
}

/// Rows [heads, pair, 2] of the GGUF file as [heads, 2, pair] of the original model.
at::Tensor original_rows(const at::Tensor& b, const ModelShape& shape) {
  const std::int64_t half = shape.head_width / 2;
  return b.view({b.size(0) / shape.head_width, half, 2, b.size(1)}).transpose(1, 2).reshape(b.sizes());
}

at::Tensor padded(const at::Tensor& matrix, std::int64_t dimension, std::int64_t size) {
  if (matrix.size(dimension) == size) return matrix;
  std::vector<std::int64_t> missing = matrix.sizes().vec();
  missing[static_cast<std::size_t>(dimension)] = size - matrix.size(dimension);
  return at::cat({matrix, at::zeros(missing, matrix.options())}, dimension);
}

}  // namespace

void write_peft(const std::filesystem::path& folder, const ModelShape& shape, const Adapters& adapters, Task role,
                const std::string& base_name) {
  (void)role_pairs(shape, adapters, role);  // refuses what cannot be exported
  SafeTensors content;
  std::int64_t rank = 0;
  base::Json modules = base::Json::array();
  for (std::int64_t layer = 0; layer < shape.layers; ++layer) {
    const TaskAdapter adapter = adapters.task_adapter(layer, role, at::kFloat);
    for (std::size_t t = 0; t < kTargets.size(); ++t) rank = std::max(rank, adapter.column[t + 1] - adapter.column[t]);
    for (std::size_t t = 0; t < kTargets.size(); ++t) {
      if (!adapter.b[t].defined()) continue;
      const std::string module = fmt::format("{}_proj", kTargets[t]);
      if (layer == 0) modules.push_back(module);
      const std::string name = fmt::format("base_model.model.model.layers.{}.self_attn.{}.lora_", layer, module);
      const bool turned = shape.rope_pairs == RopePairs::neighbours && kTargets[t] != 'v';
      const at::Tensor a = adapter.a.narrow(0, adapter.column[t], adapter.column[t + 1] - adapter.column[t]);
      const at::Tensor b = turned ? original_rows(adapter.b[t], shape) : adapter.b[t];
      content.tensors.emplace_back(name + "A.weight", padded(a, 0, rank));
      content.tensors.emplace_back(name + "B.weight", padded(b, 1, rank));
    }
  }
  content.facts = {{"format", "pt"}};
  write_safetensors(folder / "adapter_model.safetensors", std::move(content));
  const base::Json config = {{"peft_type", "LORA"}, {"task_type", "CAUSAL_LM"},  {"base_model_name_or_path", base_name},
                             {"r", rank},           {"lora_alpha", rank},        {"lora_dropout", 0.0},
                             {"bias", "none"},      {"target_modules", modules}, {"inference_mode", true}};
  base::write_file_atomic(folder / "adapter_config.json", base::dump_json(config, 1) + "\n", "tune.export");
}

std::vector<llm::LoraPair> role_pairs(const ModelShape& shape, const Adapters& adapters, Task role) {
  if (adapters.options().projection != Projection::off) {
    throw base::Error(base::ErrorCode::Unsupported, "tune.export",
                      fmt::format("projection layers in the mode '{}' cannot be exported as a LoRA of this base",
                                  adapters.options().projection == Projection::paired ? "paired" : "own"),
                      "tune with projection = \"off\"");
  }
  std::vector<llm::LoraPair> pairs;
  for (std::int64_t layer = 0; layer < shape.layers; ++layer) {
    const TaskAdapter adapter = adapters.task_adapter(layer, role, at::kFloat);
    for (std::size_t t = 0; t < kTargets.size(); ++t) {
      if (!adapter.b[t].defined()) continue;
      const std::int64_t rank = adapter.column[t + 1] - adapter.column[t];
      llm::LoraPair pair;
      pair.tensor = fmt::format("blk.{}.attn_{}.weight", layer, kTargets[t]);
      pair.in = shape.width;
      pair.out = adapter.b[t].size(0);
      pair.rank = rank;
      pair.a = numbers(adapter.a.narrow(0, adapter.column[t], rank));
      pair.b = numbers(adapter.b[t]);
      pairs.push_back(std::move(pair));
    }
  }
  return pairs;
}

}  // namespace gpiot::tune
