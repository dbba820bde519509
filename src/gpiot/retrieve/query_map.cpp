#include "gpiot/retrieve/query_map.h"

#include <fmt/format.h>

#include <cmath>

#include "gpiot/base/error.h"
#include "gpiot/weights/safetensors_reader.h"

namespace gpiot::retrieve {
namespace {

constexpr std::size_t kHashDigits = 16;

}  // namespace

QueryMap QueryMap::load(const std::filesystem::path& folder, const core::Embedder& embedder) {
  QueryMap map;
  const auto file = folder / (embedder.identity().sha256.substr(0, kHashDigits) + ".safetensors");
  std::error_code failure;
  if (folder.empty() || !std::filesystem::is_regular_file(file, failure)) return map;
  weights::SafeTensorsReader reader(file);
  const auto* down = reader.find("down");
  const auto* up = reader.find("up");
  const auto width = static_cast<std::uint64_t>(embedder.dimension());
  const bool fits = down != nullptr && up != nullptr && down->shape.size() == 2 && up->shape.size() == 2 &&
                    down->shape[0] == width && up->shape[1] == width && down->shape[1] == up->shape[0];
  if (!fits) {
    throw base::Error(base::ErrorCode::Format, "retrieve.query_map",
                      fmt::format("{} does not fit its encoder: expected down [{}, rank] and up [rank, {}]",
                                  file.filename().string(), width, width),
                      "get gpiot's files anew: git checkout knowledge/query_maps");
  }
  map.down_ = reader.floats(*down);
  map.up_ = reader.floats(*up);
  return map;
}

void QueryMap::apply(std::span<float> query) const {
  if (down_.empty()) return;
  const std::size_t width = query.size(), rank = down_.size() / width;
  std::vector<float> inner(rank), turned(query.begin(), query.end());
  for (std::size_t i = 0; i < width; ++i) {
    for (std::size_t k = 0; k < rank; ++k) inner[k] += query[i] * down_[i * rank + k];
  }
  for (std::size_t k = 0; k < rank; ++k) {
    for (std::size_t i = 0; i < width; ++i) turned[i] += inner[k] * up_[k * width + i];
  }
  float square = 0;
  for (const float x : turned) square += x * x;
  if (!(square > 0)) return;
  const float scale = 1 / std::sqrt(square);
  for (std::size_t i = 0; i < width; ++i) query[i] = turned[i] * scale;
}

}  // namespace gpiot::retrieve
