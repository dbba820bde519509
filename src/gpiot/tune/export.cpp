#include "gpiot/tune/export.h"

#include <fmt/format.h>

#include <algorithm>

#include "gpiot/base/error.h"
#include "gpiot/base/files.h"
#include "gpiot/base/json.h"
#include "gpiot/tune/safetensors.h"

namespace gpiot::tune {
namespace {

constexpr std::string_view kWhere = "tune.export";

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

void check_projection(const ModelShape& shape, const AdapterOptions& options) {
  if (options.projection == Projection::paired) {
    throw base::Error(base::ErrorCode::Unsupported, kWhere,
                      "projection layers in the mode 'paired' cannot be exported: no single pass serves them",
                      "tune with projection = \"own\" or \"off\"");
  }
  if (options.projection == Projection::off || shape.ffn_padding >= options.projection_width) return;
  throw base::Error(base::ErrorCode::Unsupported, kWhere,
                    fmt::format("the base has no room for projection layers: got {} columns of zeros in its FFN, "
                                "expected at least {}",
                                shape.ffn_padding, options.projection_width),
                    fmt::format("gpiot model derive BASE --widen={} writes one", options.projection_width));
}

/// B A for the matrix of this name.
llm::LoraPair pair(std::string tensor, const at::Tensor& a, const at::Tensor& b, bool half = false) {
  return {std::move(tensor), a.size(1), b.size(0), a.size(0), numbers(a), numbers(b), half};
}

/// The layer that the role reads through, in the last rows and columns of the padded FFN: they are zero in the base, so
/// that what the pairs put there is all that is computed there. In half float: they are far larger than the rest, and
/// all of an adapter is read for every token.
void add_projection(std::vector<llm::LoraPair>& pairs, const ModelShape& shape, const Adapters& adapters, Task role,
                    std::int64_t layer) {
  const std::int64_t width = adapters.options().projection_width;
  const ProjectionLayer own = adapters.projection(layer, role, at::kFloat);
  const at::Tensor place = at::zeros({shape.ffn_width, width});
  place.narrow(0, shape.ffn_width - width, width).copy_(at::eye(width));
  pairs.push_back(pair(fmt::format("blk.{}.ffn_gate.weight", layer), own.gate_up.narrow(0, 0, width), place, true));
  pairs.push_back(pair(fmt::format("blk.{}.ffn_up.weight", layer), own.gate_up.narrow(0, width, width), place, true));
  pairs.push_back(pair(fmt::format("blk.{}.ffn_down.weight", layer), place.t(),
                       own.down * adapters.options().projection_weight(role), true));
}

}  // namespace

void write_peft(const std::filesystem::path& folder, const ModelShape& shape, const Adapters& adapters, Task role,
                const std::string& base_name) {
  if (!has_peft_form(adapters)) {
    throw base::Error(base::ErrorCode::Unsupported, kWhere,
                      "projection layers have no form for PEFT: its base would have to be widened as well",
                      "take the GGUF file, or tune with projection = \"off\"");
  }
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
  base::write_file_atomic(folder / "adapter_config.json", base::dump_json(config, 1) + "\n", kWhere);
}

std::vector<llm::LoraPair> role_pairs(const ModelShape& shape, const Adapters& adapters, Task role) {
  check_projection(shape, adapters.options());
  std::vector<llm::LoraPair> pairs;
  for (std::int64_t layer = 0; layer < shape.layers; ++layer) {
    const TaskAdapter adapter = adapters.task_adapter(layer, role, at::kFloat);
    for (std::size_t t = 0; t < kTargets.size(); ++t) {
      if (!adapter.b[t].defined()) continue;
      const std::int64_t rank = adapter.column[t + 1] - adapter.column[t];
      pairs.push_back(pair(fmt::format("blk.{}.attn_{}.weight", layer, kTargets[t]),
                           adapter.a.narrow(0, adapter.column[t], rank), adapter.b[t]));
    }
    if (adapters.options().projection == Projection::own) add_projection(pairs, shape, adapters, role, layer);
  }
  return pairs;
}

bool has_peft_form(const Adapters& adapters) { return adapters.options().projection == Projection::off; }

}  // namespace gpiot::tune
