#include "gpiot/tune/export.h"

#include <fmt/format.h>

#include "gpiot/base/error.h"

namespace gpiot::tune {
namespace {

std::vector<float> numbers(const at::Tensor& matrix) {
  const at::Tensor plain = matrix.to(at::kCPU).to(at::kFloat).contiguous();
  const float* first = plain.const_data_ptr<float>();
  return {first, first + plain.numel()};
}

}  // namespace

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
